"""Every body of the corpus, and anything at all: understood, or the hole is named."""

import csv
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.basket import amount
from plugin.domain.errors import Unreadable
from plugin.domain.notice import (
    Translation,
)
from plugin.domain.payload import read_json
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import OTHER_SHOP
from plugin.platforms.shopify.agreement import NO_SHOP
from plugin.platforms.shopify.translate import KINDS, TRANSLATORS
from tests.support.platforms.shopify.given import FOLDER, SHOP, opened
from tests.support.shared_folder import HAS_SHARED, SHARED, needs_shared

CORPUS = SHARED / "corpus" / "shopify"
ROWS = list(csv.DictReader((CORPUS / "index.csv").read_text(encoding="utf-8").splitlines())) if HAS_SHARED else []
OURS = [row for row in ROWS if row["topic"] in TRANSLATORS]

# Bodies of the corpus that carry neither a usable address nor a usable number where Shopify's documentation puts one.
NOBODY = """
    checkouts__create/real_rudder_1 checkouts__create/real_rudder_2 checkouts__create/shape_2025-04
    checkouts__create/shape_anonymous checkouts__update/shape_anonymous_7_items
    orders__create/doc_empty_email_order orders__create/doc_null_customer_eur_custom_item
    orders__create/doc_three_custom_items_no_contact orders__create/real_everything_null_custom_item
    orders__create/real_hk_zh-TW_empty_email orders__create/real_hk_zh-TW_percentage_discount orders__create/shape_null_email
"""
WITHOUT_BUYERS = {"carts/create", "carts/update", "refunds/create"}


def understood(row: dict[str, str]) -> Translation | Unreadable:
    try:
        return opened().translate(row["topic"], read_json((CORPUS / row["file"]).read_bytes(), row["topic"]), SHOP)
    except Unreadable as error:
        return error


@needs_shared
@pytest.mark.parametrize("row", OURS, ids=lambda row: row["file"])
def test_a_body_of_the_corpus_is_understood_or_says_where_its_hole_is(row: dict[str, str]) -> None:
    answer = understood(row)

    if isinstance(answer, Unreadable):
        assert str(answer).startswith(f"{row['topic']}.")
    else:
        assert answer.events or answer.notices or answer.bought or answer.skip


@needs_shared
def test_the_corpus_holds_what_is_counted_here() -> None:
    answers = [understood(row) for row in OURS]
    counted = Counter(kind.kind.value for answer in answers if isinstance(answer, Translation) for kind in answer.events)
    unreadable = [row["file"] for row, answer in zip(OURS, answers, strict=True) if isinstance(answer, Unreadable)]

    assert len(OURS) + len([row for row in ROWS if row["topic"] not in TRANSLATORS]) == 149
    assert counted == {
        "order_created": 21,
        "order_paid": 7,
        "order_partially_fulfilled": 2,
        "order_fulfilled": 3,
        "order_cancelled": 4,
        "order_refunded": 7,
        "checkout_started": 14,  # six of them are the first body of their checkout with an address
        "cart_updated": 18,
        "customer_created": 6,
        "customer_updated": 4,
    }
    assert unreadable == [
        "checkouts__create/shape_email_not_an_address.json",  # every date null
        "orders__cancelled/real_rudder_1.json",  # cut down to nine keys, the id not among them
    ]
    skips = [answer.skip for answer in answers if isinstance(answer, Translation) and answer.skip]
    contradicted = Counter(str(skip.reason) for skip in skips if skip.code is ReasonCode.CONTRADICTED)
    assert contradicted == {OTHER_SHOP: 7, NO_SHOP: 5}  # each has the shape of its topic, and is of a shop of its own


@needs_shared
def test_a_body_has_no_contact_exactly_when_it_names_nobody_to_write_to() -> None:
    silent = set()
    for row in OURS:
        answer = understood(row)
        if isinstance(answer, Translation) and answer.events and row["topic"] not in WITHOUT_BUYERS:
            silent |= {row["file"].removesuffix(".json")} if answer.events[0].contact is None else set()

    assert silent == set(NOBODY.split())


# One that was captured is what Shopify sends to try an endpoint out, whose amounts are made up.
CAPTURED_ORDERS = [row for row in OURS if row["topic"].startswith("orders/") and "/real_" in row["file"]]


@needs_shared
@pytest.mark.parametrize("row", CAPTURED_ORDERS, ids=lambda row: row["file"])
def test_the_amounts_of_a_real_order_fit_each_other(row: dict[str, str]) -> None:
    answer, is_taxed = understood(row), json.loads((CORPUS / row["file"]).read_bytes()).get("taxes_included")

    for event in answer.events if isinstance(answer, Translation) else ():
        facts, total = event.facts, amount(event.basket.total if event.basket else None)
        assert sum(amount(line.line_total) for line in event.products) == amount(facts.subtotal)
        assert amount(facts.subtotal) + amount(facts.shipping_price) + (0 if is_taxed else amount(facts.tax)) == total


@needs_shared
def test_ids_beyond_what_a_float_holds_stay_exact() -> None:
    row = next(row for row in OURS if "exact_18_digit_id" in row["file"])

    answer = understood(row)

    assert isinstance(answer, Translation)
    assert answer.events[0].object_id == "820982911946154508"
    assert answer.events[0].key == "order_created:820982911946154508:"


def test_every_kind_a_store_tells_of_has_two_samples() -> None:
    stems = [path.stem for path in (FOLDER / "samples").glob("*.json") if not path.name.endswith(".expected.json")]
    counted = Counter(stem.partition("__")[0] for stem in stems)

    assert [kind.value for kind in KINDS if counted[kind] < 2] == []


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [None]),
    st.builds(lambda: [[]]),
    st.builds(lambda: {"": {}}),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e400", "NaN", "\ud800", "-0", "9" * 40]),
)


@settings(max_examples=100, deadline=None)
@given(topic=st.sampled_from(sorted(TRANSLATORS)), body=st.dictionaries(st.text(max_size=10), ODD, max_size=5))
def test_an_object_of_anything_is_understood_or_unreadable(topic: str, body: dict[str, Any]) -> None:
    try:
        opened().translate(topic, read_json(json.dumps(body).encode(), topic), SHOP)
    except Unreadable as error:
        assert str(error).startswith(topic)
