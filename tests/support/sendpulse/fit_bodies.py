"""What holds for every body that leaves for SendPulse."""

import json
from typing import Any

from plugin.domain.routing import MOST_LINES
from plugin.sendpulse.body import MOST_BYTES, Body
from plugin.sendpulse.text import LONGEST_TEXT

SIX = ["product_name", "product_id", "product_link", "product_price", "product_img_url", "event_date"]
ORDER = [
    "email", "phone", "automation_id", *SIX, "event_name", "event_time", "currency", "total", "order_total", "order_id",
    "order_number",
    "order_link", "cart_link", "customer_name", "first_name", "last_name", "locale", "store_name", "store_link", "quantity",
    "item_count", "product_price_text", "total_text",
    "order_total_text",
    "subtotal", "subtotal_text", "tax", "tax_text", "shipping_price", "shipping_price_text", "discount_total",
    "discount_total_text", "discount_code", "shipping_method", "payment_method", "order_note", "order_tags", "order_source",
    "utm_source", "utm_medium", "utm_campaign", "cancel_reason", "refund_reason", "tracking_number", "tracking_company",
    "tracking_link", "shipping_address", "shipping_city", "shipping_zip", "shipping_country", "order_count", "total_spent",
    "total_spent_text", "is_first_order", "customer_tags", "marketing_consent", "parcels", "products",
]  # fmt: skip
LINE_ORDER = [
    *SIX[:5], "product_price_text", "quantity", "variant_name", "bundle_name", "product_sku", "line_total", "line_total_text",
    "compare_at_price", "compare_at_price_text",
]  # fmt: skip
PARCEL_ORDER = ["tracking_number", "tracking_company", "tracking_link"]
NUMBERS = {"automation_id", "product_id", "quantity", "item_count", "order_count", "total_spent"}


def fields_of(body: Body) -> dict[str, Any]:
    """The body read again, as strictly as anybody reads JSON."""
    assert len(body.text.encode()) <= MOST_BYTES
    fields: dict[str, Any] = json.loads(body.text, parse_constant=_never)
    return fields


def is_as_designed(fields: dict[str, Any], *, as_text: bool) -> None:
    """Keys in their order, somebody to write to, texts SendPulse takes, and no null; `as_text` is how products are numbered."""
    assert [key for key in ORDER if key in fields] == list(fields)
    assert set(fields) >= set(SIX) - {"product_id"}
    assert fields.get("email") or fields.get("phone")
    lines = fields.get("products", [])
    assert 0 < len(lines) <= MOST_LINES or "products" not in fields
    for line in lines:
        assert [key for key in LINE_ORDER if key in line] == list(line)
        assert set(line) >= set(SIX[:5]) - {"product_id"}
    for parcel in fields.get("parcels", []):
        assert [key for key in PARCEL_ORDER if key in parcel] == list(parcel) != []
    for level in (fields, *lines, *fields.get("parcels", [])):
        _values_are_fit(level)
        assert isinstance(level.get("product_id", "" if as_text else 0), str if as_text else int)


def _values_are_fit(level: dict[str, Any]) -> None:
    for key, value in level.items():
        if isinstance(value, str):
            assert len(value) <= LONGEST_TEXT
            assert value or key in SIX
        elif key in ("products", "parcels"):
            assert isinstance(value, list)
        else:
            assert type(value) in ((int, float) if key == "total_spent" else (int,)) and key in NUMBERS


def _never(word: str) -> None:
    raise AssertionError(word)
