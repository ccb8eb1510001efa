"""Money that went back, and money that did not."""

from typing import Any

import pytest

from plugin.domain.money import Money
from plugin.domain.reason_codes import ReasonCode
from tests.platforms.shopify.test_complete import BOTH, completed
from tests.platforms.shopify.test_complete_people import LINE, ORDER
from tests.support.platforms.shopify.admin import data
from tests.support.platforms.shopify.given import the_event


def a_transaction(**changed: Any) -> dict[str, Any]:
    return {"kind": "refund", "status": "success", "amount": "10.00", "currency": "PLN"} | changed


NOTHING: dict[str, Any] = {
    "none": [],
    "missing": None,
    "failed": [a_transaction(status="failure")],
    "in error": [a_transaction(status="error")],
    "pending": [a_transaction(status="pending")],
    "unknown": [a_transaction(status="unknown")],
    "awaited": [a_transaction(status="awaiting_response")],
    "without a status": [a_transaction(status=None)],
    "of nothing": [a_transaction(amount="0.00")],
    "of no number": [a_transaction(amount="ten")],
    "a sale": [a_transaction(kind="sale")],
}


@pytest.mark.parametrize("transactions", NOTHING.values(), ids=NOTHING)
def test_a_refund_by_which_nothing_went_back_is_no_occasion(transactions: object) -> None:
    event = the_event("refunds/create", "order_refunded", transactions=transactions)

    assert event.basket
    assert (event.no_letter, event.basket.total, event.wants) == (ReasonCode.NO_MONEY_MOVED, None, "")


def test_a_refund_tells_what_went_back_beside_the_order_s_total_before_returns() -> None:
    order = ORDER | {
        "total_price_set": {"presentment_money": {"amount": "124.30", "currency_code": "PLN"}},
        "current_total_price_set": {"presentment_money": {"amount": "74.40", "currency_code": "PLN"}},
    }
    event = the_event("refunds/create", "order_refunded", transactions=[a_transaction(), a_transaction(status="pending")])

    known, _ = completed(event, data({"order": order}), BOTH)

    assert known.basket
    assert [str(money.amount) for money in _both(known.basket.total, known.basket.order_total)] == ["10.00", "124.30"]


def test_an_order_given_back_whole_keeps_its_total() -> None:
    order = ORDER | {
        "total_price_set": {"presentment_money": {"amount": "49.00", "currency_code": "PLN"}},
        "current_total_price_set": {"presentment_money": {"amount": "0.00", "currency_code": "PLN"}},
        "lines": {"nodes": [LINE | {"current_quantity": 0}]},
    }

    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": order}), BOTH)

    assert event.basket
    assert [str(money.amount) for money in _both(event.basket.total, event.basket.order_total)] == ["49.90", "49.00"]


def test_a_refund_s_lines_learn_their_bundle_from_the_order() -> None:
    group = {"id": "gid://shopify/LineItemGroup/77", "title": "Morning set"}
    line = LINE | {"title": "Kubek z żubrem", "group": group}
    line |= {"product": {"id": "8001000000001"}, "variant": {"id": "44001000000001"}}

    event, _ = completed(
        the_event("refunds/create", "order_refunded"), data({"order": ORDER | {"lines": {"nodes": [line]}}}), BOTH
    )

    assert [product.bundle for product in event.products] == ["Morning set"]


def test_a_refund_of_the_shipping_shows_only_the_lines_that_are_left() -> None:
    discount = [{"amount_set": {"presentment_money": {"amount": "4.90", "currency_code": "PLN"}}}]
    lines = [LINE | {"current_quantity": 0}, LINE | {"current_quantity": 1, "discount_allocations": discount}]

    event, _ = completed(
        the_event("refunds/create", "order_refunded__shipping_only"), data({"order": ORDER | {"lines": {"nodes": lines}}}), BOTH
    )

    (product,) = event.products
    assert product.price
    assert (product.quantity, str(product.price.amount)) == (1, "22.05")


@pytest.mark.parametrize("number", ["1 what:2", "x", "-1", "1" * 30])
def test_an_order_without_a_number_is_not_asked_for(number: str) -> None:
    event, admin = completed(the_event("refunds/create", "order_refunded", order_id=number), data({"order": ORDER}), BOTH)

    assert event.contact is None
    assert admin.questions == []


def _both(*found: Money | None) -> list[Money]:
    return [money for money in found if money]
