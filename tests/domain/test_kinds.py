"""What is true of each kind of event, said once more in plain sets: a row changed by mistake is seen here."""

from collections.abc import Callable

import pytest

from plugin.domain.kinds import KINDS, EventKind, Family, Traits, possible

CARTS = {"checkout_started", "cart_updated", "cart_abandoned"}
CUSTOMERS = {"customer_created", "customer_updated"}
ORDERS = {
    "order_created", "order_paid", "order_partially_fulfilled", "order_fulfilled", "order_out_for_delivery", "order_delivered",
    "order_cancelled", "order_refunded",
}  # fmt: skip

FACTS: dict[str, tuple[Callable[[Traits], bool], set[str]]] = {
    "of an order": (lambda row: row.family is Family.ORDER, ORDERS),
    "of a customer": (lambda row: row.family is Family.CUSTOMER, CUSTOMERS),
    "skipped after a purchase": (lambda row: row.is_cart, CARTS),
    "starts a timer": (lambda row: row.starts_timer, {"checkout_started", "cart_updated"}),
    "has products": (lambda row: row.has_products, ORDERS | CARTS),
    "a purchase": (lambda row: row.is_purchase, {"order_created", "order_paid"}),
    "a whole state": (lambda row: row.is_snapshot, {"cart_updated", "customer_updated"}),
    "computed": (lambda row: row.is_computed, {"cart_abandoned"}),
    "recommended": (
        lambda row: row.is_recommended,
        {"order_created", "order_paid", "order_fulfilled", "order_cancelled", "cart_abandoned", "customer_created"},
    ),
}


@pytest.mark.parametrize("fact", FACTS)
def test_these_kinds_and_no_others(fact: str) -> None:
    is_true, kinds = FACTS[fact]

    assert {kind.value for kind, row in KINDS.items() if is_true(row)} == kinds, "KINDS in plugin/domain/kinds.py"


def test_a_store_that_tells_of_carts_can_have_abandoned_ones() -> None:
    assert possible({EventKind.CART_UPDATED}) == (EventKind.CART_UPDATED, EventKind.CART_ABANDONED)


def test_a_store_that_tells_of_no_cart_cannot_have_abandoned_ones() -> None:
    assert possible({EventKind.ORDER_PAID}) == (EventKind.ORDER_PAID,)
