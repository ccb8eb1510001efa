"""Whole bodies of Saleor's events, from the signed webhook to the post: every key Saleor tells stands in a golden file."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plugin.domain.kinds import EventKind
from plugin.domain.variables import LINES, NAMES
from plugin.storage import SqlStore
from tests.support.cases.playing import staged
from tests.support.cases.stories import Story
from tests.support.databases import settings_for
from tests.support.platforms.expected import PLATFORMS

GOLDEN = Path(__file__).parent / "golden"

#: A golden file, its event, and the webhook it comes from.
CASES = {
    "order_paid": (EventKind.ORDER_PAID, "order_fully_paid", "order_paid__whole"),
    "order_partially_fulfilled": (
        EventKind.ORDER_PARTIALLY_FULFILLED, "fulfillment_created", "order_partially_fulfilled__tracked",
    ),
    "order_fulfilled": (EventKind.ORDER_FULFILLED, "order_fulfilled", "order_fulfilled__two_parcels"),
    "order_refunded": (EventKind.ORDER_REFUNDED, "order_refunded", "order_refunded__for_a_reason"),
    "order_cancelled": (EventKind.ORDER_CANCELLED, "order_cancelled", "order_cancelled__whole"),
    "cart_updated": (EventKind.CART_UPDATED, "checkout_updated", "cart_updated__voucher"),
    "customer_created": (EventKind.CUSTOMER_CREATED, "customer_created", "customer_created"),
}  # fmt: skip

#: What Saleor never tells.
UNTOLD = {"order_tags", "cancel_reason", "tracking_company", "customer_tags", "bundle_name"}
#: What a sample has nothing to say of: a customer without orders, and a guest's order without a voucher.
NOT_HERE = {
    "customer_created": {"product_id", "total_spent", "total_spent_text"},
    "order_partially_fulfilled": {
        "discount_total", "discount_total_text", "discount_code", "payment_method", "order_note", "utm_source", "utm_medium",
        "utm_campaign", "tracking_link", "order_count", "total_spent", "total_spent_text", "is_first_order",
    },
}  # fmt: skip

SETTINGS: Mapping[str, Any] = {
    "share": ["address"],
    "store": {
        "name": "Harbour", "order_link": "https://shop.example.com/{locale}/orders/{order_number}",
        "cart_link": "https://shop.example.com/{locale}/checkout?checkout={checkout}",
    },
    "variables": [
        {"name": "season", "type": "text", "value": "spring"},
        {"name": "gift_wrap", "type": "text", "path": "$.order.metadata[?@.key=='gift'].value"},
        {"name": "engraving", "type": "text", "path": "$.order.lines[*].metadata[?@.key=='engraving'].value"},
        {"name": "points", "type": "number", "path": "$.order.user.metadata[?@.key=='points'].value"},
        {"name": "glaze", "type": "text", "path": "$.order.lines[*].variant.metadata[?@.key=='glaze'].value"},
    ],
}  # fmt: skip


def posted(kind: EventKind, topic: str, sample: str, store: SqlStore, database_url: str) -> list[dict[str, Any]]:
    """What leaves for one signed webhook, which comes a moment after it was built."""
    body = json.loads((PLATFORMS / "saleor" / "samples" / f"{sample}.json").read_bytes())
    began = datetime.fromisoformat(body["issuedAt"]).astimezone(UTC) + timedelta(seconds=1)
    told = {**SETTINGS, "events": [kind.value], "flows": ["en", "de", "pl"], "steps": [{"topic": topic, "body": body}]}
    story = Story(name=sample, platform="saleor", told=told, expected=())
    with staged(story, store, settings_for(database_url, PLUGIN_SANDBOX="1"), began=began) as stage:
        stage.play()
        return [json.loads(claimed.body) for claimed in stage.post_box.posted]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # tests/platforms has those of SQLite
@pytest.mark.parametrize("name", CASES)
def test_a_whole_body_is_what_its_golden_file_says(name: str, store: SqlStore, database_url: str) -> None:
    (body,) = posted(*CASES[name], store, database_url)

    # As text, so that the order of the keys and the types of the numbers count too.
    assert json.dumps(body, ensure_ascii=False, indent=2) + "\n" == (GOLDEN / f"{name}.json").read_text(encoding="utf-8")


def golden(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_bytes())
    return body


@pytest.mark.parametrize("name", CASES)
def test_a_whole_body_has_every_key_that_saleor_tells(name: str) -> None:
    body = golden(name)

    told = body.keys() | {key for parcel in body.get("parcels", ()) for key in parcel}

    kind, *_ = CASES[name]
    assert NAMES[kind] - told == (NAMES[kind] & UNTOLD) | NOT_HERE.get(name, set())


def test_lines_have_every_key_that_saleor_tells() -> None:
    told = {key for name in CASES for line in golden(name).get("products", ()) for key in line}

    assert {variable.name for variable in LINES} - told == {"bundle_name"}


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CASES)
