"""Saleor's events in our words: a table of topics."""

from collections.abc import Mapping

from plugin.domain.delivery import Skip
from plugin.domain.errors import Unreadable
from plugin.domain.kinds import EventKind
from plugin.domain.notice import ShopLeft, Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import Sentence, worded

from .checkouts import cart_updated, checkout_started
from .customers import customer_created, customer_updated, deleted
from .order_events import Translator
from .orders import order_cancelled, order_changed, order_paid, order_placed, order_refunded
from .parcels import order_fulfilled, parcel_sent
from .verify import event_topic


def app_deleted(body: Payload, _shop: Shop) -> Translation:
    """The merchant removed this app; an app with more rights than we ask for hears of others too."""
    deleted, recipient = body.object("app").text("id"), body.object("recipient").text("id")
    if deleted and recipient and deleted != recipient:
        return Translation(skip=Skip(code=ReasonCode.OTHER_APP, reason=worded("Another app of your store was removed.")))
    return Translation(notices=(ShopLeft(),))


def _skipped(reason: Sentence) -> Translator:
    return lambda _body, _shop: Translation(skip=Skip(code=ReasonCode.NO_EVENT, reason=reason))


#: What we subscribe to.
TRANSLATORS: Mapping[str, Translator] = {
    "order_created": order_placed,
    "order_fully_paid": order_paid,
    "order_fulfilled": order_fulfilled,
    "order_cancelled": order_cancelled,
    "order_refunded": order_refunded,
    "order_fully_refunded": order_refunded,
    "order_updated": order_changed,
    "fulfillment_created": parcel_sent,
    "fulfillment_approved": parcel_sent,
    "checkout_created": checkout_started,
    "checkout_updated": cart_updated,
    "customer_created": customer_created,
    "customer_updated": customer_updated,
    "account_deleted": deleted,
    "customer_deleted": deleted,
    "app_deleted": app_deleted,
}

#: The kinds of events these make.
KINDS = frozenset(
    {
        EventKind.ORDER_CREATED,
        EventKind.ORDER_PAID,
        EventKind.ORDER_PARTIALLY_FULFILLED,
        EventKind.ORDER_FULFILLED,
        EventKind.ORDER_CANCELLED,
        EventKind.ORDER_REFUNDED,
        EventKind.CHECKOUT_STARTED,
        EventKind.CART_UPDATED,
        EventKind.CUSTOMER_CREATED,
        EventKind.CUSTOMER_UPDATED,
    }
)

#: What a webhook made by hand may bring, and why nothing becomes of it.
SKIPPED: Mapping[str, Sentence] = {
    "order_bulk_created": worded("This order was imported: nobody bought it today."),
    "order_confirmed": worded("The order was sent when it was placed. Saleor may confirm it twice."),
    "order_paid": worded("Only part of the order is paid. An event follows when it is paid in full."),
    "order_expired": worded("An unconfirmed order expired: nobody canceled it."),
    "draft_order_created": worded("This is a draft by your staff, not a customer's order yet."),
    "draft_order_updated": worded("This is a draft by your staff, not a customer's order yet."),
    "fulfillment_canceled": worded("A shipment was canceled; SendPulse has no event for it."),
    "checkout_fully_authorized": worded("The payment of a checkout is sent when it becomes an order."),
    "checkout_fully_paid": worded("The payment of a checkout is sent when it becomes an order."),
}

_TABLE: Mapping[str, Translator] = {**TRANSLATORS, **{topic: _skipped(reason) for topic, reason in SKIPPED.items()}}
TOPICS = frozenset(_TABLE)


def translate(topic: str, body: Payload, shop: Shop) -> Translation:
    """What a delivery means; raises `Unreadable`, also when the signed body does not name its event."""
    typename = body.required_text("__typename")
    if event_topic(typename) != topic:
        raise Unreadable(f"{body.path}.__typename: expected the type of {topic}, found another")
    translator = _TABLE.get(topic)
    return translator(body, shop) if translator else _skipped(worded("This app does not use this event."))(body, shop)
