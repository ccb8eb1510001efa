"""checkouts/* and carts/*: what may become an order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from plugin.domain.basket import Basket
from plugin.domain.carts import Purchase
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import BasketEnded, Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from . import addresses, basket_lines, lines, locale, order_facts, people, wants
from .event_times import happened
from .order_baskets import named

NO_CONTACT: Final = "no-contact"  #: versions of starts that say nothing, and leave the key to the one that does
EMPTY: Final = "empty"


def checkout_created(checkout: Payload, shop: Shop) -> Translation:
    """A start, though it may have nobody to write to yet: checkouts/update tells the rest."""
    if checkout.text("completed_at"):
        return _completed(EventKind.CHECKOUT_STARTED, checkout)
    started = _started(checkout, shop, happened(checkout, "created_at", "updated_at"))
    version = EMPTY if not started.products else "" if started.contact else NO_CONTACT
    return Translation(events=(replace(started, version=version),))


def checkout_updated(checkout: Payload, shop: Shop) -> Translation:
    """A change, and a start as well where this is the first body with an address: whether it is, the start's key knows."""
    if checkout.text("completed_at"):
        return _completed(EventKind.CART_UPDATED, checkout)
    moment = happened(checkout, "updated_at", "created_at")
    started = _started(checkout, shop, moment)
    later = moment + timedelta(microseconds=1)
    changed = replace(started, kind=EventKind.CART_UPDATED, version=_version(checkout), happened_at=later)
    says_something = started.contact and started.products
    return Translation(events=(started, changed) if says_something else (changed,))


def checkout_deleted(checkout: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    """Shopify's own sample of this carries a cart_token and no token; else the cart may have another checkout by now."""
    names = _checkout_keys(checkout)[:1] or (checkout.required_text("token"),)
    return Translation(notices=(BasketEnded(keys=names),))


def cart_updated(cart: Payload, shop: Shop) -> Translation:
    """Carts say nothing of their buyer; they only keep the checkout's clock going."""
    token = cart.text("token") or cart.required_text("id")
    products = basket_lines.products(basket_lines.whole(cart.objects("line_items")), shop.currency)
    event = StoreEvent(
        kind=EventKind.CART_UPDATED,
        object_id=token,
        version=_version(cart),
        happened_at=happened(cart, "updated_at", "created_at"),
        contact=None,
        basket=Basket(keys=named(cart=token), products=products),
        locale=locale.of_shop(shop),
        begun_at=cart.when("created_at"),
        no_letter=None if products else ReasonCode.EMPTIED,
    )
    return Translation(events=(event,))


def _started(checkout: Payload, shop: Shop, moment: datetime) -> StoreEvent:
    token, basket = checkout.required_text("token"), _basket(checkout)
    contact, said, reason = people.of_checkout(checkout), locale.of_checkout(checkout, shop), _no_letter(checkout, basket)
    return StoreEvent(
        kind=EventKind.CHECKOUT_STARTED,
        object_id=token,
        happened_at=moment,
        contact=contact,
        basket=basket,
        locale=said,
        wants="" if reason else wants.for_basket(contact, basket.products, said, people.customer_id(checkout)),
        person=people.names_of_checkout(checkout),
        begun_at=checkout.when("created_at"),
        no_letter=reason,
        facts=order_facts.of_checkout(checkout),
    )


def _no_letter(checkout: Payload, basket: Basket) -> ReasonCode | None:
    """A cart put aside at the till is no abandoned one: nobody was shopping online, and no page leads back to it."""
    is_of_a_place = bool(checkout.text("location_id")) and not basket.cart_link
    if is_of_a_place or checkout.text("source_name") == addresses.TILL:
        return ReasonCode.POINT_OF_SALE
    return None if basket.products else ReasonCode.EMPTIED


def _completed(kind: EventKind, checkout: Payload) -> Translation:
    bought = Purchase(
        keys=_checkout_keys(checkout), people=people.names_of_checkout(checkout), placed_at=checkout.when("completed_at")
    )
    return Translation(
        bought=(bought,),
        skip=Skip(
            code=ReasonCode.CHECKOUT_CLOSED, reason=worded("The checkout is complete: its order is sent instead."), kind=kind
        ),
    )


def _basket(checkout: Payload) -> Basket:
    plain_currency = lines.currency_of_checkout(checkout)
    return Basket(
        keys=_checkout_keys(checkout),
        products=basket_lines.products(basket_lines.whole(checkout.objects("line_items")), plain_currency),
        total=lines.money(checkout, "total_price", plain_currency),
        cart_link=lines.link(checkout.text("abandoned_checkout_url")),
        channel=checkout.text("source_name"),
        country=people.basket_country(checkout),
    )


def _checkout_keys(checkout: Payload) -> tuple[str, ...]:
    return named(checkout=checkout.text("token"), cart=checkout.text("cart_token"))


def _version(body: Payload) -> str:
    """The moment in one spelling: Shopify writes the same one with different offsets."""
    return happened(body, "updated_at", "created_at").astimezone(UTC).isoformat()
