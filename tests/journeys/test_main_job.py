"""The main job as an outsider sees it: commands, HTTP and what arrives at SendPulse."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from plugin.platforms import find_testkit
from plugin.ports import RawWebhook
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sendpulse import EventDefinition, Flow, PretendSendPulse, Type, api_app, events_app
from plugin.sandbox.sendpulse.definitions import Received
from plugin.sandbox.sendpulse.flows import Reentry
from plugin.sandbox.serving import Serving, serve_in_thread
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.pretend import PretendShopify
from tests.support.builders import a_settings_document
from tests.support.journeys.running import RunningApp, running_app, until

SHOP = "shopify:demo.myshopify.com"
TOKEN = "shpat_testkit"
TEAPOT = PRODUCTS[0]


@dataclass
class Place:
    """The app over one database, with the two ends played."""

    app: RunningApp
    sendpulse: PretendSendPulse
    event: EventDefinition
    sends_by: str = ""

    def send_by(self, send: str) -> None:
        """Have paid orders sent this way from now on."""
        if send == self.sends_by:
            return
        self.sends_by = send
        self.app.command("settings", "import", "-", "--shop", SHOP, input=json.dumps(settings_for(self, send)))

    def received(self, *orders: int) -> list[Received]:
        """What came of these orders."""
        return [one for one in self.sendpulse.received() if int(one.variables["order_id"]) in orders]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One app for all tests of a database: each has orders of its own."""
    folder = tmp_path_factory.mktemp("main_job")
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{folder}/plugin.db" if is_sqlite else request.getfixturevalue("cluster").new_database("main_job")
    sendpulse = PretendSendPulse()
    event = sendpulse.add_event("paid", {"email": Type.STRING, "product_id": Type.NUMBER, "event_date": Type.DATE})
    for number, name in ((101, "English"), (102, "Polski")):
        sendpulse.add_flow(Flow(id=number, name=name, event="paid", reentry=Reentry.ALWAYS))
    with _running(folder, url, sendpulse) as app:
        app.start()
        yield Place(app, sendpulse, event)


@contextmanager
def _running(folder: Path, database_url: str, sendpulse: PretendSendPulse) -> Iterator[RunningApp]:
    playing = find_testkit("shopify")
    shopify = PretendShopify(
        client_id=playing.environ["SHOPIFY_CLIENT_ID"], client_secret=playing.environ["SHOPIFY_CLIENT_SECRET"]
    )
    shopify.tokens.accept("demo.myshopify.com", TOKEN)
    with _served(events_app(sendpulse)) as events, _served(api_app(sendpulse)) as api, _served(admin_app(shopify)) as admin:
        shopify.url = admin.url
        environ = {
            **playing.environ, **_keys(database_url),
            "SENDPULSE_EVENTS_URL": events.url, "SENDPULSE_API_URL": api.url, "SHOPIFY_ADMIN_URL": admin.url + "/{shop}",
        }  # fmt: skip
        with running_app(folder, database_url, environ) as running:
            running.command("shops", "add", "--platform", "shopify", "--address", "demo.myshopify.com", "--locale", "en",
                            "--timezone", "Europe/Warsaw", "--token", TOKEN)  # fmt: skip
            yield running


def _served(application: Any) -> Serving:
    return serve_in_thread(application)


