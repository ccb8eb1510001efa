"""The sandbox page: what it does to the stores, and what it shows of the app."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from plugin import clock
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.sandbox.courier import LOST
from plugin.sandbox.page import page_app
from plugin.sandbox.page.troubles import LONG, TROUBLES
from plugin.sandbox.serving import free_port
from plugin.sandbox.stores.shopify.sender import RETRY_POLICY
from tests.sandbox.conftest import World
from tests.support.uninstalling import uninstall
from tests.support.working import drain, prepare, work_once


@pytest.fixture
def client(world: World) -> FlaskClient:
    return page_app(world.parts).test_client()


def fire(client: FlaskClient, **changed: Any) -> int:
    wish = {"store": "shopify", "event": "order_paid", "buyer": "zofia", "products": ["moss-teapot"]}
    answer = client.post("/fire", json=wish | changed)
    assert answer.status_code == 200, answer.get_json()
    number: int = answer.get_json()["id"]
    return number


def newest(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/state").get_json()["traces"][0]
    return found


def test_a_webhook_is_followed_to_its_mail(world: World, client: FlaskClient) -> None:
    fire(client)
    world.settle()

    trace = newest(client)
    [step] = trace["steps"]
    [letter] = step["letters"]
    assert (trace["topic"], trace["status"], trace["answer"]) == ("orders/paid", 200, "taken")
    assert (step["kind"], step["locale"], step["origin"]) == ("order_paid", "pl-PL", "written on the order")
    assert (step["flow"], step["flow_name"], step["state"]) == ("102", "Polski", "delivered")
    assert "pl" in step["why"]
    assert step["attempts"][0].startswith("attempt 1: HTTP 200, delivered in")
    assert (letter["to"], letter["flow"], letter["price"]) == ("zofia.wisniewska@example.com", "Polski", "150,07\xa0zł")
    assert letter["subject"].startswith("Otrzymaliśmy płatność za zamówienie #")
    assert letter["picture"].startswith(world.shopify.url)


def test_every_stage_has_something_to_show(world: World, client: FlaskClient) -> None:
    fire(client)
    received = newest(client)
    work_once(world.worker.translating)
    translated = newest(client)
    work_once(world.worker.planning)
    planned = newest(client)

    assert (received["status"], received["steps"], received["reading"]) == (200, [], "")
    assert translated["steps"][0]["state"] == "planning"
    assert planned["steps"][0]["state"] == "waiting"
    assert [received["is_settled"], translated["is_settled"], planned["is_settled"]] == [False] * 3
    assert [client.get("/rows").status_code, client.get("/").status_code] == [200, 200]


@pytest.mark.parametrize("store", ["shopify", "saleor"])
def test_the_same_webhook_again_makes_no_second_mail(world: World, client: FlaskClient, store: str) -> None:
    first = fire(client, store=store)
    again = client.post("/again", json={"id": first}).get_json()["id"]
    world.settle()

    traces = {trace["id"]: trace for trace in client.get("/state").get_json()["traces"]}
    assert (traces[again]["is_repeat"], traces[again]["status"]) == (True, 200)
    assert traces[again]["steps"] == traces[first]["steps"]
    assert len(world.sendpulse.mails()) == 1
    assert "nothing is done twice" in client.get("/").get_data(as_text=True)


def test_form_and_name_reach_the_same_flows_as_json(world: World, client: FlaskClient) -> None:
    for event in ("order_created", "order_cancelled", "order_refunded"):
        fire(client, event=event)
    world.settle()

    flows = [trace["steps"][0]["letters"][0]["flow"] for trace in client.get("/state").get_json()["traces"]]
    assert flows == ["Polski"] * 3


def test_a_skip_says_why_and_what_to_do(world: World, client: FlaskClient) -> None:
    fire(client, buyer="guest")
    world.settle()

    [step] = newest(client)["steps"]
    page = client.get("/").get_data(as_text=True)
    assert (step["state"], step["letters"]) == ("skipped", [])
    assert step["reason"] in page
    assert step["fix"] in page


def test_a_language_without_a_flow_goes_to_the_default(world: World, client: FlaskClient) -> None:
    fire(client, buyer="emily", locale=" fr-CA ")
    world.settle()

    [step] = newest(client)["steps"]
    assert (step["locale"], step["flow_name"]) == ("fr-CA", "English")
    assert "default" in step["why"]


def test_a_cart_waits_with_its_clock_in_sight(world: World, client: FlaskClient) -> None:
    fire(client, event="cart_updated")
    world.settle()

    steps = {step["kind"]: step for step in newest(client)["steps"]}
    # Its first body with an address begins the checkout; the change of the same body says nothing new.
    states = {"checkout_started": "delivered", "cart_updated": "skipped", "cart_abandoned": "timed"}
    assert {kind: step["state"] for kind, step in steps.items()} == states
    assert re.search(r"after \d\d:\d\d:\d\d UTC", steps["cart_abandoned"]["reason"])


def test_a_cart_left_alone_becomes_a_reminder(world: World, client: FlaskClient) -> None:
    fire(client, event="cart_abandoned", store="saleor", buyer="joao")
    world.settle()

    *_, abandoned = newest(client)["steps"]
    assert (abandoned["kind"], abandoned["state"], abandoned["flow"]) == ("cart_abandoned", "delivered", "204")
    [letter] = abandoned["letters"]
    assert letter["subject"] == "Você esqueceu Bule Musgo"
    assert letter["picture"] == f"{world.saleor.url}/media/moss-teapot.svg"


def test_a_cart_of_somebody_who_bought_says_why_it_is_forgotten(world: World, client: FlaskClient) -> None:
    fire(client, event="cart_abandoned", products=["wool-socks"])
    fire(client, event="order_created")
    world.settle()

    _, cart = client.get("/state").get_json()["traces"]
    ended = cart["steps"][-1]
    assert (ended["kind"], ended["state"]) == ("cart_abandoned", "ended")
    assert "bought something" in ended["reason"]


@pytest.mark.parametrize("store", ["shopify", "saleor"])
def test_a_purchase_whose_webhook_was_lost_is_found_out_by_asking(world: World, client: FlaskClient, store: str) -> None:
    fire(client, event="cart_abandoned", store=store)
    client.post("/store-trouble", json={"trouble": "lossy"})
    fire(client, event="order_created", store=store)
    world.settle()

    _, cart = client.get("/state").get_json()["traces"]
    assert (cart["steps"][-1]["kind"], cart["steps"][-1]["letters"]) == ("cart_abandoned", [])
    assert "cart_abandoned" not in {mail.event for mail in world.sendpulse.mails()}


@pytest.mark.parametrize("store", ["shopify", "saleor"])
def test_a_store_that_does_not_answer_keeps_its_reminders_back(world: World, client: FlaskClient, store: str) -> None:
    fire(client, event="cart_abandoned", store=store)
    drain(world.worker)
    client.post("/store-trouble", json={"trouble": "dead"})
    world.settle()

    assert {step["kind"]: step["state"] for step in newest(client)["steps"]}["cart_abandoned"] == "timed"
    assert world.services.store.timers.waiting(1 if store == "shopify" else 2, limit=1).carts[0].due_at > clock.now()


def test_a_trouble_shows_in_the_attempts(world: World, client: FlaskClient) -> None:
    client.post("/trouble", json={"trouble": "down"})
    fire(client)
    world.settle()

    [step] = newest(client)["steps"]
    assert (step["state"], step["letters"]) == ("waiting", [])
    assert "HTTP 503, try again" in step["attempts"][0]
    assert step["reason"].startswith("The next try is at ")


def test_an_event_that_is_refused_has_failed(world: World, client: FlaskClient) -> None:
    client.post("/trouble", json={"trouble": "refuses"})
    fire(client)
    world.settle()

    [step] = newest(client)["steps"]
    assert (step["state"], step["letters"]) == ("failed", [])


def test_turning_a_trouble_off_ends_it_at_once(world: World, client: FlaskClient) -> None:
    for word in TROUBLES:
        assert client.post("/trouble", json={"trouble": word}).get_json() == {"trouble": word}
        assert len(world.sendpulse.faults.waiting) == (0 if word == "works" else LONG)
    client.post("/trouble", json={"trouble": "works"})
    fire(client)
    world.settle()

    assert newest(client)["steps"][0]["state"] == "delivered"
    assert client.get("/state").get_json()["trouble"] == "works"


@pytest.mark.parametrize("store", ["shopify", "saleor"])
def test_a_lost_webhook_says_so(world: World, client: FlaskClient, store: str) -> None:
    client.post("/store-trouble", json={"trouble": "lossy"})
    fire(client, store=store)

    assert (newest(client)["answer"], newest(client)["status"]) == (LOST, None)
    client.post("/store-trouble", json={"trouble": "works"})
    fire(client, store=store)
    assert newest(client)["status"] == 200


def test_a_dead_store_answers_no_question(world: World, client: FlaskClient) -> None:
    client.post("/store-trouble", json={"trouble": "dead"})
    asked = {"query": "{ shop { name } }"}
    addresses = {world.saleor.api_url, f"{world.shopify.url}/demo.myshopify.com/admin/api/2026-10/graphql.json"}

    assert [requests.post(url, json=asked, timeout=5).status_code for url in addresses] == [503, 503]
    client.post("/store-trouble", json={"trouble": "works"})
    assert {requests.post(url, json=asked, timeout=5).status_code for url in addresses} == {200, 401}


def test_an_uncertain_attempt_is_called_so(world: World, client: FlaskClient) -> None:
    client.post("/trouble", json={"trouble": "cut"})
    fire(client)
    world.settle()

    [step] = newest(client)["steps"]
    assert "uncertain" in step["attempts"][0]
    assert len(step["letters"]) == 1


def test_a_refused_webhook_says_so(world: World, client: FlaskClient) -> None:
    uninstall(world.services.store.shops, 2, now=world.saleor.now())
    fire(client, store="saleor")

    trace = newest(client)
    assert (trace["status"], trace["steps"]) == (401, [])
    assert trace["answer"].startswith("refused")


def test_an_event_that_is_known_already_says_so(world: World, client: FlaskClient) -> None:
    first = world.stage.courier.find(fire(client))
    assert first
    shop = Shop(id=0, platform="shopify", address=first.shop)
    another = find_testkit("shopify").webhook(first.topic, first.request.body, shop)
    repeat = replace(first.repeated(world.stage.courier.next_id(), first.fired_at), request=another)
    world.stage.courier.send(repeat, RETRY_POLICY)
    world.settle()

    assert newest(client)["reading"] == "The app knows this event already, so nothing is sent twice."


def test_an_app_that_is_away_is_called_so(world: World, client: FlaskClient) -> None:
    first = world.stage.courier.find(fire(client))
    assert first
    repeat = replace(first.repeated(world.stage.courier.next_id(), first.fired_at), url=f"http://127.0.0.1:{free_port()}/")
    world.stage.courier.send(repeat, RETRY_POLICY)

    trace = newest(client)
    assert (trace["status"], trace["answer"]) == (None, "the app did not answer (ConnectionError)")
    assert "not sent" in client.get("/").get_data(as_text=True)


def test_a_webhook_that_waits_for_its_first_answer_is_on_its_way(world: World, client: FlaskClient) -> None:
    first = world.stage.courier.find(fire(client))
    assert first
    world.stage.courier.keep(first.repeated(world.stage.courier.next_id(), first.fired_at))

    assert newest(client)["answer"] == "on its way"


def test_what_the_app_passes_over_is_told_with_its_reason(world: World, client: FlaskClient) -> None:
    body = b'{"token": "t1", "completed_at": "2026-11-23T12:00:00Z", "updated_at": "2026-11-23T12:00:00Z", "line_items": []}'
    first = world.stage.courier.find(fire(client, event="cart_updated"))
    assert first
    shop = Shop(id=0, platform="shopify", address=first.shop)
    completed = find_testkit("shopify").webhook("checkouts/update", body, shop)
    repeat = replace(first.repeated(world.stage.courier.next_id(), first.fired_at), request=completed, is_cart=False)
    world.stage.courier.send(repeat, RETRY_POLICY)
    world.settle()

    assert newest(client)["reading"].startswith("The checkout is complete")


def test_an_attempt_that_runs_is_under_way(world: World, client: FlaskClient) -> None:
    fire(client)
    prepare(world.worker)
    deliveries = world.services.store.deliveries
    assert deliveries.claim(limit=1, now=world.saleor.now(), lease=timedelta(seconds=30))

    [step] = newest(client)["steps"]
    assert (step["state"], step["attempts"]) == ("sending", ["attempt 1: under way"])


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/fire", {"store": "ebay"}),
        ("/fire", {"store": "shopify", "buyer": "zofia", "event": "order_paid", "products": []}),
        ("/fire", {"store": "shopify", "buyer": "zofia", "event": "order_paid", "products": ["rocket"]}),
        ("/again", {"id": 77}),
        ("/again", {"id": "x"}),
        ("/trouble", {"trouble": "war"}),
        ("/trouble", ["works"]),
        ("/store-trouble", {"trouble": "war"}),
    ],
)
def test_what_cannot_be_done_is_said(client: FlaskClient, path: str, asked: Any) -> None:
    answer = client.post(path, json=asked)

    assert answer.status_code == 400
    assert answer.get_json()["error"]


def test_a_form_of_another_site_cannot_fire(client: FlaskClient) -> None:
    assert client.post("/fire", data={"store": "shopify"}).status_code == 400


def test_the_page_runs_no_script_but_its_own(world: World, client: FlaskClient) -> None:
    answer = client.get("/")
    page = answer.get_data(as_text=True)

    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert world.saleor.url in policy
    assert re.findall(r"<script(?![^>]*src=)", page) == re.findall(r"\son\w+=|style=", page) == []
    for kind in ("js", "css"):
        with client.get(f"/static/page.{kind}") as asset:
            assert asset.status_code == 200


def test_every_field_of_the_page_has_a_label(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)

    fields = re.findall(r'<(?:select|input)[^>]*\sid="([^"]+)"', page)
    assert set(fields) == {"store", "event", "buyer", "locale", "trouble", "store-trouble"}
    assert set(re.findall(r'<label for="([^"]+)"', page)) == set(fields)
    assert page.count('aria-live="polite"') == 1


def test_a_row_is_found_by_its_names(world: World, client: FlaskClient) -> None:
    number = fire(client)
    world.settle()

    [row] = client.get("/rows").get_json()["rows"]
    assert row["id"] == number
    assert f'data-trace="{number}"' in row["html"]
    assert re.findall(r'data-cell="(\w+)"', row["html"]) == ["webhook", "event", "flow", "delivery", "mail"]
    assert 'data-settled="true"' in row["html"]
    assert row["summary"] == "Order paid for Zofia Wiśniewska: order_paid delivered by flow Polski."


def test_what_a_store_sends_is_escaped(world: World, client: FlaskClient) -> None:
    fire(client, locale="<b>")
    world.settle()

    [row] = client.get("/rows").get_json()["rows"]
    assert "<b>" not in row["html"]
    assert "&lt;b&gt;" in row["html"]


def test_the_page_asks_for_no_icon_in_vain(client: FlaskClient) -> None:
    assert client.get("/favicon.ico").status_code == 204
