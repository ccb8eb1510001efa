"""refunds/create: money that went back, or did not."""

from decimal import Decimal

from plugin.domain.basket import Basket
from plugin.domain.event import StoreEvent
from plugin.domain.facts import Facts
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop

from . import basket_lines, lines, locale, order_baskets, wants
from .event_times import happened


def refunded(refund: Payload, shop: Shop) -> Translation:
    """A refund names neither buyer nor language: the order is asked for them.

    Its transactions hold card data; only their amounts are read.
    """
    order_id, gave = refund.required_text("order_id"), _gave_back(refund)
    event = StoreEvent(
        kind=EventKind.ORDER_REFUNDED,
        object_id=order_id,
        version=refund.required_text("id"),
        happened_at=happened(refund, "created_at", "processed_at"),
        contact=None,
        basket=_basket(refund, order_id, gave),
        locale=locale.of_shop(shop),
        is_test=any(transaction.truth("test") for transaction in refund.objects("transactions")),
        wants=wants.for_refund(lines.number(refund, "order_id")) if gave else "",
        no_letter=None if gave else ReasonCode.NO_MONEY_MOVED,
        awaits=(EventKind.ORDER_CREATED,),
        facts=Facts(refund_reason=refund.text("note")),
    )
    return Translation(events=(event,))


def _gave_back(refund: Payload) -> list[Payload]:
    """The transactions by which money went back: an exchange or a return on account has none, others are only tried."""
    done = [one for one in refund.objects("transactions") if one.text("kind").lower() == "refund"]
    return [one for one in done if one.text("status").lower() == "success" and (one.decimal("amount") or 0) > 0]


def _basket(refund: Payload, order_id: str, gave: list[Payload]) -> Basket:
    items = refund.objects("refund_line_items")
    products = basket_lines.products([(item.object("line_item"), lines.pieces(item)) for item in items], "")
    seen = next((product.price.currency for product in products if product.price), "")
    return Basket(
        keys=order_baskets.named(order=order_id),
        products=products,
        total=_total(gave, plain_currency=seen),
        order_id=order_id,
    )


def _total(gave: list[Payload], *, plain_currency: str) -> Money | None:
    """The money that went back, not the order's total; None when none did, or in two currencies."""
    currencies = {lines.currency(one.text("currency")) or plain_currency for one in gave}
    amounts = [one.decimal("amount") or Decimal(0) for one in gave]
    return Money(amount=sum(amounts, Decimal(0)), currency=currencies.pop()) if len(currencies) == 1 else None
