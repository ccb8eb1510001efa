"""What is sent of an order: parcels, which Saleor calls fulfilments."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from .event_times import bounded_time, first_time
from .ids import primary_key
from .lines import with_lines_of
from .order_events import THE_ORDER_ITSELF, known_buyer, order_event, telling
from .order_facts import tracking

_NOT_LEFT: Final = ("CANCELED", "WAITING_FOR_APPROVAL")
# Only the parcel says whether the buyer is to be told: the order's own webhook has no notifyCustomer.
_BEFORE_ALL_IS_SENT: Final = (*THE_ORDER_ITSELF, EventKind.ORDER_PARTIALLY_FULFILLED)


def parcel_sent(body: Payload, shop: Shop) -> Translation:
    """A part of an order was sent; the last part is told by the order itself (`order_fulfilled`)."""
    if skip := _why_not(body.required_object("fulfillment")):
        return Translation(skip=skip, buyer=known_buyer(body, shop))
    return _part(body, shop)


def _why_not(fulfillment: Payload) -> Skip | None:
    """Why nothing is kept of it: the same parcel may be sent later, and then be told."""
    kind, status = EventKind.ORDER_PARTIALLY_FULFILLED, fulfillment.text("status")
    if status == "WAITING_FOR_APPROVAL":
        return Skip(code=ReasonCode.NOT_APPROVED, reason=worded("The fulfillment is waiting for approval."), kind=kind)
    if status == "CANCELED":
        return Skip(code=ReasonCode.NO_EVENT, reason=worded("The parcel was canceled before this could be sent."), kind=kind)
    return None


def _part_sent(body: Payload, shop: Shop) -> StoreEvent:
    order, fulfillment = body.required_object("order"), body.required_object("fulfillment")
    id = primary_key(fulfillment.required_text("id"))
    of_the_parcel = Payload({**body.fields, "order": with_lines_of(order, fulfillment).fields}, body.path)
    event = order_event(
        of_the_parcel,
        shop,
        EventKind.ORDER_PARTIALLY_FULFILLED,
        happened_at=_sent_at(body, fulfillment),
        version=id,
        parcel=id,
        no_letter=_no_letter(body, order),
    )
    return replace(event, facts=replace(event.facts, tracking=tracking([fulfillment])))


def _sent_at(body: Payload, fulfillment: Payload) -> datetime:
    """A parcel that waited for approval leaves when it is approved, and both bodies are built at once."""
    order, created, told = body.required_object("order"), fulfillment.when("created"), body.when("issuedAt")
    is_approved = body.text("__typename") == "FulfillmentApproved"
    times = (told, created) if is_approved else (created, told)
    return first_time(body, *times, order.when("updatedAt"), order.when("created"))


def _no_letter(body: Payload, order: Payload) -> ReasonCode | None:
    if body.fields.get("notifyCustomer") is False:
        return ReasonCode.NOT_NOTIFIED
    return ReasonCode.TOLD_ELSEWHERE if order.text("status") == "FULFILLED" else None


def _all_sent(body: Payload, shop: Shop) -> StoreEvent:
    """Cancelled and sent again is a second happening, so the parcel that completed the order is its version."""
    order = body.required_object("order")
    parcels = _sent_parcels(order)
    last = parcels[0] if parcels else Payload({}, order.path)
    id = primary_key(last.text("id"))
    happened_at = bounded_time(body, last.when("created"), order.when("updatedAt"), order.when("created"))
    event = order_event(
        body, shop, EventKind.ORDER_FULFILLED, happened_at=happened_at, version=id, parcel=id, awaits=_BEFORE_ALL_IS_SENT
    )
    return replace(event, facts=replace(event.facts, tracking=tracking(parcels)))


def _sent_parcels(order: Payload) -> list[Payload]:
    """Those that left, the newest first. A return makes a fulfilment of its own, newer and in another state."""
    parcels = [each for each in order.objects("fulfillments") if each.text("status") not in _NOT_LEFT]
    left = [each for each in parcels if each.text("status") in ("FULFILLED", "")] or parcels
    return sorted(left, key=_age, reverse=True)


def _age(fulfillment: Payload) -> tuple[datetime, int]:
    number = Payload({"id": primary_key(fulfillment.text("id"))}, fulfillment.path).whole("id")
    return fulfillment.when("created") or datetime.min.replace(tzinfo=UTC), number or 0


_part = telling(EventKind.ORDER_PARTIALLY_FULFILLED, _part_sent)
order_fulfilled = telling(EventKind.ORDER_FULFILLED, _all_sent)
