"""The cases of public reports, as far as one body tells: what the pipeline makes of several is played elsewhere."""

import json
import re
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from plugin.domain.event import StoreEvent
from plugin.domain.payload import read_json
from plugin.domain.reason_codes import ReasonCode
from tests.platforms.shopify.test_complete import completed
from tests.support.builders import NOON
from tests.support.platforms.shopify.admin import data
from tests.support.platforms.shopify.given import SHOP, opened
from tests.support.shared_folder import SHARED, needs_shared

CASES = SHARED / "cases" / "shopify"
pytestmark = needs_shared


@cache
def case(number: int) -> dict[str, Any]:
    (folder,) = CASES.glob(f"{number:02}-*")
    text = (folder / "input.json").read_text(encoding="utf-8")
    text = re.sub(r"@now-(\d+)s", lambda found: _before(int(found[1])), text)
    text = re.sub(r"@blob(\d+)", lambda found: "A" * int(found[1]), text)
    document: dict[str, Any] = json.loads(text)
    return document


def _before(seconds: int) -> str:
    moment: datetime = NOON - timedelta(seconds=seconds)
    return moment.isoformat()


def told(number: int) -> list[StoreEvent]:
    """Every event of every webhook of the case, in order."""
    steps = [step for step in case(number)["steps"] if "topic" in step]
    bodies = [(step["topic"], read_json(json.dumps(step["body"]).encode(), step["topic"])) for step in steps]
    return [event for topic, body in bodies for event in opened().translate(topic, body, SHOP).events]


def test_04_the_name_is_the_billing_address_s() -> None:
    (event,) = told(4)

    assert event.contact
    assert (event.contact.email, event.contact.name) == ("piotr@example.com", "Piotr Zieliński")


def test_02_nothing_of_a_picture_leaves() -> None:
    (event,) = told(2)

    assert len(repr(event)) < 10_000


def test_06_an_exchange_moves_no_money() -> None:
    (event,) = told(6)

    assert event.no_letter is ReasonCode.NO_MONEY_MOVED


def test_08_both_bodies_name_the_same_customer() -> None:
    *checkouts, order = told(8)

    assert all("customer:8108000000001" in set(order.person) & set(checkout.person) for checkout in checkouts)
    assert order.contact
    assert order.contact.email == "ewa.dom@example.com"


def test_09_the_recipient_s_number_is_not_the_buyer_s() -> None:
    (event,) = told(9)

    assert event.contact
    assert (event.contact.phone, event.contact.first_name) == ("+48600100200", "Tomek")


def test_10_a_till_s_checkout_is_no_occasion() -> None:
    assert {event.no_letter for event in told(10)} == {ReasonCode.POINT_OF_SALE}


def test_11_an_imported_order_is_no_occasion() -> None:
    assert [event.no_letter for event in told(11)] == [ReasonCode.IMPORTED, ReasonCode.IMPORTED]


def test_12_a_second_shipment_is_a_second_happening() -> None:
    assert len({event.key for event in told(12)}) == 2


def test_14_an_edit_changes_what_was_sent_not_what_was_ordered() -> None:
    sent, ordered = told(14)

    assert [(line.name, line.quantity) for line in sent.products] == [("Krem 3-pak", 3)]
    assert [(line.name, line.quantity) for line in ordered.products] == [("Szalik zielony", 1), ("Krem 3-pak", 6)]
    assert sent.basket and sent.basket.total and ordered.basket and ordered.basket.total
    assert (str(sent.basket.total.amount), str(ordered.basket.total.amount)) == ("30.00", "140.00")


def test_16_a_product_without_a_page_leads_to_the_store() -> None:
    (event,) = told(16)

    known, _ = completed(event, data({"nodes": list(case(16)["store_answers"].values())}))

    assert [line.link for line in known.products] == [
        "https://demo.example",
        "https://store.example.com/products/tajny-szalik?variant=4000000000032",
        "https://store.example.com/products/kubek?variant=4000000000001",
    ]


def test_18_a_renewal_shares_nothing_with_the_cart_that_waits() -> None:
    *checkouts, renewal = told(18)

    assert renewal.basket
    assert (renewal.person, renewal.no_letter) == ((), None)
    assert not any(checkout.basket and set(renewal.basket.keys) & set(checkout.basket.keys) for checkout in checkouts)


@pytest.mark.parametrize("number", [1, 5, 17, 21, 23])
def test_the_others_are_understood(number: int) -> None:
    assert told(number)
