"""Adding to an event what only the Admin API knows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from plugin.domain.basket import Basket
from plugin.domain.consent import with_person
from plugin.domain.errors import TryAgain
from plugin.domain.event import LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.payload import Payload
from plugin.domain.wording import worded
from plugin.ports import LookupContext

from . import consent, history, locale, order_baskets, order_facts, orders, people, wants
from .api import Ask
from .carrier_events import with_parcel
from .lookups import EventLookups, Lookups
from .own_hosts import learn_from_event
from .products import with_products
from .webhook_shape import like_a_webhook

NO_ACCESS: Final = worded(
    "This app has no access to your store's data. Open the app once in the Shopify admin, or give the store an access token."
)


def complete(
    event: StoreEvent, place: LookupContext, way: Callable[[LookupContext], Ask | None], lookups: Lookups
) -> StoreEvent:
    """The event with all that could be found; raises `TryAgain`. Asks nothing when nothing is missing."""
    learn_from_event(event, place)
    needed = _needed(event, place)
    if not needed:
        return event
    if place.is_last_try:
        return _as_remembered(event, place, lookups)
    ask = way(place)
    if ask is None:
        return replace(event, partial=NO_ACCESS)
    asked = lookups.of_event(place, ask)
    known, refusals = replace(event, partial=""), list[str]()
    for word, number in needed.items():
        try:
            known, refusal = STEPS[word](known, number, place, asked)
        except TryAgain as error:
            if event.contact or not known.contact:
                raise
            refusal = str(error)  # whose refund it is was found out: that must not be lost for want of a picture
        refusals += [refusal] if refusal else []
    for refusal in refusals:
        known = known.lacking(refusal)
    return replace(known, wants=event.wants if refusals else wants.lasting(event.wants))


def _as_remembered(event: StoreEvent, place: LookupContext, lookups: Lookups) -> StoreEvent:
    """The event with its products, where all that is to be said of them is known."""
    try:
        return with_products(event, place, lookups.of_event(place, None))[0]
    except TryAgain:
        return event


def _needed(event: StoreEvent, place: LookupContext) -> Mapping[str, str]:
    """What must be asked now, each with its id."""
    words = dict(wants.read(event.wants))
    # Asked for their locale, a customer tells their orders and their consent, too.
    is_asked = wants.CUSTOMER in words
    for word, is_wanted in ((wants.HISTORY, history.is_asked_for), (wants.CONSENT, consent.is_asked_for)):
        number = words.pop(word, "")
        if number and not is_asked and is_wanted(event, number, place):
            words[word], is_asked = number, True
    return words


def _with_order(event: StoreEvent, number: str, place: LookupContext, lookups: EventLookups) -> tuple[StoreEvent, str]:
    """A refund, or a carrier's word, with its order's buyer, language, names and, when it gives no lines itself, lines."""
    answer = lookups.order(number, is_fresh=consent.decides(event, place))
    found = answer.data.object("order")
    if not found:
        return event, answer.refusal or worded("Shopify no longer has this order.")
    order, is_refund = like_a_webhook(found), event.kind is EventKind.ORDER_REFUNDED
    known = replace(
        event,
        contact=people.of_order(order),
        person=people.names_of_order(order),
        locale=locale.first(
            (order.text("customer_locale"), LocaleOrigin.ORDER),
            (order.object("customer").text("locale"), LocaleOrigin.CUSTOMER),
            (place.shop.locale, LocaleOrigin.SHOP),
        ),
        is_test=event.is_test or order.truth("test"),
        basket=_refunded(event.basket, order, number) if is_refund else _whole(order, number),
        facts=replace(order_facts.present(order), refund_reason=event.facts.refund_reason),
    )
    return history.with_history(orders.in_its_order(known, order), order.object("customer"), place), answer.refusal


def _whole(order: Payload, order_id: str) -> Basket:
    """What is left of the order."""
    basket = order_baskets.present(order)
    return replace(basket, keys=(*basket.keys, *order_baskets.named(order=order_id)), order_id=order_id)


def _refunded(refunded: Basket | None, order: Payload, order_id: str) -> Basket:
    """The order's names and links with the refund's lines and money; the order's own lines when the refund has none."""
    ordered = _whole(order, order_id)
    bundles = {(line.id, line.variant_id, line.name): line.bundle for line in ordered.products}
    products = (refunded.products if refunded else ()) or ordered.products
    named = [replace(line, bundle=line.bundle or bundles.get((line.id, line.variant_id, line.name), "")) for line in products]
    return replace(
        ordered,
        products=tuple(named),
        total=refunded.total if refunded else None,
        order_total=order_baskets.bought_total(order),
    )


def _with_parcel(event: StoreEvent, number: str, place: LookupContext, lookups: EventLookups) -> tuple[StoreEvent, str]:  # noqa: ARG001
    """Of an order that cannot be read the parcel says nothing to anybody."""
    answer = lookups.parcel(number) if event.contact else None
    return (event, "") if answer is None else (with_parcel(event, answer.data.object("fulfillment")), answer.refusal)


def _with_customer(event: StoreEvent, number: str, place: LookupContext, lookups: EventLookups) -> tuple[StoreEvent, str]:
    """The customer's locale where the webhook had none, how they stand with marketing, and what they ordered before."""
    told = lookups.customer(number, of=event.object_id, is_fresh=consent.is_asked_for(event, number, place))
    customer = told.body
    said = locale.first((customer.text("locale"), LocaleOrigin.CUSTOMER))
    if said.is_readable and not event.locale.is_buyers:
        event = replace(event, locale=said)
    if event.contact:
        event = replace(event, contact=with_person(event.contact, consent.person(customer, event.contact.channel)))
    return history.with_history(event, customer, place), told.refusal


def _with_products(event: StoreEvent, number: str, place: LookupContext, lookups: EventLookups) -> tuple[StoreEvent, str]:  # noqa: ARG001
    return with_products(event, place, lookups)


Step = Callable[[StoreEvent, str, LookupContext, EventLookups], tuple[StoreEvent, str]]
STEPS: Final[dict[str, Step]] = {
    wants.ORDER: _with_order,
    wants.PARCEL: _with_parcel,
    wants.CUSTOMER: _with_customer,
    wants.HISTORY: _with_customer,
    wants.CONSENT: _with_customer,
    wants.PRODUCTS: _with_products,
}
