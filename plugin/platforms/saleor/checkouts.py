"""Checkouts: Saleor's carts."""

from plugin.domain.basket import Basket
from plugin.domain.delivery import Skip
from plugin.domain.event import LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from .consent import with_candidates
from .event_times import happened_at, partial
from .ids import primary_key
from .lines import gross, products
from .orders import checkout_key
from .people import contact, country, locale


def checkout_started(body: Payload, shop: Shop) -> Translation:
    """Somebody began a checkout; a guest has no e-mail yet."""
    return _translated(body, shop, EventKind.CHECKOUT_STARTED)


def cart_updated(body: Payload, shop: Shop) -> Translation:
    """A line, an address, the e-mail or the language changed."""
    return _translated(body, shop, EventKind.CART_UPDATED)


def _translated(body: Payload, shop: Shop, kind: EventKind) -> Translation:
    # Saleor builds the body a moment later; by then a fast buyer's checkout is gone, and null stands here.
    if "checkout" in body.fields and body.fields["checkout"] is None:
        return Translation(
            skip=Skip(
                code=ReasonCode.CHECKOUT_CLOSED, reason=worded("The checkout was already completed or deleted."), kind=kind
            )
        )
    checkout = body.required_object("checkout")
    return Translation(events=(_event(body, checkout, shop, kind),))


def _event(body: Payload, checkout: Payload, shop: Shop, kind: EventKind) -> StoreEvent:
    user, billing, shipping = (checkout.object(name) for name in ("user", "billingAddress", "shippingAddress"))
    languages = (
        (checkout.text("languageCode"), LocaleOrigin.CHECKOUT),
        (user.text("languageCode"), LocaleOrigin.CUSTOMER),
    )
    changed_at = checkout.text("updatedAt") or body.text("issuedAt")
    return StoreEvent(
        kind=kind,
        object_id=primary_key(checkout.required_text("id")),
        version=changed_at if kind is EventKind.CART_UPDATED else "",
        happened_at=happened_at(body, checkout),
        contact=with_candidates(contact(checkout.text("email"), user, billing, shipping), checkout, user),
        basket=_basket(checkout, shop, country(shipping, billing)),
        locale=locale(languages, shop),
        partial=partial(body),
    )


def _basket(checkout: Payload, shop: Shop, country: str) -> Basket:
    channel = checkout.object("channel")
    return Basket(
        keys=(checkout_key(checkout.required_text("id")),),
        products=products(checkout, shop),
        total=gross(checkout.object("totalPrice"), channel.text("currencyCode")),
        channel=channel.text("slug"),
        country=country,
    )
