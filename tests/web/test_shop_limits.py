"""One shop's limits as it meets them: pages, files, and webhooks on every platform; no other shop meets them with it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin import clock
from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.metrics import LIMITED, WEBHOOKS
from plugin.pipeline.receive import LONGEST_URGENT
from plugin.platforms import discover, find_testkit
from plugin.ports import Store
from plugin.web import create_app
from plugin.wiring import Services, assemble
from tests.support.builders import NOON
from tests.support.journeys.running import until
from tests.support.platforms.expected import samples
from tests.support.web.merchant import Merchant, a_merchant

PLATFORMS = sorted(discover())
OTHERS = {"saleor": "https://other.example/graphql/", "shopify": "other.myshopify.com"}


@pytest.fixture
def few(settings: Settings) -> Settings:
    return replace(settings, pages_per_minute=5, exports_per_hour=2)


@pytest.fixture
def merchant(store: Store, few: Settings) -> Merchant:
    return a_merchant(store, few)


def another(merchant: Merchant) -> Merchant:
    """Staff of another shop, at the same application."""
    store = merchant.services.store
    shop = store.shops.install(Shop(id=0, platform="fake", address="other", name="Other"), {}, now=NOON)
    return replace(merchant, shop=shop)


def counted(what: str) -> float:
    return float(LIMITED.labels(what)._value.get())


def test_a_shop_that_opens_pages_without_end_waits_a_moment(merchant: Merchant) -> None:
    before = counted("pages")

    answers = [merchant.get("/deliveries/") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Wait a moment" in answers[-1].text
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 12
    assert another(merchant).get("/deliveries/").status_code == 200
    assert counted("pages") - before == 1


def test_a_shop_downloads_so_many_files_an_hour(merchant: Merchant) -> None:
    answers = [merchant.get("/deliveries/export") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 1800
    assert another(merchant).get("/deliveries/export").status_code == 200
    assert merchant.get("/deliveries/").status_code == 200


def test_a_merchant_reads_that_the_store_is_turned_away(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting_room = merchant.services.store.waiting_room
    now = merchant.services.now()
    monkeypatch.setattr(waiting_room, "turned_away_at", lambda _: now - timedelta(minutes=1))
    during = merchant.get("/").text
    monkeypatch.setattr(waiting_room, "turned_away_at", lambda _: now - timedelta(hours=1))
    after = merchant.get("/").text

    assert "Your store is sending more than this app can process" in during
    assert "Your store is sending more than this app can process" not in after


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def client(settings: Settings, platform: str) -> Iterator[FlaskClient]:
    """The real platforms at a store with room for two webhooks a shop."""
    services = assemble(replace(settings, waiting_webhooks=2), find_testkit(platform).environ)
    yield create_app(services).test_client()
    services.store.close()


def services_of(client: FlaskClient) -> Services:
    found: Services = client.application.extensions["plugin"]
    return found


@dataclass
class Telling:
    """A store that sends one order again and again, each time as another delivery."""

    client: FlaskClient
    platform: str
    shop: Shop
    number: int = 0

    def __post_init__(self) -> None:
        sample = next(sample for sample in samples(self.platform) if sample.path.stem == "order_created")
        self.topic, self.body = sample.topic, sample.body

    def order(self) -> int:
        return self.post(self.topic, self.body).status_code

    def post(self, topic: str, body: bytes) -> TestResponse:
        self.number += 1
        # One platform numbers its deliveries in a header, the other by the moment in the body.
        another = body.replace(b"02.000001", f"02.{self.number:06}".encode())
        webhook = find_testkit(self.platform).webhook(topic, another, self.shop, key=f"{self.number}")
        return self.client.post(f"/webhooks/{self.platform}", data=webhook.body, headers=dict(webhook.headers))


def installed(store: Store, platform: str, address: str | None = None) -> Shop:
    played, access = find_testkit(platform).installation(address)
    return store.shops.install(played, access, now=clock.now())


def test_a_store_with_too_much_waiting_is_asked_to_come_again(client: FlaskClient, platform: str) -> None:
    services = services_of(client)
    shop = installed(services.store, platform)
    told = Telling(client, platform, shop)
    assert [told.order(), told.order()] == [200, 200]

    until(lambda: told.order() != 200, "it is turned away", seconds=30)

    answer = told.post(told.topic, told.body)
    assert answer.status_code == services.platforms[platform].come_again_answer
    assert answer.headers["Retry-After"] == "60"
    assert WEBHOOKS.labels(platform, "turned_away")._value.get() >= 1


def test_another_store_is_taken_meanwhile(client: FlaskClient, platform: str) -> None:
    store = services_of(client).store
    told = Telling(client, platform, installed(store, platform))
    until(lambda: told.order() != 200, "it is turned away", seconds=30)
    other = Telling(client, platform, installed(store, platform, OTHERS[platform]))

    assert other.order() == 200


def test_who_asks_to_be_forgotten_is_never_turned_away(client: FlaskClient, platform: str) -> None:
    services = services_of(client)
    told = Telling(client, platform, installed(services.store, platform))
    until(lambda: told.order() != 200, "it is turned away", seconds=30)

    always = services.platforms[platform].always_taken

    asked = [sample for sample in samples(platform) if sample.topic in always]
    assert asked
    assert {told.post(sample.topic, sample.body).status_code for sample in asked} == {200}


def test_a_long_request_to_be_forgotten_is_a_webhook_like_others(client: FlaskClient, platform: str) -> None:
    services = services_of(client)
    told = Telling(client, platform, installed(services.store, platform))
    always = services.platforms[platform].always_taken
    asked = next(sample for sample in samples(platform) if sample.topic in always)
    long = asked.body.rstrip() + b" " * LONGEST_URGENT
    assert told.post(asked.topic, long).status_code == 200

    until(lambda: told.order() != 200, "it is turned away", seconds=30)

    assert told.post(asked.topic, long + b" ").status_code == services.platforms[platform].come_again_answer


def test_what_each_platform_hears_makes_it_send_again(platform: str, settings: Settings) -> None:
    opened = discover()[platform].open(settings, find_testkit(platform).environ)

    assert opened.come_again_answer in (429, 503)
    assert opened.always_taken <= opened.topics
