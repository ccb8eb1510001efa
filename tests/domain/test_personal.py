"""What of a webhook is shown to whoever chooses a field, and what is masked: when in doubt it is."""

from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.personal import is_shown

SHOWN: tuple[tuple[str, Any], ...] = (
    ("currency", "PLN"), ("line_items.sku", "A-1"), ("line_items.title", "Mug"), ("financial_status", "paid"), ("test", False),
    ("note", None), ("note", ""), ("total_price", "19.99"), ("created_at", "2026-12-24T23:30:00+01:00"), ("day", "2026-12-24"),
    ("customer.orders_count", 3), ("customer.total_spent", Decimal("99.5")), ("customer.metafields.loyalty.points", 12),
    ("page", 3), ("pages.capacity", 4),
)  # fmt: skip
MASKED: tuple[tuple[str, Any], ...] = (
    ("email", "jan@example.com"), ("name", "#1001"), ("customer.first_name", "Jan"), ("customer.title", "Dr"), ("note", "Ring"),
    ("phone", "501"), ("shipping_address.zip", "00001"), ("billing_address.latitude", Decimal("52.1")),
    ("customer.id", 7001000000001),
    ("shippingAddress.postalCode", "12345"), ("token", "abc"), ("checkout_token", "12.5"), ("order_status_url", "https://a.example"),
    ("tags", "vip"), ("note_attributes.birthday.value", "1990-01-01"), ("note_attributes.door.value", "1234"),
    ("metadata.colour.value", "red"), ("line_items.properties.engraving.value", "Ola"), ("user.dateOfBirth", "1990-01-01"),
    ("note", "4711"), ("customer.note", "1990-05-12"), ("customerNote", "4711"), ("gift_message", "2026-12-24"),
    ("tags", "1990-05-12"), ("customer.first_name", "2000"), ("user.lastName", "12"), ("username", "123456"),
    ("customer.pin", "4711"), ("customer.dob", "1990-05-12"), ("payment.last_digits", "1234"),
    ("customer.age", 41), ("zip", 12345), ("browser_ip", "10.0.0.1"), ("line_items", [1]), ("x", {}),
)  # fmt: skip


@pytest.mark.parametrize(("names", "value"), SHOWN)
def test_what_surely_says_nothing_of_a_person_is_shown(names: str, value: Any) -> None:
    assert is_shown(names.split("."), value)


@pytest.mark.parametrize(("names", "value"), MASKED)
def test_everything_else_is_masked(names: str, value: Any) -> None:
    assert not is_shown(names.split("."), value)


def test_a_text_without_a_name_is_masked() -> None:
    assert not is_shown((), "Jan")
    assert is_shown((), "12.50")
