"""A shop's life with the app, over real HTTP and a real database: it comes, leaves, and comes back."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin import clock
from plugin.config import Settings
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.shop import Shop
from plugin.platforms.shopify.scopes import allowed, of_token
from plugin.platforms.shopify.testing import TESTKIT
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore, open_store
from plugin.web import create_app
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakeSendPulse
from tests.support.platforms.shopify.admin import running, says
from tests.support.platforms.shopify.fixtures import World, a_world
from tests.support.platforms.shopify.given import FOLDER, SHOP, installed, opened
from tests.support.working import drain


@dataclass(kw_only=True)
class Life:
    world: World
    store: SqlStore
    client: FlaskClient
    worker: Worker
    services: Services

    def open(self) -> TestResponse:
        query = {"shop": SHOP.address, "embedded": "1", "host": "aG9zdA", "id_token": self.world.id_token()}
        return self.client.get("/shopify", query_string=query)

    def visit(self) -> TestResponse:
        return self.client.get("/shopify", headers={"Authorization": f"Bearer {TESTKIT.token(SHOP)}"})

    def hears(self, topic: str, sample: str, *, ago: timedelta = timedelta(0)) -> TestResponse:
        """A webhook comes in, and the worker does all that follows."""
        body = (FOLDER / "samples" / f"{sample}.json").read_bytes().replace(b"548380009", b"61000000001")  # the pretend shop's
        webhook = TESTKIT.webhook(topic, body, SHOP)
        triggered = (clock.now() - ago).isoformat().replace("+00:00", "Z")
        headers = {**webhook.headers, "x-shopify-triggered-at": triggered}
        answer = self.client.post("/webhooks/shopify", data=webhook.body, headers=headers)
        drain(self.worker)
        return answer

    @property
    def shop(self) -> Shop:
        [found] = self.store.shops.list()
        return found.shop

    @property
    def access(self) -> dict[str, object]:
        return dict(self.store.shops.access(self.shop.id))


@pytest.fixture
def life(store: SqlStore, settings: Settings) -> Iterator[Life]:
    with a_world() as world:
        services = Services(
            settings=settings, store=store, platforms={"shopify": world.platform}, post=FakeSendPulse(), write_bodies=bodies,
            short_link=short_links(store, settings),
        )  # fmt: skip
        world.shops = store.shops
        yield Life(
            world=world, store=store, client=create_app(services).test_client(), worker=Worker(services), services=services
        )


def test_opening_installs_and_the_visitor_is_let_in(life: Life) -> None:
    assert life.visit().status_code == 403

    document = life.open()

    assert document.status_code == 200
    assert "frame-ancestors https://demo.myshopify.com https://admin.shopify.com" in document.headers["Content-Security-Policy"]
    assert life.visit().status_code == 200


def test_an_uninstall_drops_the_tokens_and_what_comes_late_is_answered_200_and_dropped(life: Life) -> None:
    life.open()
    assert life.access["refresh_token"]
    life.world.pretend.uninstall(SHOP.address)

    assert life.hears("app/uninstalled", "app_uninstalled").status_code == 200
    before = life.store.backlog()
    late = life.hears("orders/paid", "order_paid")

    assert life.access == {}
    assert (late.status_code, life.store.backlog()) == (200, before)
    assert life.visit().status_code == 403


def test_coming_back_brings_new_tokens_and_the_old_settings(life: Life) -> None:
    life.open()
    shop_id, first = life.shop.id, life.access["access_token"]
    life.store.shops.write_settings(shop_id, a_settings_document(), who="test", now=NOON)
    life.world.pretend.uninstall(SHOP.address)
    life.hears("app/uninstalled", "app_uninstalled")
    life.world.pretend.install(SHOP.address)

    assert life.open().status_code == 200

    assert life.shop.id == shop_id
    assert life.access["access_token"] not in ("", first)
    assert life.store.shops.settings(shop_id).table.routes
    assert life.visit().status_code == 200


def test_an_uninstall_told_after_the_shop_came_back_takes_nothing_away(life: Life) -> None:
    life.open()
    before = life.access

    assert life.hears("app/uninstalled", "app_uninstalled", ago=timedelta(minutes=5)).status_code == 200

    assert life.access == before
    assert life.visit().status_code == 200


@pytest.mark.parametrize(("topic", "sample"), [("app/uninstalled", "app_uninstalled"), ("shop/redact", "shop_redact")])
def test_an_old_body_sent_again_ends_no_shop_that_has_the_app(life: Life, topic: str, sample: str) -> None:
    life.open()
    before = life.access

    assert life.hears(topic, sample).status_code == 200

    assert life.access == before
    assert life.visit().status_code == 200


def test_after_its_end_a_shop_s_webhooks_are_answered_200_at_once(life: Life, settings: Settings) -> None:
    life.open()
    life.world.pretend.uninstall(SHOP.address)
    with closing(open_store(settings)) as elsewhere:
        front = create_app(replace(life.services, store=elsewhere)).test_client()
        assert elsewhere.shops.find(SHOP.platform, SHOP.address)
        life.hears("shop/redact", "shop_redact")
        late = TESTKIT.webhook("orders/paid", (FOLDER / "samples" / "order_paid.json").read_bytes(), SHOP)

        answer = front.post("/webhooks/shopify", data=late.body, headers=dict(late.headers))

    assert not life.store.shops.list()
    assert answer.status_code == 200


@pytest.mark.parametrize("answer", ["unauthorized", "unknown", "frozen"])
def test_what_shopify_answers_says_whether_the_app_is_there(answer: str) -> None:
    status = {"unauthorized": 401, "unknown": 404, "frozen": 402}[answer]
    with running(says(status, b"")) as admin:
        changed = {"PLUGIN_SANDBOX": "1", "SHOPIFY_ADMIN_URL": admin.url}
        shops, shop = installed()

        if answer == "frozen":
            with pytest.raises(TryAgain):
                opened(**changed).is_installed(shop, shops)
        else:
            assert opened(**changed).is_installed(shop, shops) is False


def test_only_some_shops_are_asked_at_once_whether_they_have_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.platforms.shopify.presence.MOST_AT_ONCE", 0)
    shops, shop = installed()

    with pytest.raises(TryAgain, match="Other shops"):
        opened().is_installed(shop, shops)


def test_a_shop_without_a_token_cannot_be_asked_whether_it_has_the_app() -> None:
    shops, shop = installed()
    shops.renew(shop.id, {"access_token": ""})

    with pytest.raises(GiveUp, match=f"shops remove {shop.key}"):
        opened().is_installed(shop, shops)


@pytest.mark.parametrize(("topic", "sample"), [("app/uninstalled", "app_uninstalled"), ("shop/redact", "shop_redact")])
def test_a_shop_added_without_a_token_is_ended_by_nobody_but_the_operator(life: Life, topic: str, sample: str) -> None:
    life.store.shops.install(SHOP, {}, now=clock.now() - timedelta(hours=1))

    assert life.hears(topic, sample).status_code == 200

    found = life.store.shops.find(SHOP.platform, SHOP.address)
    assert found is not None
    assert found.is_active


def test_changed_scopes_are_stored_and_the_next_visit_fetches_tokens_for_them(life: Life) -> None:
    life.open()
    first = life.access["access_token"]

    life.hears("app/scopes_update", "app_scopes_update")
    assert allowed(life.access) != of_token(life.access)
    life.open()

    assert life.access["access_token"] != first
    assert allowed(life.access) == of_token(life.access)


def test_a_token_of_a_shop_that_never_came_is_refused(life: Life) -> None:
    other = replace(SHOP, address="never-came.myshopify.com")

    answer = life.client.get("/shopify", headers={"Authorization": f"Bearer {TESTKIT.token(other)}"})

    assert answer.status_code == 403


def test_an_expired_token_is_answered_so_that_app_bridge_tries_again(life: Life) -> None:
    life.open()
    token = TESTKIT.wrong_tokens(SHOP)["expired"]

    answer = life.client.get("/shopify", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.headers["X-Shopify-Retry-Invalid-Session-Request"]) == (401, "1")