def _keys(database_url: str) -> dict[str, str]:
    """PostgreSQL wants the keys named; beside an SQLite file they are made."""
    if database_url.startswith("sqlite"):
        return {}
    return {"ENCRYPTION_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "SECRET_KEY": "a key for the journey only"}


def an_order(number: int, *, locale: str = "pl-PL") -> bytes:
    money = {
        "shop_money": {"amount": "34.90", "currency_code": "EUR"},
        "presentment_money": {"amount": "149.99", "currency_code": "PLN"},
    }
    line = {
        "id": 1, "product_id": TEAPOT.number, "variant_id": TEAPOT.variants[0].number, "title": TEAPOT.title,
        "quantity": 1, "price": "34.90", "price_set": money,
    }  # fmt: skip
    order = {
        "id": number, "name": f"#{number}", "email": "Jan.Nowak@example.com", "customer_locale": locale, "test": False,
        "created_at": "2026-11-23T23:30:00-05:00", "updated_at": "2026-11-23T23:30:01-05:00",
        "currency": "EUR", "presentment_currency": "PLN", "total_price": "34.90", "total_price_set": money,
        "checkout_token": f"token{number}", "line_items": [line],
    }  # fmt: skip
    return json.dumps(order).encode()


def post(app: RunningApp, webhook: RawWebhook) -> int:
    answer = requests.post(f"{app.url}/webhooks/shopify", data=webhook.body, headers=dict(webhook.headers), timeout=5)
    return answer.status_code


def paid(number: int, *, locale: str = "pl-PL", key: str | None = None) -> RawWebhook:
    shop, _ = find_testkit("shopify").installation()
    return find_testkit("shopify").webhook("orders/paid", an_order(number, locale=locale), shop, key=key)


def settings_for(place: Place, send: str) -> dict[str, Any]:
    """The settings file of docs/merchant.md, pointed at the pretend SendPulse."""
    document, account = a_settings_document(), place.sendpulse.account
    way = {"event_name": place.event.name} if send == "name" else {"event_url": place.event.url}
    document["events"]["order_paid"] = {"enabled": True, "send": send, "shape": "order", "audience": "everyone", **way}
    credentials = {"client_id": account.client_id, "client_secret": account.client_secret}
    return document | {"account": {"rate_per_second": 8, **credentials}}


@pytest.mark.parametrize(("send", "order"), [("form", 1002), ("name", 1003), ("json", 1001)])  # the next tests send by json too
def test_a_polish_order_is_one_post_to_the_polish_flow(place: Place, send: str, order: int) -> None:
    place.send_by(send)

    assert post(place.app, paid(order)) == 200
    [received] = until(lambda: place.received(order), "the event arrived")

    variables = received.variables
    assert variables["email"] == "jan.nowak@example.com"
    assert int(variables["automation_id"]) == 102
    assert (variables["product_name"], int(variables["product_id"])) == (TEAPOT.title, TEAPOT.number)
    assert (variables["product_price"], variables["event_date"]) == ("149.99", "2026-11-24")
    assert variables["product_link"].startswith("http")
    assert TEAPOT.handle in variables["product_link"]
    assert variables["product_img_url"].startswith("http")
    if send != "form":
        assert type(json.loads(received.body)["automation_id"]) is int
        assert type(json.loads(received.body)["product_id"]) is int
    assert place.sendpulse.mails()[-1].flow_name == "Polski"
    until(lambda: _states(place)[:1] == ["delivered"], "the log says delivered")
    assert len(place.received(order)) == 1


def test_nothing_acknowledged_is_lost_when_the_plug_is_pulled(place: Place) -> None:
    place.send_by("json")
    acknowledged = {number for number in range(2000, 2030) if post(place.app, paid(number)) == 200}

    place.app.kill()
    until(lambda: not _answers(place.app), "both halves stopped with their parent")
    place.app.start()

    until(lambda: _orders(place) >= acknowledged, "all arrived", seconds=120)
    assert len(acknowledged) == 30


def test_no_secret_or_address_is_in_the_log(place: Place) -> None:
    place.send_by("json")
    post(place.app, paid(3001))
    until(lambda: place.received(3001), "the event arrived")
    bad = paid(3002)
    assert post(place.app, RawWebhook(headers=bad.headers, body=bad.body + b" ")) == 401
    place.app.stop()  # for good: no other test of this database comes after

    log = place.app.log.read_text().lower()
    assert "delivered" in log
    for secret in ("jan.nowak", place.event.hash, TOKEN, place.sendpulse.account.client_secret, "testkit-client-secret"):
        assert secret not in log


def _orders(place: Place) -> set[int]:
    return {int(received.variables["order_id"]) for received in place.sendpulse.received()}


def _states(place: Place) -> list[str]:
    """Of the deliveries in the log, the newest first."""
    listed = place.app.command("deliveries", "list", "--shop", SHOP, "--json").splitlines()
    return [json.loads(line)["state"] for line in listed if line.startswith("{")]


def _answers(app: RunningApp) -> bool:
    try:
        return requests.get(f"{app.url}/livez", timeout=1).ok
    except requests.RequestException:
        return False
