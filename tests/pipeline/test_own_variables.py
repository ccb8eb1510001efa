"""The merchant's own variables on the whole path, on both databases: from a store's webhook into the body."""

import json
from datetime import timedelta
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.own import OwnValue
from plugin.domain.person import Person
from plugin.pipeline.receive import receive
from plugin.platforms import find_testkit
from plugin.ports import DeliveryFilter
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.upkeep.install import import_settings
from plugin.upkeep.people import erase, export, seek
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.pipeline.conftest import Harness
from tests.support.builders import EVENT_URL, NOON, a_cart, a_settings_document, an_event
from tests.support.fake_platform import FakeClock, FakeSendPulse
from tests.support.platforms.expected import samples
from tests.support.platforms.fixtures import platform_of
from tests.support.working import drain

GIFT = {"name": "gift_note", "type": "text", "path": "$.note_attributes[?@.name=='gift'].value"}
SEASON = {"name": "season", "type": "text", "value": "winter"}
POINTS = {"name": "points", "type": "number", "path": "$.customer.metafields.loyalty.points"}
OF_THE_DESIGN: list[Any] = [SEASON, GIFT | {"events": ["order_paid"]}, POINTS]
BODY = {
    "note_attributes": [{"name": "gift", "value": "For <b>Ola</b>"}],
    "customer": {"metafields": {"loyalty": {"points": "12.50"}}},
}


def with_variables(harness: Harness, *variables: Any) -> None:
    import_settings(harness.store, harness.shop.id, a_settings_document(variables=list(variables)), who="test", now=NOON)


def say(harness: Harness, event: StoreEvent, body: dict[str, Any], *, key: str = "k1") -> None:
    """The store sends this body, which means this event."""
    harness.platform.meanings["something"] = Translation(events=(event,))
    harness.tell("something", key=key, body=json.dumps(body).encode())


def test_what_the_webhook_says_stands_in_the_body(harness: Harness) -> None:
    with_variables(harness, *OF_THE_DESIGN)

    say(harness, an_event(), BODY)
    drain(harness.worker)

    [body] = harness.sent()
    assert list(body.items())[-4:-1] == [("season", "winter"), ("gift_note", "For Ola"), ("points", 12.5)]
    [row] = harness.log()
    assert "variables" not in row.partial


def test_what_is_missing_is_said_in_the_log(harness: Harness) -> None:
    with_variables(harness, *OF_THE_DESIGN)

    say(harness, an_event(), {"customer": {"metafields": {"loyalty": {"points": "none"}}}})
    drain(harness.worker)

    [body], [row] = harness.sent(), harness.log()
    assert body.keys() & {"season", "gift_note", "points"} == {"season"}
    assert row.partial == "Your store sent no suitable value for your variables: gift_note, points."


def test_the_settings_of_the_moment_it_is_read_decide(harness: Harness) -> None:
    say(harness, an_event(), BODY)

    with_variables(harness, GIFT)
    drain(harness.worker)

    assert harness.sent()[0]["gift_note"] == "For Ola"


def test_a_reminder_says_what_its_cart_said(harness: Harness) -> None:
    with_variables(harness, GIFT | {"events": ["cart_abandoned"]})

    say(harness, a_cart(happened_at=NOON), BODY)
    drain(harness.worker)
    harness.clock.move(minutes=61)
    drain(harness.worker)

    assert [(body["event_name"], body["gift_note"]) for body in harness.sent()] == [("cart_abandoned", "For Ola")]


def test_a_state_with_another_value_is_told_again(harness: Harness) -> None:
    document = a_settings_document(
        events={"customer_updated": {"enabled": True, "send": "json", "event_url": EVENT_URL}}, variables=[POINTS]
    )
    import_settings(harness.store, harness.shop.id, document, who="test", now=NOON)
    for number, points in enumerate((1, 1, 2)):
        event = an_event(
            kind=EventKind.CUSTOMER_UPDATED, object_id="7", version=str(number), basket=None,
            happened_at=NOON + timedelta(minutes=number),
        )  # fmt: skip
        say(harness, event, {"customer": {"metafields": {"loyalty": {"points": points}}}}, key=f"k{number}")
        harness.clock.move(minutes=1)
        drain(harness.worker)

    assert [body["points"] for body in harness.sent()] == [1, 2]


@pytest.mark.parametrize(
    ("name", "sample", "told"),
    [
        ("shopify", "order_paid", {"note_attributes": [{"name": "gift", "value": "For Ola"}]}),
        ("saleor", "order_paid", {"note_attributes": [{"name": "gift", "value": "For Ola"}]}),
    ],
)
def test_a_signed_order_has_them_on_every_platform(
    name: str, sample: str, told: dict[str, Any], store: SqlStore, settings: Settings
) -> None:
    platform, sendpulse, clock = platform_of(name), FakeSendPulse(), FakeClock()
    kit = find_testkit(name)
    shop = store.shops.install(*kit.installation(), now=NOON)
    import_settings(store, shop.id, a_settings_document(variables=OF_THE_DESIGN), who="test", now=NOON)
    order = next(each for each in samples(name) if each.path.stem == sample)
    body = json.loads(order.body) | told
    services = Services(
        settings=settings, store=store, platforms={name: platform}, post=sendpulse, write_bodies=bodies,
        short_link=short_links(store, settings),
    )  # fmt: skip

    receive(kit.webhook(order.topic, json.dumps(body).encode(), shop), platform, store, now=NOON)
    store.shops.install(shop, {}, now=NOON)  # its API cannot be asked
    drain(Worker(services, now=clock, sleep=clock.sleep))

    [row] = store.log.list(DeliveryFilter(shop_id=shop.id, kind=EventKind.ORDER_PAID))
    [sent] = [json.loads(each.body) for each in sendpulse.posted]
    assert (sent["season"], sent["gift_note"], "points" in sent) == ("winter", "For Ola", False)
    assert "no suitable value for your variables: points." in row.partial


def test_what_was_found_is_exported_and_erased_with_its_event(harness: Harness, store: SqlStore) -> None:
    with_variables(harness, GIFT)
    say(harness, an_event(), BODY)
    drain(harness.worker)
    [past] = store.events.past(harness.shop.id)
    assert past.event.own == (OwnValue(name="gift_note", text="For <b>Ola</b>"),)
    jan = seek(store, harness.platform, harness.shop, Person(email="jan@example.com"))

    exported = "".join(export(store, jan, who="test", now=NOON))
    erase(store, jan, who="test", now=NOON)

    assert '"name": "gift_note", "text": "For <b>Ola</b>"' in " ".join(exported.split())
    assert store.events.past(harness.shop.id) == []
