"""How the pretend stores deliver: tries, answers, repeats."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, redirect, request

from plugin.ports import RawWebhook
from plugin.sandbox.courier import LOST, REMEMBERED, Courier, Fired
from plugin.sandbox.outage import Outage
from plugin.sandbox.serving import free_port, serve_in_thread
from plugin.sandbox.stores.saleor.sender import RETRY_POLICY as SALEOR
from plugin.sandbox.stores.shopify.sender import RETRY_POLICY as SHOPIFY
from tests.support.builders import NOON


class Waits:
    """Does not wait, but remembers how long it should have."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float, then: Callable[[], None]) -> None:
        self.seconds.append(seconds)
        then()


def a_fired(url: str, number: int = 1) -> Fired:
    return Fired(
        id=number, store="shopify", shop="demo", event="order_paid", topic="orders/paid", buyer="", locale="", subject="",
        request=RawWebhook(headers={"x-topic": "orders/paid", "host": "elsewhere.example"}, body=b"{}"), url=url, fired_at=NOON,
    )  # fmt: skip


def answering(answers: list[Any], seen: list[Any]) -> Flask:
    """An app that gives these answers, the last one for ever."""
    app = Flask(__name__)

    @app.post("/")
    def receive() -> Any:
        seen.append((dict(request.headers), request.get_data()))
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return redirect("/") if answer == 302 else ("", answer)

    return app


@pytest.mark.parametrize(
    ("manners", "answers", "statuses", "waits"),
    [
        (SALEOR, [200], [200], []),
        (SALEOR, [503, 200], [503, 200], [10]),
        (SALEOR, [500], [500] * 6, [10, 20, 40, 80, 160]),
        (SALEOR, [429], [429], []),
        (SALEOR, [302], [302], []),
        (SHOPIFY, [401, 302, 200], [401, 302, 200], [60, 180]),
        (SHOPIFY, [500], [500] * 9, [60, 180, 420, 900, 1500, 2400, 3600, 5400]),
    ],
)
def test_a_store_tries_again_as_it_would(manners: Any, answers: list[Any], statuses: list[int], waits: list[float]) -> None:
    slept, seen = Waits(), list[Any]()
    with serve_in_thread(answering(answers, seen)) as serving:
        courier = Courier(wait=slept)
        fired = courier.send(a_fired(f"{serving.url}/"), manners)
        courier.close()

    assert [made.status for made in fired.tries] == statuses
    assert slept.seconds == waits
    assert len({body for _, body in seen}) == 1


def test_shopify_gives_up_after_four_hours() -> None:
    assert 3.9 < sum(SHOPIFY.waits) / 3600 < 4.1
    assert len(SHOPIFY.waits) == 8


def test_the_headers_arrive_as_they_were_signed() -> None:
    seen: list[Any] = []
    with serve_in_thread(answering([200], seen)) as serving:
        Courier().send(a_fired(f"{serving.url}/"), SHOPIFY)

    [(headers, body)] = seen
    assert (headers["X-Topic"], body) == ("orders/paid", b"{}")
    assert headers["Host"] in serving.url


def test_an_app_that_is_away_is_no_answer() -> None:
    courier = Courier(wait=lambda _seconds, _then: None)
    fired = courier.send(a_fired(f"http://127.0.0.1:{free_port()}/"), SALEOR)

    assert fired.status is None
    assert fired.tries[0].note == "ConnectionError"


def test_a_lost_webhook_is_never_sent() -> None:
    seen: list[Any] = []
    with serve_in_thread(answering([200], seen)) as serving:
        courier = Courier()
        courier.lose("shopify", {"orders/paid"})
        lost = courier.send(a_fired(f"{serving.url}/"), SHOPIFY)
        of_another = courier.send(replace(a_fired(f"{serving.url}/", 2), store="saleor"), SALEOR)
        courier.lose("shopify", ())
        later = courier.send(a_fired(f"{serving.url}/", 3), SHOPIFY)

    assert (lost.tries, lost.note) == ([], LOST)
    assert (of_another.status, later.status) == (200, 200)
    assert len(seen) == 2


def test_an_outage_ends_by_itself_or_when_told() -> None:
    now = [0.0]
    outage = Outage(seconds=lambda: now[0])
    assert not outage.is_on

    outage.begin(seconds=3)
    assert outage.is_on
    now[0] = 3.0
    assert not outage.is_on

    outage.begin()
    now[0] = 1e9
    assert outage.is_on
    outage.end()
    assert not outage.is_on


def test_closing_ends_the_waiting_tries() -> None:
    courier = Courier()
    fired = courier.send(a_fired(f"http://127.0.0.1:{free_port()}/"), replace(SALEOR, waits=(0.2,)))
    courier.close()

    time.sleep(0.4)
    assert len(fired.tries) == 1


def test_a_try_that_waited_is_made_by_itself() -> None:
    with serve_in_thread(answering([503, 200], [])) as serving:
        courier = Courier()
        fired = courier.send(a_fired(f"{serving.url}/"), replace(SALEOR, waits=(0.01,)))
        end = time.monotonic() + 5
        while len(fired.tries) < 2 and time.monotonic() < end:
            time.sleep(0.01)
        courier.close()

    assert [made.status for made in fired.tries] == [503, 200]


def test_only_the_newest_are_remembered() -> None:
    courier = Courier()
    for number in range(REMEMBERED + 5):
        courier.keep(a_fired("", number))

    assert [fired.id for fired in courier.fired()][:2] == [REMEMBERED + 4, REMEMBERED + 3]
    assert (courier.find(4), courier.find(5) is None) == (None, False)
