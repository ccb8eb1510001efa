"""Signed webhooks on their whole way: the bodies that leave have every key of their kind that Shopify tells."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.domain.variables import NAMES
from plugin.pipeline.receive import receive
from plugin.platforms.shopify.testing import TESTKIT
from plugin.ports import Platform, Store
from plugin.sendpulse.body import bodies
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.builders import EVENT_URL, NOON
from tests.support.cases.shopify_answers import answer
from tests.support.fake_platform import FakeClock, FakeSendPulse
from tests.support.platforms.shopify.admin import FakeAdmin, data, running
from tests.support.platforms.shopify.given import ACCESS, FOLDER, SHOP, opened
from tests.support.platforms.shopify.shop_answers import nodes
from tests.support.working import drain

GOLDEN = Path(__file__).parent / "golden"

# The sample, the topic it comes under, and the keys of its kind that this webhook has nothing for.
BODIES: dict[str, tuple[str, str]] = {
    "order_paid__everything": ("orders/paid", ""),
    "order_fulfilled__two_parcels": ("orders/fulfilled", ""),
    "order_refunded__with_reason": ("refunds/create", ""),
    "order_cancelled__everything": ("orders/cancelled", ""),
    "customer_created": ("customers/create", "product_id"),
}


@dataclass(kw_only=True)
class Journey:
    store: Store
    shop: Shop
    platform: Platform
    sendpulse: FakeSendPulse
    worker: Worker
    admin: FakeAdmin

    def body_of(self, sample: str, topic: str) -> Any:
        """What leaves for this one webhook."""
        webhook = TESTKIT.webhook(topic, (FOLDER / "samples" / f"{sample}.json").read_bytes(), self.shop)
        receive(webhook, self.platform, self.store, now=NOON)
        drain(self.worker)
        (posted,) = self.sendpulse.posted
        return json.loads(posted.body)


@pytest.fixture
def journey(store: Store, settings: Settings) -> Iterator[Journey]:
    clock, sendpulse = FakeClock(), FakeSendPulse()
    shop = store.shops.install(SHOP, ACCESS, now=NOON)
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL}
    document = {
        "version": 1,
        "events": dict.fromkeys((name.partition("__")[0] for name in BODIES), route),
        "flows": [{"locale": "pl", "automation_id": 102, "name": "Polski"}],
        "share": ["address"],
    }
    store.shops.write_settings(shop.id, document, who="test", now=NOON)
    with running(lambda handler: data(answer(admin.questions[-1], nodes())["data"])(handler)) as admin:
        platform = opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=admin.url)
        services = Services(
            settings=settings, store=store, platforms={"shopify": platform}, post=sendpulse, write_bodies=bodies,
            short_link=short_links(store, settings),
        )  # fmt: skip
        worker = Worker(services, now=clock, sleep=clock.sleep)
        yield Journey(store=store, shop=shop, platform=platform, sendpulse=sendpulse, worker=worker, admin=admin)


@pytest.mark.parametrize(("sample", "topic", "untold"), [(name, *row) for name, row in BODIES.items()], ids=BODIES)
def test_a_signed_webhook_becomes_this_body(sample: str, topic: str, untold: str, journey: Journey) -> None:
    body = journey.body_of(sample, topic)

    assert body == json.loads((GOLDEN / f"{sample}.json").read_text(encoding="utf-8"))
    assert NAMES[EventKind(sample.partition("__")[0])] - body.keys() == set(untold.split())
