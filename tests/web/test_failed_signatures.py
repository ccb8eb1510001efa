"""Wrongly signed webhooks are answered unread after a while, and no genuine store with them."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from json import dumps

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


def test_junk_hears_that_it_is_too_much_after_a_while(door: Door) -> None:
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


@pytest.mark.parametrize("is_named", [True, False], ids=["in its name", "in another's"])
def test_a_genuine_store_gets_in_beside_strangers_of_its_address(door: Door, is_named: bool) -> None:
    elsewhere = replace(door.shop, address=door.shop.address.replace("demo", "elsewhere"))

    assert COME_AGAIN[door.platform] in door.flood(STRANGER, door.shop if is_named else elsewhere)

    assert door.post(door.genuine(), STRANGER) == 200


def test_junk_of_no_shop_of_ours_is_answered_unread_after_a_while(door: Door) -> None:
    elsewhere = replace(door.shop, address=door.shop.address.replace("demo", "elsewhere"))
    door.flood(STRANGER, elsewhere)

    # Its signature would do for a shop of Shopify's, whose answer is then another.
    assert door.post(door.genuine(elsewhere), STRANGER) == COME_AGAIN[door.platform]
    assert door.post(door.genuine(elsewhere), STORE) == {"shopify": 200, "saleor": 401}[door.platform]


def test_a_key_that_cannot_be_fetched_now_is_no_failure(store: SqlStore, database_url: str) -> None:
    door = Door("saleor", store, settings_for(database_url, FAILED_SIGNATURES_PER_MINUTE=str(MOST)))
    webhook = door.genuine()
    names = signatures(webhook)
    header = {"alg": "RS256", "kid": "new", "b64": False, "crit": ["b64"]}
    kid = urlsafe_b64encode(dumps(header).encode()).decode().rstrip("=")
    unknown = altered(webhook, dict.fromkeys(names, f"{kid}..{webhook.headers[names[0]].rpartition('.')[2]}"))
    before = REGISTRY.get_sample_value("plugin_limited_total", {"what": "webhook"}) or 0

    answers = [door.post(unknown, STRANGER) for _ in range(2 * MOST)] + [door.post(door.junk(), STRANGER)]

    assert answers == [503] * (2 * MOST) + [401]
    assert (REGISTRY.get_sample_value("plugin_limited_total", {"what": "webhook"}) or 0) == before


def test_what_is_too_much_of_a_known_shop_is_counted_no_further(door: Door) -> None:
    door.flood(STRANGER)
    door.clock.move(seconds=12)

    assert door.post(door.junk(), STRANGER) == 401
    assert door.post(door.junk(), STRANGER) == COME_AGAIN[door.platform]


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
        limits.passed(f"192.0.2.{number}", now=NOON)

    assert len(limits._good) == 10
