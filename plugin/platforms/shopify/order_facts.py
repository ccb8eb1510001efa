"""What an order or a checkout says beside its lines and its people: money parts, discounts, notes, and where it came from."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import Final, TypedDict

from plugin.domain.basket import Basket
from plugin.domain.facts import Facts
from plugin.domain.money import Money
from plugin.domain.payload import Payload

from . import addresses, fulfillments, lines, order_baskets, visits

CODE: Final = "discount_code"  #: the type of a discount whose code the buyer typed; others have titles
CURRENT: Final = "current_"  #: begins the names of what is left of an amount; older bodies have only what it was


class _Amounts(TypedDict):
    subtotal: Money | None
    tax: Money | None
    discount_total: Money | None


def as_ordered(order: Payload) -> Facts:
    """All that was bought, whatever was changed since."""
    currency = lines.currency_of_order(order)
    return replace(_said(order), **_amounts(order, currency, ""), shipping_price=_shipping(order, currency))


def present(order: Payload) -> Facts:
    """What is left after edits and refunds; when that is nothing, what was bought: as `order_baskets.present` has it."""
    return _present(order) if order_baskets.has_left(order) else as_ordered(order)


def parcel(order: Payload) -> Facts:
    """The present order's, and how its newest parcel is followed: another's number says nothing of that one."""
    tracking = fulfillments.tracking(order) if fulfillments.followed(fulfillments.newest(order)) else ()
    return replace(present(order), tracking=tracking)


def fulfilled(order: Payload) -> Facts:
    """The present order's, and how all its parcels are followed."""
    return replace(present(order), tracking=fulfillments.tracking(order))


def cancelled(order: Payload, basket: Basket) -> Facts:
    """Of what was there to be cancelled: no amounts where that is neither all that was bought nor what is left."""
    if basket.total == order_baskets.bought_total(order):
        facts = as_ordered(order)
    elif basket.total == order_baskets.present_total(order):
        facts = _present(order)
    else:
        facts = _said(order)
    return replace(facts, cancel_reason=order.text("cancel_reason").lower())


def of_checkout(checkout: Payload) -> Facts:
    """Of what may become an order."""
    amounts = _amounts(checkout, lines.currency_of_checkout(checkout), "")
    facts = Facts(discount_code=_codes(checkout), address=addresses.sent_to(checkout))
    return replace(facts, **amounts, **visits.campaign(checkout))


def _present(order: Payload) -> Facts:
    currency = lines.currency_of_order(order)
    shipping = lines.money(order, "current_shipping_price", currency) or _shipping(order, currency)
    return replace(_said(order), **_amounts(order, currency, CURRENT, ""), shipping_price=shipping)


def _said(order: Payload) -> Facts:
    """What is the same however much of the order is left."""
    facts = Facts(
        discount_code=_codes(order),
        shipping_method=_joined(line.text("title") for line in _shipping_lines(order)),
        payment_method=_joined(order.texts("payment_gateway_names")),
        note=order.text("note"),
        tags=tags(order),
        source=_source(order),
        address=addresses.sent_to(order),
    )
    return replace(facts, **visits.campaign(order))


def _amounts(body: Payload, plain_currency: str, *beginnings: str) -> _Amounts:
    """The amounts whose names begin so, the first of each that is there."""

    def first(name: str) -> Money | None:
        found = (lines.money(body, beginning + name, plain_currency) for beginning in beginnings)
        return next(filter(None, found), None)

    saved = first("total_discounts")
    return _Amounts(
        subtotal=first("subtotal_price"),
        tax=first("total_tax"),
        discount_total=saved if saved and saved.amount > 0 else None,
    )


def _shipping(order: Payload, plain_currency: str) -> Money | None:
    """What all ways of shipping cost together; None where there is none, or one without a price."""
    prices = [_shipping_price(line, plain_currency) for line in _shipping_lines(order)]
    return reduce(_sum, prices) if prices else None


def _sum(one: Money | None, other: Money | None) -> Money | None:
    if one is None or other is None or one.currency != other.currency:
        return None
    return replace(one, amount=one.amount + other.amount)


def _shipping_price(line: Payload, plain_currency: str) -> Money | None:
    """After its discounts: older bodies only list them, and those of the whole order are listed only, as documented."""
    after = lines.money(line, "discounted_price", plain_currency)
    full = lines.money(line, "price", plain_currency)
    if full is None or (after and after.currency != full.currency):
        return after
    discounts = [lines.money(one, "amount", plain_currency) for one in line.objects("discount_allocations")]
    taken = sum((one.amount for one in discounts if one and one.currency == full.currency), Decimal(0))
    left = max(full.amount - taken, Decimal(0))
    return replace(full, amount=min(left, after.amount) if after else left)


def _shipping_lines(order: Payload) -> list[Payload]:
    return [line for line in order.objects("shipping_lines") if not line.truth("is_removed")]


def _codes(body: Payload) -> str:
    """The codes the buyer typed: an order of the staff's writes the titles of their own discounts among them."""
    applied = body.objects("discount_applications")
    titles = {one.text("title") for one in applied if one.text("type") != CODE}
    typed = {one.text("code") for one in applied if one.text("type") == CODE}
    codes = (one.text("code") for one in body.objects("discount_codes"))
    return _joined(code for code in codes if code in typed or code not in titles)


def tags(body: Payload) -> tuple[str, ...]:
    """One text with commas in webhooks, a list in the Admin API."""
    listed = body.texts("tags") or body.text("tags").split(",")
    return tuple(dict.fromkeys(tag for one in listed if (tag := one.strip())))


def _source(order: Payload) -> str:
    """Such as web or pos. A sales channel of another app is only a number, which says nothing to anybody."""
    name = order.text("source_name")
    return "" if name.isdigit() else name


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(text for text in texts if text))
