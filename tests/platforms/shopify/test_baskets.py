"""What was bought, for how much, and when."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.errors import Unreadable
from plugin.domain.money import Money
from tests.support.platforms.shopify.given import a_body, the_event


def a_price(plain: str, **sides: tuple[str, str]) -> dict[str, Any]:
    return {"price": plain, "price_set": {f"{side}_money": {"amount": a, "currency_code": c} for side, (a, c) in sides.items()}}


PRICES: dict[str, tuple[dict[str, Any], Money | None]] = {
    "what the buyer saw": (
        a_price("49.90", shop=("49.90", "PLN"), presentment=("1980", "jpy")),
        Money(amount=Decimal(1980), currency="JPY"),
    ),
    "what the shop says": (a_price("49.90", shop=("49.90", "PLN")), Money(amount=Decimal("49.90"), currency="PLN")),
    "plain, in the shop's currency": (a_price("49.90"), Money(amount=Decimal("49.90"), currency="PLN")),
    "a number instead of a text": (a_price("0") | {"price": 14.5}, Money(amount=Decimal("14.5"), currency="PLN")),
    "free": (a_price("0.00"), Money(amount=Decimal("0.00"), currency="PLN")),
    "no number": (a_price("example string"), None),
    "not a number": (a_price("NaN", shop=("Infinity", "PLN")), None),
}


@pytest.mark.parametrize(("line", "expected"), PRICES.values(), ids=PRICES)
def test_a_price_is_what_the_buyer_saw(line: dict[str, Any], expected: Money | None) -> None:
    (product,) = the_event("orders/paid", "order_created", presentment_currency="JPY", line_items=[line]).products

    assert product.price == expected


def test_a_checkout_s_plain_prices_are_in_the_buyer_s_currency() -> None:
    basket = the_event("checkouts/create", "checkout_started", currency="PLN", presentment_currency="EUR").basket

    assert basket is not None
    assert basket.total == Money(amount=Decimal("12.90"), currency="EUR")


def test_a_line_without_a_product_keeps_its_words() -> None:
    line = {
        "product_id": None,
        "variant_id": 5,
        "title": "Engraving ✨",
        "price": "5.00",
        "quantity": 2,
        "variant_title": "Default Title",
    }

    (product,) = the_event("orders/paid", "order_created", line_items=[None, line, "line"]).products

    assert (product.id, product.variant_id, product.name, product.variant_name, product.quantity) == (
        "",
        "",
        "Engraving ✨",
        "",
        2,
    )


def test_five_hundred_lines_are_five_hundred_lines() -> None:
    line = {"product_id": 1, "variant_id": 2, "title": "T", "price": "1.00", "quantity": 1}

    assert len(the_event("orders/paid", "order_created", line_items=[line] * 500).products) == 500


@pytest.mark.parametrize("quantity", [None, -1, 10**9, "many", True])
def test_an_odd_quantity_is_one_piece(quantity: object) -> None:
    (product,) = the_event("orders/paid", "order_created", line_items=[{"title": "T", "quantity": quantity}]).products

    assert product.quantity == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a b", "data:text/html,x", "//evil.example"])
def test_an_address_nobody_should_open_is_left_out(address: str) -> None:
    basket = the_event("checkouts/update", "cart_updated", abandoned_checkout_url=address).basket

    assert basket is not None
    assert basket.cart_link == ""


def test_the_way_back_to_a_checkout_is_passed_on_untouched() -> None:
    link = "https://demo.example/1/checkouts/ac/x/en/recover?key=1&locale=de-DE"

    basket = the_event("checkouts/update", "cart_updated", abandoned_checkout_url=link).basket

    assert basket is not None
    assert basket.cart_link == link


def test_cart_checkout_and_order_share_their_names() -> None:
    checkout = the_event("checkouts/update", "cart_updated", token="t1", cart_token="c1").basket
    cart = the_event("carts/update", "cart_updated__cart_without_buyer", token="c1").basket
    order = the_event("orders/create", "order_created", checkout_token="t1", cart_token="c1").basket

    assert checkout and cart and order
    assert (checkout.keys, cart.keys) == (("checkout:t1", "cart:c1"), ("cart:c1",))
    assert order.keys == ("checkout:t1", "cart:c1", "order:5001000000001")


def test_two_parcels_of_one_order_are_two_events() -> None:
    first = the_event("orders/partially_fulfilled", "order_partially_fulfilled")
    second = the_event("orders/partially_fulfilled", "order_partially_fulfilled__second_parcel")
    unlisted = the_event("orders/partially_fulfilled", "order_partially_fulfilled", fulfillments=[])

    assert len({first.key, second.key, unlisted.key}) == 3


def test_the_same_change_of_a_checkout_written_in_another_time_zone_is_the_same_event() -> None:
    warsaw = the_event("checkouts/update", "cart_updated", updated_at="2026-11-23T10:09:31+01:00")
    utc = the_event("checkouts/update", "cart_updated", updated_at="2026-11-23T09:09:31Z")

    assert warsaw.key == utc.key


def test_a_cancellation_happened_when_it_was_cancelled() -> None:
    event = the_event("orders/cancelled", "order_cancelled", cancelled_at="2026-11-23T18:00:00+01:00")

    assert event.happened_at == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def test_a_body_without_any_time_says_so() -> None:
    with pytest.raises(Unreadable, match=r"order_paid\.updated_at: expected a date with time, found null"):
        the_event("orders/paid", "order_paid", updated_at=None, processed_at="", created_at="example string")


def test_a_refund_is_what_went_back() -> None:
    transactions = [
        {"kind": "refund", "status": "success", "amount": "10.00", "currency": "PLN"},
        {"kind": "refund", "status": "success", "amount": "2.50", "currency": "PLN"},
        {"kind": "refund", "status": "failure", "amount": "99.00", "currency": "PLN"},
        {"kind": "sale", "status": "success", "amount": "99.00", "currency": "PLN"},
    ]

    event = the_event("refunds/create", "order_refunded", transactions=transactions)

    assert event.basket is not None
    assert event.basket.total == Money(amount=Decimal("12.50"), currency="PLN")
    assert event.wants == "order:5001000000001 products"


def test_card_data_of_a_refund_goes_nowhere() -> None:
    event = the_event("refunds/create", "order_refunded")

    assert "••••" in a_body("order_refunded").objects("transactions")[0].object("payment_details").text("credit_card_number")
    assert "••••" not in repr(event)


def test_a_refund_in_two_currencies_has_no_sum() -> None:
    back = {"kind": "refund", "status": "success", "amount": "1"}
    transactions = [back | {"currency": "PLN"}, back | {"currency": "EUR"}]

    event = the_event("refunds/create", "order_refunded", transactions=transactions)

    assert event.basket is not None
    assert (event.basket.total, event.no_letter) == (None, None)
