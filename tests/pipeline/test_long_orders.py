"""Orders of very many lines: at most fifty events, and the log says what they leave out."""

import json
from typing import Any

import pytest

from plugin.domain.basket import Product
from plugin.domain.kinds import EventKind
from plugin.domain.payload import read_json
from plugin.domain.routing import Route, Shape
from plugin.domain.secret import AutomationId
from plugin.domain.settings import NO_SETTINGS
from plugin.sendpulse.body import bodies
from tests.pipeline.conftest import Harness
from tests.support.builders import EVENT_URL, NOON, a_basket, a_product, a_settings_document, an_event
from tests.support.platforms.expected import Sample, opened, samples
from tests.support.working import drain

BY_LINE = {"order_paid": {"event_url": EVENT_URL, "shape": "item"}}
WHY = "Only the first 50 of 30000 lines are sent: one order makes at most 50 events."


def lines(count: int) -> tuple[Product, ...]:
    return tuple(a_product(id=str(number)) for number in range(1, count + 1))


def test_an_order_of_thirty_thousand_lines_makes_fifty_deliveries_and_the_log_says_why(harness: Harness) -> None:
    harness.store.shops.write_settings(harness.shop.id, a_settings_document(events=BY_LINE), who="test", now=NOON)
    harness.happen(an_event(basket=a_basket(products=lines(30_000))))

    drain(harness.worker)

    rows = harness.log(limit=100)
    assert sorted(row.part for row in rows) == list(range(1, 51))
    assert {row.partial for row in rows} == {WHY}
    assert {(body["product_id"], body["item_count"]) for body in harness.sent()} == {(1, 30_000)}  # the others wait their turn


def test_what_else_is_missing_is_said_beside_it(harness: Harness) -> None:
    harness.store.shops.write_settings(harness.shop.id, a_settings_document(events=BY_LINE), who="test", now=NOON)
    harness.happen(an_event(basket=a_basket(products=lines(51)), partial="no picture"))

    drain(harness.worker)

    said = {row.partial for row in harness.log(limit=100)}
    assert len(said) == 1
    [text] = said
    assert text.startswith("no picture")
    assert "50 of 51 lines" in text


def paid_orders() -> list[Sample]:
    return [sample for name in ("shopify", "saleor") for sample in samples(name) if sample.path.stem == "order_paid"]


def with_many_lines(document: Any, count: int) -> Any:
    """The same order with its first line so many times."""
    if isinstance(document, list):
        return [with_many_lines(each, count) for each in document]
    if not isinstance(document, dict):
        return document
    return {
        key: value[:1] * count if key in ("line_items", "lines") and value else with_many_lines(value, count)
        for key, value in document.items()
    }


@pytest.mark.parametrize("sample", paid_orders(), ids=lambda sample: sample.platform)
def test_a_long_order_of_each_platform_makes_fifty_deliveries_that_tell_its_true_length(sample: Sample) -> None:
    body = json.dumps(with_many_lines(json.loads(sample.body), 60)).encode()
    [event] = opened(sample.platform).translate(sample.topic, read_json(body, sample.topic), sample.shop).events
    route = Route(kind=EventKind.ORDER_PAID, shape=Shape.ITEM)

    found = bodies(event, route, AutomationId(1), sample.shop, NO_SETTINGS, lambda address, names: address)

    assert [json.loads(each.text)["item_count"] for each in found] == [60] * 50
