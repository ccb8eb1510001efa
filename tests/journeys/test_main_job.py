"""The main job as an outsider sees it: commands, HTTP and what arrives at SendPulse."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from plugin.platforms import rehearsal
from plugin.ports import RawWebhook
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sendpulse import EventDefinition, Flow, PretendSendPulse, Type, api_app, events_app
from plugin.sandbox.serving import Serving, serve_in_thread
from plugin.sandbox.shopify.admin import admin_app
from plugin.sandbox.shopify.pretend import PretendShopify
from tests.builders import a_settings_document
from tests.journeys.running import RunningApp, running_app, until

SHOP = "shopify:demo.myshopify.com"
TOKEN = "shpat_rehearsal"
TEAPOT = PRODUCTS[0]


@pytest.fixture
def sendpulse() -> PretendSendPulse:
    pretend = PretendSendPulse()
    pretend.add_event("paid", {"email": Type.STRING, "product_id": Type.NUMBER, "event_date": Type.DATE})
    for number, name in ((101, "English"), (102, "Polski")):
        pretend.add_flow(Flow(id=number, name=name, event="paid"))
    return pretend


@pytest.fixture
def app(tmp_path: Path, database_url: str, sendpulse: PretendSendPulse) -> Iterator[RunningApp]:
    playing = rehearsal("shopify")
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
        with running_app(tmp_path, database_url, environ) as running:
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
    shop, _ = rehearsal("shopify").installation()
    return rehearsal("shopify").webhook("orders/paid", an_order(number, locale=locale), shop, key=key)


def settings_for(event: EventDefinition, sendpulse: PretendSendPulse, send: str) -> dict[str, Any]:
    """The design's settings file, pointed at the pretend SendPulse."""
    document = a_settings_document()
    way = {"event_name": event.name} if send == "name" else {"event_url": event.url}
    document["events"]["order_paid"] = {"enabled": True, "send": send, "shape": "order", "audience": "everyone", **way}
    credentials = {"client_id": sendpulse.account.client_id, "client_secret": sendpulse.account.client_secret}
    return document | {"account": {"rate_per_second": 8, **credentials}}


@pytest.mark.parametrize("send", ["json", "form", "name"])
def test_a_polish_order_is_one_post_to_the_polish_flow(app: RunningApp, sendpulse: PretendSendPulse, send: str) -> None:
    event = sendpulse.definition(account_id=sendpulse.account.user_id, name="paid")
    assert event
    app.command("settings", "import", "-", "--shop", SHOP, input=json.dumps(settings_for(event, sendpulse, send)))
    app.start()

    assert post(app, paid(1001)) == 200
    [received] = until(sendpulse.received, "the event arrived")

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
    [mail] = sendpulse.mails()
    assert mail.flow_name == "Polski"
    until(lambda: '"delivered"' in app.command("deliveries", "list", "--shop", SHOP, "--json"), "the log says delivered")


def test_nothing_acknowledged_is_lost_when_the_plug_is_pulled(app: RunningApp, sendpulse: PretendSendPulse) -> None:
    event = sendpulse.definition(account_id=sendpulse.account.user_id, name="paid")
    assert event
    app.command("settings", "import", "-", "--shop", SHOP, input=json.dumps(settings_for(event, sendpulse, "json")))
    app.start()
    acknowledged = [number for number in range(2000, 2030) if post(app, paid(number)) == 200]

    app.kill()
    until(lambda: not _answers(app), "both halves stopped with their parent")
    app.start()

    arrived = until(lambda: _orders(sendpulse) >= set(acknowledged) and _orders(sendpulse), "all arrived", seconds=120)
    assert len(acknowledged) == 30
    assert arrived == set(acknowledged)


def test_no_secret_or_address_is_in_the_log(app: RunningApp, sendpulse: PretendSendPulse) -> None:
    event = sendpulse.definition(account_id=sendpulse.account.user_id, name="paid")
    assert event
    app.command("settings", "import", "-", "--shop", SHOP, input=json.dumps(settings_for(event, sendpulse, "json")))
    app.start()
    post(app, paid(1001))
    until(sendpulse.received, "the event arrived")
    bad = paid(1002)
    assert post(app, RawWebhook(headers=bad.headers, body=bad.body + b" ")) == 401
    app.stop()

    log = app.log.read_text().lower()
    assert "delivered" in log
    for secret in ("jan.nowak", event.hash, TOKEN, sendpulse.account.client_secret, "rehearsal-client-secret"):
        assert secret not in log


def _orders(sendpulse: PretendSendPulse) -> set[int]:
    return {int(received.variables["order_id"]) for received in sendpulse.received()}


def _answers(app: RunningApp) -> bool:
    try:
        return requests.get(f"{app.url}/livez", timeout=1).ok
    except requests.RequestException:
        return False
