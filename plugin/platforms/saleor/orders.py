"""Orders: placed, paid, cancelled, paid back, changed."""

from dataclasses import replace

from plugin.domain.basket import amount
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from .event_times import bounded_time, first_time, money_moved_at
from .ids import checkout_key
from .lines import money
from .order_events import draft, known_buyer, order_event, purchase, telling
from .order_facts import refund_reason


def _placed(body: Payload, shop: Shop) -> StoreEvent:
    order = body.required_object("order")
    happened_at = first_time(body, order.when("created"), order.when("updatedAt"))
    return order_event(body, shop, EventKind.ORDER_CREATED, happened_at=happened_at, awaits=())


def _paid(body: Payload, shop: Shop) -> StoreEvent:
    order = body.required_object("order")
    charged_at = money_moved_at(order, "CHARGE_SUCCESS")
    happened_at = bounded_time(body, charged_at, order.when("updatedAt"), order.when("created"))
    return order_event(body, shop, EventKind.ORDER_PAID, happened_at=happened_at)


def _cancelled(body: Payload, shop: Shop) -> StoreEvent:
    order = body.required_object("order")
    happened_at = bounded_time(body, order.when("updatedAt"), order.when("created"))
    return order_event(body, shop, EventKind.ORDER_CANCELLED, happened_at=happened_at)


def _refunded(body: Payload, shop: Shop) -> StoreEvent:
    """Saleor says what went back in all, never by which refund; two close together say the same sum."""
    order = body.required_object("order")
    refunded = money(order.object("totalRefunded"), order.object("channel").text("currencyCode"))
    built_at = body.when("issuedAt") or order.when("updatedAt") or order.when("created")
    event = order_event(
        body,
        shop,
        EventKind.ORDER_REFUNDED,
        happened_at=bounded_time(body, money_moved_at(order, "REFUND_SUCCESS"), built_at),
        version=body.text("issuedAt") or (f"{refunded.amount.normalize():f}" if refunded else ""),
        no_letter=None if amount(refunded) > 0 else ReasonCode.NO_MONEY_MOVED,
    )
    event = replace(event, facts=replace(event.facts, refund_reason=refund_reason(order)))
    if not event.basket:
        return event
    return replace(event, basket=replace(event.basket, total=None, order_total=event.basket.total, refunded=refunded))


order_placed = telling(EventKind.ORDER_CREATED, _placed)
order_paid = telling(EventKind.ORDER_PAID, _paid)
order_cancelled = telling(EventKind.ORDER_CANCELLED, _cancelled)
order_refunded = telling(EventKind.ORDER_REFUNDED, _refunded)


def order_changed(body: Payload, shop: Shop) -> Translation:
    """Nothing to send; but a checkout that became an order is no cart any more, and its buyer may be known only now."""
    order = body.required_object("order")
    if skip := draft(order, None):
        return Translation(skip=skip)
    checkout_id, buyer = order.text("checkoutId"), known_buyer(body, shop)
    if not checkout_id:
        reason = worded("The order changed, but no checkout belongs to it.")
        return Translation(skip=Skip(code=ReasonCode.NO_CHECKOUT, reason=reason), buyer=buyer)
    return Translation(bought=(purchase(order, (checkout_key(checkout_id),)),), buyer=buyer)
