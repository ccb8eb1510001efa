"""What a line costs, what is left of it, and what it belongs to."""

from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.event import StoreEvent
from tests.support.platforms.shopify.given import the_event

Costs = tuple[str, str] | None


def a_line(**changed: Any) -> dict[str, Any]:
    return {"id": 1, "product_id": 5, "title": "Mug", "price": "10.00", "quantity": 3} | changed


def off(*amounts: str, name: str = "discount_allocations") -> dict[str, Any]:
    return {name: [{"amount": amount} for amount in amounts]}


def seen(amount: str, currency: str) -> dict[str, Any]:
    return {"presentment_money": {"amount": amount, "currency_code": currency}}


LINES: dict[str, tuple[dict[str, Any], Costs]] = {
    "without a discount": (a_line(), ("10.00", "30.00")),
    "with one": (a_line(**off("6.00")), ("8.00", "24.00")),
    "with two": (a_line(**off("6.00", "4.00")), ("6.67", "20.00")),
    "for nothing": (a_line(**off("30.00")), ("0.00", "0.00")),
    "with a discount only told in total": (a_line(total_discount="3.00"), ("9.00", "27.00")),
    "with both, the list counts": (a_line(total_discount="3.00", **off("6.00")), ("8.00", "24.00")),
    "of a checkout": (a_line(line_price="30.00", **off("6.00")), ("8.00", "24.00")),
    "of a checkout that took it off itself": (a_line(line_price="24.00", **off("6.00")), ("8.00", "24.00")),
    "of a checkout of a draft": (a_line(**off("3.00", name="applied_discounts")), ("9.00", "27.00")),
    "of a cart": (a_line(line_price="27.00", discounted_price="9.00"), ("9.00", "27.00")),
    "whose discount is no number": (a_line(**off("example string")), ("10.00", "30.00")),
    "whose discount is of another currency": (
        a_line(price_set=seen("1000", "JPY"), **off("6.00")), ("1000", "3000"),
    ),
    "in the buyer's currency": (
        a_line(price_set=seen("1000", "JPY"), discount_allocations=[{"amount": "1", "amount_set": seen("100", "JPY")}]),
        ("967", "2900"),
    ),
    "in dinars": (
        a_line(price_set=seen("12.750", "KWD"), discount_allocations=[{"amount_set": seen("0.250", "KWD")}]),
        ("12.667", "38.000"),
    ),
    "without a price": (a_line(price="none", **off("6.00")), None),
}  # fmt: skip


def costs(event: StoreEvent) -> list[Costs]:
    found = [(product.price, product.line_total) for product in event.products]
    return [(str(price.amount), str(total.amount)) if price and total else None for price, total in found]


@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_a_line_costs_what_is_paid_for_it(line: dict[str, Any], expected: Costs) -> None:
    assert costs(the_event("orders/create", "order_created", line_items=[line])) == [expected]


def test_a_line_of_which_something_is_left_has_its_share_of_the_discount() -> None:
    line = a_line(current_quantity=2, **off("6.00"))

    event = the_event("orders/paid", "order_created", line_items=[line])

    assert costs(event) == [("8.00", "16.00")]


@pytest.mark.parametrize("line", [a_line(price="-5.00"), a_line(line_price="-1.00"), a_line(**off("31.00"))])
def test_a_negative_line_is_no_product(line: dict[str, Any]) -> None:
    event = the_event("orders/create", "order_created", line_items=[line, a_line(title="Tea")])

    assert [product.name for product in event.products] == ["Tea"]


def test_a_gift_never_stands_before_what_was_bought() -> None:
    lines = [a_line(title="Sample", **off("30.00")), a_line(title="Free"), a_line(title="Tea")]
    lines[1]["price"] = "0.00"

    event = the_event("orders/create", "order_created", line_items=lines)

    assert [product.name for product in event.products] == ["Tea", "Sample", "Free"]


def test_lines_add_up_to_what_was_paid_for_them() -> None:
    event = the_event("orders/create", "order_created__line_discount")

    assert event.basket and event.basket.total
    assert sum((line.line_total.amount for line in event.products if line.line_total), Decimal(0)) == event.basket.total.amount


@pytest.mark.parametrize(("group", "line"), [(77, 77), ("77", 77), ("gid://shopify/LineItemGroup/77", 77)])
def test_a_line_names_the_bundle_it_was_bought_in(group: object, line: object) -> None:
    groups = [{"id": group, "title": "Morning set", "quantity": 1}]

    event = the_event(
        "orders/create",
        "order_created",
        line_item_groups=groups,
        line_items=[a_line(sales_line_item_group_id=line), a_line(sales_line_item_group_id=78), a_line()],
    )

    assert [product.bundle for product in event.products] == ["Morning set", "", ""]
