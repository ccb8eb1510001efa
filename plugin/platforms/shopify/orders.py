"""orders/* and fulfillments/create: what happens to an order."""

from dataclasses import replace
from datetime import datetime

from plugin.domain.basket import Basket
from plugin.domain.carts import Purchase
from plugin.domain.delivery import Skip
from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from . import event_times, fulfillments, locale, order_baskets, order_facts, people, wants
from .event_times import happened


def created(order: Payload, shop: Shop) -> Translation:
    """What was ordered, when it was sold: also when this comes late, after edits."""
    moment = happened(order, "processed_at", "created_at", "updated_at")
    event = _event(EventKind.ORDER_CREATED, order, shop, order_baskets.as_ordered(order), moment)
    told = replace(event, placed_at=_placed_at(order), no_letter=_no_letter(order), facts=order_facts.as_ordered(order))
    return _told(told)


def paid(order: Payload, shop: Shop) -> Translation:
    event = _event(EventKind.ORDER_PAID, order, shop, order_baskets.present(order), event_times.paid(order))
    return _told(in_its_order(replace(event, facts=order_facts.present(order)), order))


def partially_fulfilled(order: Payload, shop: Shop) -> Translation:
    """One event for each parcel: the newest one tells them apart, the body's time when it lists none."""
    parcel = fulfillments.newest(order)
    event = _event(EventKind.ORDER_PARTIALLY_FULFILLED, order, shop, order_baskets.parcel(order), _sent_at(order, parcel))
    version, facts = parcel.text("id") or order.text("updated_at"), order_facts.parcel(order)
    return _told(in_its_order(replace(event, version=version, parcel=parcel.text("id"), facts=facts), order))


def fulfilled(order: Payload, shop: Shop) -> Translation:
    """Once for each parcel that completed it: one may be cancelled, and another sent in its place."""
    parcel = fulfillments.newest(order)
    event = _event(EventKind.ORDER_FULFILLED, order, shop, order_baskets.present(order), _sent_at(order, parcel))
    told = replace(event, version=parcel.text("id"), parcel=parcel.text("id"), facts=order_facts.fulfilled(order))
    return _told(in_its_order(told, order))


def cancelled(order: Payload, shop: Shop) -> Translation:
    moment = happened(order, "cancelled_at", "updated_at", "created_at")
    basket = order_baskets.cancelled(order)
    event = _event(EventKind.ORDER_CANCELLED, order, shop, basket, moment)
    return _told(in_its_order(replace(event, facts=order_facts.cancelled(order, basket)), order))


def updated(order: Payload, shop: Shop) -> Translation:
    """No event: this comes with every tag, note and risk. But it proves that the basket was bought, and often by whom."""
    order_id, contact, said = order.required_text("id"), people.of_order(order), locale.of_order(order, shop)
    bought = (_purchase(order),)
    if contact is None:
        return Translation(bought=bought)
    products = order_baskets.present(order).products
    wanted = wants.for_order(contact, products, said, people.customer_id(order))
    buyer = Buyer(order_id=order_id, contact=contact, person=people.names_of_order(order), locale=said, wants=wanted)
    return Translation(bought=bought, buyer=buyer)


def fulfillment_created(fulfillment: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    reason = worded("This shipment is sent with the order's own webhook, which also knows the buyer's language.")
    return Translation(skip=Skip(code=ReasonCode.TOLD_ELSEWHERE, reason=reason))


def in_its_order(event: StoreEvent, order: Payload) -> StoreEvent:
    """A later event of this order: younger than its sale, told after it, and no letter when the sale was long ago."""
    sold = event_times.sale(order)
    dated = event.after(sold) if sold else event
    reason = event.no_letter or _no_letter(order)
    return replace(dated, placed_at=_placed_at(order), no_letter=reason, awaits=event.awaits or (EventKind.ORDER_CREATED,))


def _event(kind: EventKind, order: Payload, shop: Shop, basket: Basket, moment: datetime) -> StoreEvent:
    contact, said = people.of_order(order), locale.of_order(order, shop)
    return StoreEvent(
        kind=kind,
        object_id=order.required_text("id"),
        happened_at=moment,
        contact=contact,
        basket=basket,
        locale=said,
        is_test=order.truth("test"),
        wants=wants.for_order(contact, basket.products, said, people.customer_id(order)),
        person=people.names_of_order(order),
    )


def _told(event: StoreEvent) -> Translation:
    """The event, and its buyer for those of the same order that were told before without one."""
    if event.contact is None:
        return Translation(events=(event,))
    buyer = Buyer(order_id=event.object_id, contact=event.contact, person=event.person, locale=event.locale, wants=event.wants)
    return Translation(events=(event,), buyer=buyer)


def _purchase(order: Payload) -> Purchase:
    """An order of long ago that was brought in now settles nothing but its own basket."""
    people_named = () if _no_letter(order) else people.names_of_order(order)
    return Purchase(keys=order_baskets.keys(order), people=people_named, placed_at=_placed_at(order))


def _placed_at(order: Payload) -> datetime | None:
    """When it came into the store."""
    return order.when("created_at") or order.when("processed_at")


def _no_letter(order: Payload) -> ReasonCode | None:
    return ReasonCode.IMPORTED if event_times.is_imported(order) else None


def _sent_at(order: Payload, parcel: Payload) -> datetime:
    return parcel.when("created_at") or happened(order, "updated_at", "closed_at", "created_at")
