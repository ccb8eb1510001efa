"""checkouts/* and carts/*: what may become an order."""

from datetime import UTC

from plugin.domain.basket import Basket
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import BasketEnded, Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from . import lines, locale, people, wants
from .event_times import happened
from .orders import keys


def checkout_created(checkout: Payload, shop: Shop) -> Translation:
    return _checkout(EventKind.CHECKOUT_STARTED, checkout, shop)


def checkout_updated(checkout: Payload, shop: Shop) -> Translation:
    return _checkout(EventKind.CART_UPDATED, checkout, shop)


def checkout_deleted(checkout: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    """Shopify's own sample of this carries a cart_token and no token."""
    names = _checkout_keys(checkout) or (checkout.required_text("token"),)
    return Translation(notices=(BasketEnded(keys=names, reason="the checkout was deleted"),))


def cart_updated(cart: Payload, shop: Shop) -> Translation:
    """Carts say nothing of their buyer; they only keep the checkout's clock going."""
    token = cart.text("token") or cart.required_text("id")
    basket = Basket(keys=keys(cart=token), products=lines.products(cart.objects("line_items"), shop.currency))
    event = StoreEvent(
        kind=EventKind.CART_UPDATED,
        object_id=token,
        version=_version(cart),
        happened_at=happened(cart, "updated_at", "created_at"),
        contact=None,
        basket=basket,
        locale=locale.of_shop(shop),
    )
    return Translation(events=(event,))


def _checkout(kind: EventKind, checkout: Payload, shop: Shop) -> Translation:
    token = checkout.required_text("token")
    if checkout.text("completed_at"):
        return _completed(kind, checkout)
    contact, basket, said = people.of_checkout(checkout), _basket(checkout), locale.of_checkout(checkout, shop)
    names = ("created_at", "updated_at") if kind is EventKind.CHECKOUT_STARTED else ("updated_at", "created_at")
    event = StoreEvent(
        kind=kind,
        object_id=token,
        version="" if kind is EventKind.CHECKOUT_STARTED else _version(checkout),
        happened_at=happened(checkout, *names),
        contact=contact,
        basket=basket,
        locale=said,
        wants=wants.for_basket(contact, basket.products, said, people.customer_id(checkout)),
    )
    return Translation(events=(event,))


def _completed(kind: EventKind, checkout: Payload) -> Translation:
    return Translation(
        notices=(BasketEnded(keys=_checkout_keys(checkout), reason="an order was made of it"),),
        skip=Skip(
            code=ReasonCode.CHECKOUT_CLOSED, reason=worded("The checkout is complete: its order tells the rest."), kind=kind
        ),
    )


def _basket(checkout: Payload) -> Basket:
    plain_currency = lines.currency_of_checkout(checkout)
    return Basket(
        keys=_checkout_keys(checkout),
        products=lines.products(checkout.objects("line_items"), plain_currency),
        total=lines.money(checkout, "total_price", plain_currency),
        cart_link=lines.link(checkout.text("abandoned_checkout_url")),
        channel=checkout.text("source_name"),
        country=people.basket_country(checkout),
    )


def _checkout_keys(checkout: Payload) -> tuple[str, ...]:
    return keys(checkout=checkout.text("token"), cart=checkout.text("cart_token"))


def _version(body: Payload) -> str:
    """The moment in one spelling: Shopify writes the same one with different offsets."""
    return happened(body, "updated_at", "created_at").astimezone(UTC).isoformat()
