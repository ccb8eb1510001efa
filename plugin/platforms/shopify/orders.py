"""orders/*, refunds/create and fulfillments/create: what happens to an order."""

from decimal import Decimal

from plugin.domain.basket import Basket
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.notice import BasketEnded, Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from . import lines, locale, people, wants
from .event_times import happened


def created(order: Payload, shop: Shop) -> Translation:
    return _event(EventKind.ORDER_CREATED, order, shop, "created_at", "processed_at", "updated_at")


def paid(order: Payload, shop: Shop) -> Translation:
    return _event(EventKind.ORDER_PAID, order, shop, "updated_at", "processed_at", "created_at")


def partially_fulfilled(order: Payload, shop: Shop) -> Translation:
    """One event for each parcel: the newest fulfilment tells them apart."""
    version = _newest_fulfillment(order)
    return _event(EventKind.ORDER_PARTIALLY_FULFILLED, order, shop, "updated_at", "created_at", version=version)


def fulfilled(order: Payload, shop: Shop) -> Translation:
    return _event(EventKind.ORDER_FULFILLED, order, shop, "updated_at", "closed_at", "created_at")


def cancelled(order: Payload, shop: Shop) -> Translation:
    return _event(EventKind.ORDER_CANCELLED, order, shop, "cancelled_at", "updated_at", "created_at")


def updated(order: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    """No event: this comes with every tag, note and risk. But it proves that the basket was bought."""
    order.required_text("id")
    return Translation(notices=(BasketEnded(keys=_keys(order), reason="an order was made of it"),))


def fulfillment_created(fulfillment: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    reason = worded("The same shipment is told by the order's own webhook, which also knows the buyer's language.")
    return Translation(skip=Skip(code=ReasonCode.TOLD_ELSEWHERE, reason=reason))


def refunded(refund: Payload, shop: Shop) -> Translation:
    """A refund names neither buyer nor language: the order is asked for them.

    Its transactions hold card data; only their amounts are read.
    """
    order_id = refund.required_text("order_id")
    event = StoreEvent(
        kind=EventKind.ORDER_REFUNDED,
        object_id=order_id,
        version=refund.required_text("id"),
        happened_at=happened(refund, "created_at", "processed_at"),
        contact=None,
        basket=_refunded_basket(refund, order_id),
        locale=locale.of_shop(shop),
        is_test=any(transaction.truth("test") for transaction in refund.objects("transactions")),
        wants=wants.for_refund(order_id),
    )
    return Translation(events=(event,))


def _event(kind: EventKind, order: Payload, shop: Shop, *moments: str, version: str = "") -> Translation:
    contact, bought, said = people.of_order(order), basket(order), locale.of_order(order, shop)
    event = StoreEvent(
        kind=kind,
        object_id=order.required_text("id"),
        version=version,
        happened_at=happened(order, *moments),
        contact=contact,
        basket=bought,
        locale=said,
        is_test=order.truth("test"),
        wants=wants.for_basket(contact, bought.products, said, people.customer_id(order)),
    )
    return Translation(events=(event,))


def basket(order: Payload) -> Basket:
    plain_currency = lines.currency_of_order(order)
    return Basket(
        keys=_keys(order),
        products=lines.products(order.objects("line_items"), plain_currency),
        total=lines.money(order, "total_price", plain_currency),
        order_id=order.text("id"),
        order_number=order.text("name") or order.text("order_number"),
        order_link=lines.link(order.text("order_status_url")),
        channel=order.text("source_name"),
        country=people.basket_country(order),
    )


def _keys(order: Payload) -> tuple[str, ...]:
    """cart_token is often null: drafts, point of sale, some gateways."""
    return keys(checkout=order.text("checkout_token"), cart=order.text("cart_token"), order=order.text("id"))


def keys(**names: str) -> tuple[str, ...]:
    """The basket's names that exist, in the order given."""
    return tuple(f"{name}:{token}" for name, token in names.items() if token)


def _newest_fulfillment(order: Payload) -> str:
    """The highest id of the order's fulfilments, which only grow; the body's time when it lists none."""
    ids = [number for number in (one.whole("id") for one in order.objects("fulfillments")) if number]
    return str(max(ids)) if ids else order.text("updated_at")


def _refunded_basket(refund: Payload, order_id: str) -> Basket:
    items = refund.objects("refund_line_items")
    products = tuple(lines.product(item.object("line_item"), "", lines.pieces(item)) for item in items)
    seen = next((product.price.currency for product in products if product.price), "")
    return Basket(
        keys=keys(order=order_id), products=products, total=_refunded_total(refund, plain_currency=seen), order_id=order_id
    )


def _refunded_total(refund: Payload, *, plain_currency: str) -> Money | None:
    """The money that went back, not the order's total; None when none did, or in two currencies."""
    back = [one for one in refund.objects("transactions") if one.text("kind") == "refund" and one.text("status") != "failure"]
    currencies = {lines.currency(one.text("currency")) or plain_currency for one in back}
    amounts = [amount for amount in (one.decimal("amount") for one in back) if amount is not None]
    return Money(amount=sum(amounts, Decimal(0)), currency=currencies.pop()) if amounts and len(currencies) == 1 else None
