"""Which lines and which total an event of an order speaks of."""

from typing import Any

import pytest

from plugin.domain.event import StoreEvent
from tests.support.platforms.shopify.given import a_body, the_event

EDITED: dict[str, Any] = {
    "total_price": "100.00",
    "total_price_set": None,
    "current_total_price": "30.00",
    "current_total_price_set": None,
    "line_items": [
        {"id": 1, "title": "Scarf", "price": "40.00", "quantity": 1, "current_quantity": 0},
        {"id": 2, "title": "Cream", "price": "10.00", "quantity": 6, "current_quantity": 3},
    ],
}
BOUGHT, LEFT = [("Scarf", 1), ("Cream", 6)], [("Cream", 3)]


def spoken_of(event: StoreEvent) -> tuple[list[tuple[str, int]], str]:
    assert event.basket
    total = str(event.basket.total.amount) if event.basket.total else ""
    return [(product.name, product.quantity) for product in event.products], total


STATES: dict[str, tuple[list[tuple[str, int]], str]] = {
    "orders/create": (BOUGHT, "100.00"),
    "orders/paid": (LEFT, "30.00"),
    "orders/partially_fulfilled": (LEFT, "30.00"),
    "orders/fulfilled": (LEFT, "30.00"),
    "orders/cancelled": (LEFT, "30.00"),
}


@pytest.mark.parametrize(("topic", "expected"), STATES.items(), ids=STATES)
def test_after_an_edit_only_the_order_s_beginning_speaks_of_what_was_bought(
    topic: str, expected: tuple[list[tuple[str, int]], str]
) -> None:
    assert spoken_of(the_event(topic, "order_created", **EDITED)) == expected


def test_a_body_of_before_there_were_edits_says_what_was_bought() -> None:
    lines = [{"title": "Scarf", "price": "40.00", "quantity": 2}]

    event = the_event("orders/paid", "order_created", line_items=lines, current_total_price=None, current_total_price_set=None)

    assert spoken_of(event) == ([("Scarf", 2)], "124.30")


def a_parcel(number: int, status: str = "success", *lines: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "status": status, "created_at": "2026-11-24T09:00:00+01:00", "line_items": list(lines)}


CREAM = {"id": 2, "title": "Cream", "price": "10.00", "quantity": 2}


def test_a_parcel_is_told_with_its_own_lines_at_the_order_s_prices() -> None:
    lines = [{"id": 2, "title": "Cream", "price": "10.00", "quantity": 6, "discount_allocations": [{"amount": "12.00"}]}]

    event = the_event(
        "orders/partially_fulfilled", "order_created", line_items=lines, fulfillments=[a_parcel(7, "success", CREAM)]
    )

    (line,) = event.products
    assert line.price and line.line_total
    assert (line.quantity, str(line.price.amount), str(line.line_total.amount)) == (2, "8.00", "16.00")
    assert (event.parcel, event.version) == ("7", "7")


@pytest.mark.parametrize("status", ["cancelled", "error", "failure", "CANCELLED"])
def test_a_parcel_that_never_left_is_none(status: str) -> None:
    parcels = [a_parcel(7, "success", CREAM), a_parcel(8, status)]

    event = the_event("orders/fulfilled", "order_created", fulfillments=parcels)

    assert (event.parcel, event.version) == ("7", "7")


def test_an_order_sent_again_is_told_again() -> None:
    first = the_event("orders/fulfilled", "order_created", fulfillments=[a_parcel(7)])
    again = the_event("orders/fulfilled", "order_created", fulfillments=[a_parcel(7, "cancelled"), a_parcel(8)])
    same = the_event("orders/fulfilled", "order_created", fulfillments=[a_parcel(7)], updated_at="2026-11-30T09:00:00+01:00")
    unlisted = the_event("orders/fulfilled", "order_created", fulfillments=None)

    assert first.key == same.key
    assert len({first.key, again.key, unlisted.key}) == 3
    assert unlisted.version == ""


GONE: dict[str, Any] = {
    "cancelled_at": "2026-11-23T18:00:00+01:00",
    "total_price": "100.00",
    "total_price_set": None,
    "current_total_price": "0.00",
    "current_total_price_set": None,
    "line_items": [line | {"current_quantity": 0} for line in EDITED["line_items"]],
}


def a_refund(made: str, *lines: tuple[int, int]) -> dict[str, Any]:
    items = [{"line_item_id": number, "quantity": quantity} for number, quantity in lines]
    return {"created_at": made, "refund_line_items": items}


BEFORE, AT_ONCE = "2026-11-23T12:00:00+01:00", "2026-11-23T17:59:58+01:00"
CANCELLATIONS: dict[str, tuple[list[dict[str, Any]], tuple[list[tuple[str, int]], str]]] = {
    "all of it": ([a_refund(AT_ONCE, (1, 1), (2, 6))], (BOUGHT, "100.00")),
    "what an edit had left": ([a_refund(BEFORE, (1, 1), (2, 3)), a_refund(AT_ONCE, (2, 3))], (LEFT, "30.00")),
    "without refunds": ([], (BOUGHT, "100.00")),
}


@pytest.mark.parametrize(("refunds", "expected"), CANCELLATIONS.values(), ids=CANCELLATIONS)
def test_a_cancelled_order_of_which_nothing_is_left_says_what_was_cancelled(
    refunds: list[dict[str, Any]], expected: tuple[list[tuple[str, int]], str]
) -> None:
    assert spoken_of(the_event("orders/cancelled", "order_created", **GONE, refunds=refunds)) == expected


def test_a_cancellation_told_twice_is_one() -> None:
    first = the_event("orders/cancelled", "order_cancelled")

    assert the_event("orders/cancelled", "order_cancelled", updated_at="2026-12-01T10:00:00Z").key == first.key


def test_a_picture_of_three_megabytes_in_a_line_stays_where_it_is() -> None:
    lines = a_body("order_created").fields["line_items"]
    lines[0]["properties"] = [{"name": "_preview", "value": "data:image/png;base64," + "A" * 3_000_000}]

    event = the_event("orders/create", "order_created", line_items=lines)

    assert len(repr(event)) < 10_000
