"""What carriers say, from the signed webhook to the letter, on both databases."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.pipeline.receive import receive
from plugin.platforms.shopify.testing import TESTKIT
from plugin.ports import Platform, Store
from plugin.sendpulse.body import bodies
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.builders import EVENT_URL, NOON
from tests.support.cases.shopify_answers import answer
from tests.support.fake_platform import FakeClock, FakeSendPulse
from tests.support.platforms.shopify.admin import data, running
from tests.support.platforms.shopify.given import ACCESS, FOLDER, SHOP, opened
from tests.support.platforms.shopify.shop_answers import nodes
from tests.support.working import drain

KINDS = ("order_out_for_delivery", "order_delivered")


@dataclass(kw_only=True)
class Journey:
    store: Store
    shop: Shop
    platform: Platform
    sendpulse: FakeSendPulse
    worker: Worker
    clock: FakeClock

    def hears(self, *samples: str) -> None:
        for sample in samples:
            body = (FOLDER / "samples" / f"{sample}.json").read_bytes()
            receive(TESTKIT.webhook("fulfillment_events/create", body, self.shop), self.platform, self.store, now=self.clock())
        for _ in range(4):  # the order's own event is waited for, and never comes
            drain(self.worker)
            self.clock.move(seconds=15)

    def letters(self) -> list[tuple[str, str]]:
        told = [json.loads(claimed.body) for claimed in self.sendpulse.posted]
        return [(body["event_name"], body["email"]) for body in told]


@pytest.fixture
def journey(store: Store, settings: Settings) -> Iterator[Journey]:
    clock, sendpulse = FakeClock(), FakeSendPulse()
    shop = store.shops.install(SHOP, ACCESS, now=NOON)
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL}
    store.shops.write_settings(shop.id, {"version": 1, "events": dict.fromkeys(KINDS, route)}, who="test", now=NOON)
    with running(lambda handler: data(answer(admin.questions[-1], nodes())["data"])(handler)) as admin:
        platform = opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=admin.url)
        services = Services(
            settings=settings, store=store, platforms={"shopify": platform}, post=sendpulse, write_bodies=bodies,
            short_link=short_links(store, settings),
        )  # fmt: skip
        worker = Worker(services, now=clock, sleep=clock.sleep)
        yield Journey(store=store, shop=shop, platform=platform, sendpulse=sendpulse, worker=worker, clock=clock)


def test_a_carrier_that_repeats_itself_changes_nothing(journey: Journey) -> None:
    journey.hears("order_delivered", "order_delivered__repeated")
    journey.hears("order_delivered__repeated")

    assert journey.letters() == [("order_delivered", "zofia@example.com")]


def test_two_parcels_are_two_events(journey: Journey) -> None:
    journey.hears("order_out_for_delivery", "order_out_for_delivery__second_parcel")

    assert journey.letters() == [("order_out_for_delivery", "zofia@example.com")] * 2


def test_what_else_a_carrier_says_is_no_letter(journey: Journey) -> None:
    journey.hears("fulfillment_event_in_transit")

    assert journey.letters() == []
