"""The buyer's history: what an account has ordered up to this order, as far as the body tells all of it."""

from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.event import StoreEvent
from plugin.domain.facts import Facts
from plugin.domain.money import Money
from plugin.platforms.saleor.history import MOST_ORDERS
from plugin.platforms.saleor.ids import global_id
from plugin.platforms.saleor.manifest import subscription
from tests.support.platforms.saleor.bodies import a_sample, a_translation, an_order

THIS = a_sample("order_paid__whole")["order"]
BEFORE, AFTER = "2026-02-01T10:00:00+00:00", "2026-03-02T18:00:00+00:00"


def a_past_order(number: int, *, amount: str = "10.0", currency: str = "USD", **changed: Any) -> dict[str, Any]:
    return {
        "id": global_id("Order", f"5a1e0000-0000-4000-8000-00000001{number:04d}"), "created": BEFORE, "status": "FULFILLED",
        "origin": "CHECKOUT", "total": {"gross": {"amount": Decimal(amount), "currency": currency}}, **changed,
    }  # fmt: skip


def this_order(**changed: Any) -> dict[str, Any]:
    told: dict[str, Any] = {name: THIS[name] for name in ("id", "created", "status", "origin")}
    return {**told, "total": {"gross": THIS["total"]["gross"]}, **changed}


def an_account(*orders: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    edges = [{"node": order} for order in orders]
    return {**THIS["user"], "orders": {"totalCount": len(orders) if count is None else count, "edges": edges}}


def paid(*orders: dict[str, Any], count: int | None = None) -> Facts:
    event = an_order("order_fully_paid", "order_paid__whole", user=an_account(*orders, count=count))
    return event.facts


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def test_this_order_counts_beside_those_before() -> None:
    facts = paid(this_order(), a_past_order(1), a_past_order(2, amount="2.5", status="RETURNED", origin="BULK_CREATE"))

    assert (facts.order_count, facts.total_spent) == (3, usd("79.59"))


def test_the_first_order_is_one() -> None:
    facts = paid(this_order())

    assert (facts.order_count, facts.total_spent) == (1, usd("67.09"))


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "DRAFT"},
        {"status": "UNCONFIRMED"},
        {"status": "CANCELED"},
        {"status": "EXPIRED"},
        {"origin": "REISSUE"},
        {"created": AFTER},
    ],
    ids=lambda changed: next(iter(changed.values())),
)
def test_what_was_not_bought_by_then_does_not_count(changed: dict[str, Any]) -> None:
    facts = paid(this_order(), a_past_order(1, **changed))

    assert (facts.order_count, facts.total_spent) == (1, usd("67.09"))


def test_what_is_paid_and_waits_for_the_shop_to_confirm_it_was_bought() -> None:
    waiting = a_past_order(1, status="UNCONFIRMED")

    assert [paid(this_order(), waiting | {"isPaid": is_paid}).order_count for is_paid in (True, False)] == [2, 1]


LATER = a_past_order(1, created=AFTER)


def test_a_draft_is_placed_later_than_it_was_begun() -> None:
    """What its buyer ordered meanwhile came before it, and what they ordered since cannot be told from that."""
    account = an_account(this_order(origin="DRAFT"), LATER, a_past_order(2))

    facts = an_order("order_fully_paid", "order_paid__whole", origin="DRAFT", user=account).facts

    assert (facts.order_count, facts.total_spent, facts.has_later_orders) == (3, usd("87.09"), True)


@pytest.mark.parametrize(("origin", "others"), [("DRAFT", [a_past_order(2)]), ("DRAFT", []), ("CHECKOUT", [LATER])])
def test_nothing_was_ordered_meanwhile(origin: str, others: list[dict[str, Any]]) -> None:
    account = an_account(this_order(origin=origin), *others)

    assert not an_order("order_fully_paid", "order_paid__whole", origin=origin, user=account).facts.has_later_orders


@pytest.mark.parametrize("status", ["UNCONFIRMED", "CANCELED"])
def test_this_order_counts_whatever_became_of_it(status: str) -> None:
    assert paid(this_order(status=status), a_past_order(1)).order_count == 2


def test_orders_in_several_currencies_have_no_sum() -> None:
    facts = paid(this_order(), a_past_order(1, currency="EUR"))

    assert (facts.order_count, facts.total_spent) == (2, None)


def test_an_order_without_a_price_leaves_no_sum() -> None:
    assert paid(this_order(), a_past_order(1) | {"total": None}).total_spent is None


def test_of_more_orders_than_the_body_tells_nothing_is_said() -> None:
    orders = [this_order(), *(a_past_order(number) for number in range(1, MOST_ORDERS))]

    assert paid(*orders).order_count == MOST_ORDERS
    assert (paid(*orders, count=MOST_ORDERS + 1).order_count, paid(*orders, count=MOST_ORDERS + 1).total_spent) == (None, None)


def test_an_account_that_does_not_know_the_order_says_nothing() -> None:
    assert paid(a_past_order(1)).order_count is None


@pytest.mark.parametrize("user", [None, {**THIS["user"], "orders": None}], ids=["guest", "not allowed to see"])
def test_who_has_no_known_history_is_told_none(user: Any) -> None:
    facts = an_order("order_fully_paid", "order_paid__whole", user=user).facts

    assert (facts.order_count, facts.total_spent) == (None, None)


def a_customer(*orders: dict[str, Any]) -> StoreEvent:
    user = a_sample("customer_created")["user"] | {"orders": an_account(*orders)["orders"]}
    (event,) = a_translation("customer_created", "customer_created", user=user).events
    return event


def test_a_customers_event_counts_all_of_their_orders() -> None:
    facts = a_customer(a_past_order(1), a_past_order(2, created=AFTER), a_past_order(3, status="CANCELED")).facts

    assert (facts.order_count, facts.total_spent) == (2, usd("20.0"))


def test_who_just_registered_has_ordered_nothing() -> None:
    facts = a_customer().facts

    assert (facts.order_count, facts.total_spent) == (0, None)


@pytest.mark.parametrize("event", ["order_created", "fulfillment_created", "order_refunded", "customer_created"])
def test_the_body_is_asked_for_as_many_as_are_counted(event: str) -> None:
    assert f"orders(first: {MOST_ORDERS})" in subscription(event)
