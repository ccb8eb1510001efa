"""What a buyer with an account has ordered so far; a guest has no history in Saleor."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from plugin.domain.facts import Facts
from plugin.domain.money import Money
from plugin.domain.payload import Payload

from .lines import gross

#: What the subscriptions ask for. Saleor has no sum of them, so of a buyer with more nothing is told.
MOST_ORDERS: Final = 100
REPLACEMENT: Final = "REISSUE"  #: the origin of an order that nobody bought
DRAFTED: Final = "DRAFT"  #: the origin of an order made by the staff, which keeps the time it was begun at
_UNCONFIRMED: Final = "UNCONFIRMED"  #: waits for the shop; one that is not paid may be left so for ever
_NOT_BOUGHT: Final = ("DRAFT", "CANCELED", "EXPIRED")
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def with_history(facts: Facts, user: Payload, order: Payload | None = None) -> Facts:
    """With the account's orders up to this one, which counts whatever became of it; without an order, with all of them.

    When a draft was placed is not told: of those placed since it was begun, some may be later than it.
    """
    known = _orders(user)
    if known is None:
        return facts
    told = [each for each in known if _is_bought(each)]
    if order is None:
        return replace(facts, order_count=len(told), total_spent=_sum(told))
    this = next((each for each in known if each.text("id") == order.text("id")), None)
    if this is None:
        return facts
    others = [each for each in told if each is not this]
    before = [each for each in others if _placed(each) <= _placed(this)]
    has_later = order.text("origin") == DRAFTED and len(before) < len(others)
    told = [this, *(others if has_later else before)]
    return replace(facts, order_count=len(told), total_spent=_sum(told), has_later_orders=has_later)


def _orders(user: Payload) -> list[Payload] | None:
    """Every order of the account; None where there are more than the body tells."""
    found = user.object("orders")
    nodes = [edge.object("node") for edge in found.objects("edges")]
    return nodes if found.whole("totalCount") == len(nodes) else None


def _is_bought(order: Payload) -> bool:
    status = order.text("status")
    if status in _NOT_BOUGHT or order.text("origin") == REPLACEMENT:
        return False
    return status != _UNCONFIRMED or order.truth("isPaid")


def _placed(order: Payload) -> datetime:
    return order.when("created") or _LONG_AGO


def _sum(orders: list[Payload]) -> Money | None:
    """What they cost together; None where there is none, or they were paid in several currencies."""
    totals = [gross(order.object("total"), "") for order in orders]
    currencies = {total.currency if total else "" for total in totals}
    if len(currencies) != 1 or "" in currencies:
        return None
    return Money(amount=sum((total.amount for total in totals if total), Decimal(0)), currency=currencies.pop())
