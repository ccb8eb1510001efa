"""What an event of an order speaks of: what was ordered, what is left of it, one parcel, or what was cancelled."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from plugin.domain.basket import Basket
from plugin.domain.money import Money
from plugin.domain.payload import Payload

from . import basket_lines, fulfillments, lines, people
from .basket_lines import Share

BEFORE_CANCELLATION: Final = timedelta(minutes=1)  #: cancelling an order refunds it first


def as_ordered(order: Payload) -> Basket:
    """All that was bought, whatever was changed since."""
    return _basket(order, basket_lines.whole(order.objects("line_items")), bought_total(order))


def present(order: Payload) -> Basket:
    """What is left after edits and refunds; when that is nothing, what was bought."""
    left = _left(order)
    return _basket(order, left, present_total(order)) if left else as_ordered(order)


def has_left(order: Payload) -> bool:
    """Whether anything is left after edits and refunds."""
    return bool(_left(order))


def parcel(order: Payload) -> Basket:
    """The lines of the newest parcel, priced as the order's; all that is left when the body names none."""
    known = {line.text("id"): line for line in order.objects("line_items") if line.text("id")}
    sent = fulfillments.newest(order).objects("line_items")
    basket = _basket(order, [(known.get(line.text("id"), line), lines.pieces(line)) for line in sent], present_total(order))
    return basket if basket.products else present(order)


def cancelled(order: Payload) -> Basket:
    """What was there to be cancelled: cancelling takes away all lines, and the money with them."""
    if _left(order):
        basket = present(order)
        return basket if basket.total and basket.total.amount else replace(basket, total=bought_total(order))
    taken = _taken_by_cancelling(order)
    return _basket(order, taken, _cancelled_total(order, taken)) if taken else as_ordered(order)


def present_total(order: Payload) -> Money | None:
    """What the order is worth after edits and refunds."""
    return lines.money(order, "current_total_price", lines.currency_of_order(order)) or bought_total(order)


def keys(order: Payload) -> tuple[str, ...]:
    """cart_token is often null: drafts, point of sale, some gateways."""
    return named(checkout=order.text("checkout_token"), cart=order.text("cart_token"), order=order.text("id"))


def named(**names: str) -> tuple[str, ...]:
    """The basket's names that exist, in the order given."""
    return tuple(f"{name}:{token}" for name, token in names.items() if token)


def _basket(order: Payload, shares: list[Share], total: Money | None) -> Basket:
    return Basket(
        keys=keys(order),
        products=basket_lines.products(shares, lines.currency_of_order(order), basket_lines.bundles_of(order)),
        total=total,
        order_id=order.text("id"),
        order_number=order.text("name") or order.text("order_number"),
        order_link=lines.link(order.text("order_status_url")),
        channel=order.text("source_name"),
        country=people.basket_country(order),
    )


def _left(order: Payload) -> list[Share]:
    shares = [(line, lines.pieces_left(line)) for line in order.objects("line_items")]
    return [(line, quantity) for line, quantity in shares if quantity]


def bought_total(order: Payload) -> Money | None:
    return lines.money(order, "total_price", lines.currency_of_order(order))


def _taken_by_cancelling(order: Payload) -> list[Share]:
    """The order's lines that were refunded when it was cancelled: not those an edit took out before."""
    at = order.when("cancelled_at") or order.when("updated_at")
    taken: Counter[str] = Counter()
    for refund in order.objects("refunds"):
        made = refund.when("created_at")
        if at and made and made >= at - BEFORE_CANCELLATION:
            for item in refund.objects("refund_line_items"):
                taken[item.text("line_item_id")] += lines.pieces(item)
    return [(line, taken[line.text("id")]) for line in order.objects("line_items") if line.text("id") in taken]


def _cancelled_total(order: Payload, taken: list[Share]) -> Money | None:
    """The order's total without the lines that had gone before."""
    total, currency = bought_total(order), lines.currency_of_order(order)
    quantities = {line.text("id"): quantity for line, quantity in taken}
    gone = [(line, lines.pieces(line) - quantities.get(line.text("id"), 0)) for line in order.objects("line_items")]
    amounts = [product.line_total for product in basket_lines.products([g for g in gone if g[1] > 0], currency)]
    if total is None or any(money is None or money.currency != total.currency for money in amounts):
        return total
    left = total.amount - sum((money.amount for money in amounts if money), Decimal(0))
    return replace(total, amount=left) if left >= 0 else total
