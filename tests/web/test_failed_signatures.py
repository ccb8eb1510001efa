"""Wrongly signed webhooks are answered unread after a while, and no genuine store with them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.platforms import discover, find_testkit
from plugin.ports import RawWebhook
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.web import create_app
from plugin.web.failed_signatures import FailedSignatures
from plugin.wiring import Services, short_links
from tests.support.builders import NOON
from tests.support.databases import settings_for
from tests.support.fake_platform import FakeClock, FakeSendPulse
from tests.support.platforms.expected import samples
from tests.support.platforms.fixtures import altered, flipped, signatures

MOST = 5
STRANGER, STORE = "192.0.2.66", "198.51.100.7"


class Door:
    """A web process, its shop's genuine deliveries and a stranger's."""

    def __init__(self, platform: str, store: SqlStore, settings: Settings) -> None:
        self.clock, self.kit, self.platform = FakeClock(), find_testkit(platform), platform
        opened = discover()[platform].open(settings, self.kit.environ, now=self.clock)
        self.shop = store.shops.install(*self.kit.installation(), now=NOON)
        services = Services(
            settings=settings, store=store, platforms={platform: opened}, post=FakeSendPulse(), write_bodies=bodies,
            short_link=short_links(store, settings), now=self.clock,
        )  # fmt: skip
        self.sample = next(iter(samples(platform)))
        self.path, self.client = f"/webhooks/{platform}", create_app(services).test_client()

    def genuine(self, shop: Shop | None = None) -> RawWebhook:
        return self.kit.webhook(self.sample.topic, self.sample.body, shop or self.shop)

    def junk(self, shop: Shop | None = None) -> RawWebhook:
        webhook = self.genuine(shop)
        names = signatures(webhook)
        return altered(webhook, dict.fromkeys(names, flipped(webhook.headers[names[0]], -20)))

    def post(self, webhook: RawWebhook, source: str) -> int:
        place = {"REMOTE_ADDR": source}
        return self.client.post(self.path, data=webhook.body, headers=dict(webhook.headers), environ_base=place).status_code

    def flood(self, source: str, shop: Shop | None = None) -> list[int]:
        return [self.post(self.junk(shop), source) for _ in range(3 * MOST)]


@pytest.fixture(params=sorted(discover()))
def door(request: pytest.FixtureRequest, store: SqlStore, database_url: str) -> Iterator[Door]:
    yield Door(str(request.param), store, settings_for(database_url, FAILED_SIGNATURES_PER_MINUTE=str(MOST)))


#: After which the platform sends a webhook again: Saleor never does after a 429.
COME_AGAIN = {"shopify": 429, "saleor": 503}


def test_junk_is_answered_unread_after_a_while(door: Door) -> None:
    before = REGISTRY.get_sample_value("plugin_limited_total", {"what": "webhook"}) or 0

    answers = door.flood(STRANGER)

    assert answers[MOST:] == [COME_AGAIN[door.platform]] * (2 * MOST)
    assert 429 not in answers[:MOST]
    assert REGISTRY.get_sample_value("plugin_limited_total", {"what": "webhook"}) == before + 2 * MOST
    assert door.post(door.genuine(), STORE) == 200


def test_where_good_signatures_come_from_nobody_is_limited(door: Door) -> None:
    assert door.post(door.genuine(), STORE) == 200

    assert 429 not in door.flood(STORE)
    assert door.post(door.genuine(), STORE) == 200


def test_a_shop_that_is_known_gets_in_beside_strangers_of_its_new_address(door: Door) -> None:
    assert door.post(door.genuine(), STORE) == 200
    elsewhere = replace(door.shop, address=door.shop.address.replace("demo", "elsewhere"))

    assert COME_AGAIN[door.platform] in door.flood(STRANGER, elsewhere)

    assert door.post(door.genuine(), STRANGER) == 200


def test_after_a_minute_strangers_are_heard_again(door: Door) -> None:
    door.flood(STRANGER)
    door.clock.move(minutes=1)

    assert door.post(door.genuine(), STRANGER) == 200


def test_who_is_limited_hears_when_to_come_again(door: Door) -> None:
    door.flood(STRANGER)

    answer = door.client.post(door.path, data=b"{}", environ_base={"REMOTE_ADDR": STRANGER})

    assert (answer.status_code, answer.headers["Retry-After"]) == (COME_AGAIN[door.platform], "12")


def test_memory_is_bounded() -> None:
    limits = FailedSignatures(per_minute=5, remembered=10)

    for number in range(100):
        limits.passed(f"192.0.2.{number}", f"shop {number}", now=NOON)

    assert len(limits._good) == 10
