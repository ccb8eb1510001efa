"""Orders and what is sent of them."""

from collections.abc import Callable

from plugin.domain.basket import Basket
from plugin.domain.delivery import Skip
from plugin.domain.event import LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import BasketEnded, Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from .consent import with_candidates
from .event_times import happened_at, partial
from .ids import primary_key
from .lines import gross, money, products
from .people import contact, country, locale

Translator = Callable[[Payload, Shop], Translation]


def order_placed(body: Payload, shop: Shop) -> Translation:
    """A new order; one that was imported is nobody's purchase of today."""
    if body.object("order").text("origin") == "BULK_CREATE":
        return Translation(
            skip=Skip(code=ReasonCode.IMPORTED, reason=worded("The order was imported."), kind=EventKind.ORDER_CREATED)
        )
    return Translation(events=(_event(body, shop, EventKind.ORDER_CREATED),))


def order_became(kind: EventKind) -> Translator:
    """Something that happens to an order once."""
    return lambda body, shop: Translation(events=(_event(body, shop, kind),))


def order_refunded(body: Payload, shop: Shop) -> Translation:
    """Money went back. The last refund comes twice, as refunded and as fully refunded: the sum given back tells them as one."""
    refunded = money(body.required_object("order").object("totalRefunded"), "")
    version = f"{refunded.amount.normalize():f}" if refunded and refunded.amount else body.text("issuedAt")
    return Translation(events=(_event(body, shop, EventKind.ORDER_REFUNDED, version=version),))


def order_changed(body: Payload, _shop: Shop) -> Translation:
    """Nothing to send, but a checkout that became an order is no cart any more."""
    checkout_id = body.required_object("order").text("checkoutId")
    if not checkout_id:
        return Translation(
            skip=Skip(code=ReasonCode.NO_CHECKOUT, reason=worded("The order changed, and no checkout stands behind it."))
        )
    return Translation(notices=(BasketEnded(keys=(checkout_key(checkout_id),), reason="the checkout became an order"),))


def parcel_sent(body: Payload, shop: Shop) -> Translation:
    """A part of an order was sent; the last part is told by the order itself (`order_fulfilled`)."""
    kind = EventKind.ORDER_PARTIALLY_FULFILLED
    fulfillment = body.required_object("fulfillment")
    if skip := _why_not(body, fulfillment, kind):
        return Translation(skip=skip)
    version = primary_key(fulfillment.required_text("id"))
    return Translation(events=(_event(body, shop, kind, version=version),))


def _why_not(body: Payload, fulfillment: Payload, kind: EventKind) -> Skip | None:
    if body.fields.get("notifyCustomer") is False:
        reason = worded("Whoever sent it chose not to notify the customer.")
        return Skip(code=ReasonCode.NOT_NOTIFIED, reason=reason, kind=kind)
    if fulfillment.text("status") == "WAITING_FOR_APPROVAL":
        return Skip(code=ReasonCode.NOT_APPROVED, reason=worded("The fulfilment waits for approval."), kind=kind)
    if body.object("order").text("status") == "FULFILLED":
        reason = worded("The order is sent completely: that is the event order_fulfilled.")
        return Skip(code=ReasonCode.TOLD_ELSEWHERE, reason=reason, kind=kind)
    return None


def _event(body: Payload, shop: Shop, kind: EventKind, *, version: str = "") -> StoreEvent:
    order = body.required_object("order")
    user, billing, shipping = (order.object(name) for name in ("user", "billingAddress", "shippingAddress"))
    languages = (
        (order.text("languageCodeEnum") or order.text("languageCode"), LocaleOrigin.ORDER),
        (user.text("languageCode"), LocaleOrigin.CUSTOMER),
    )
    return StoreEvent(
        kind=kind,
        object_id=primary_key(order.required_text("id")),
        version=version,
        happened_at=happened_at(body, order),
        contact=with_candidates(contact(order.text("userEmail"), user, billing, shipping), order, user),
        basket=_basket(order, shop, country(shipping, billing)),
        locale=locale(languages, shop),
        partial=partial(body),
    )


def _basket(order: Payload, shop: Shop, country: str) -> Basket:
    order_id, channel = primary_key(order.required_text("id")), order.object("channel")
    checkout_id = order.text("checkoutId")
    return Basket(
        keys=((checkout_key(checkout_id),) if checkout_id else ()) + (f"order:{order_id}",),
        products=products(order, shop),
        total=gross(order.object("total"), channel.text("currencyCode")),
        order_id=order_id,
        order_number=order.text("number"),
        channel=channel.text("slug"),
        country=country,
    )


def checkout_key(global_id: str) -> str:
    """The name a basket keeps from its checkout to its order."""
    return f"checkout:{primary_key(global_id)}"
