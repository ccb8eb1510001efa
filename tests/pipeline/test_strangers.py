"""A stranger's shop that says a victim's SendPulse account is its own: the victim's events leave as if it were not there."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.notice import PersonToForget, Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.sendpulse.body import bodies
from plugin.sendpulse.outcomes import Failure, understand
from plugin.storage.privacy.unread import Unread
from plugin.wiring import Services, short_links
from plugin.worker import PREPARING_SLOTS, Worker
from tests.pipeline.conftest import SILENT, Harness
from tests.pipeline.test_destinations import orders, run_for
from tests.pipeline.test_working import running
from tests.support.builders import EVENT_URL, NOON, a_settings_document
from tests.support.fake_platform import DELIVERED
from tests.support.journeys.running import until
from tests.support.working import prepare, work_once

STEP = 0.125  #: seconds between two looks: one event's turn at the rate of these shops

ANSWERS: Mapping[str, Outcome] = {
    "401": understand(401, {}, b'{"message": "Unauthorized"}', failure=None, now=NOON),
    "403": understand(403, {}, b"", failure=None, now=NOON),
    "429 for an hour": understand(429, {"retry-after": "3600"}, b"", failure=None, now=NOON),
    "503": understand(503, {}, b"", failure=None, now=NOON),
    "400": understand(400, {}, b"", failure=None, now=NOON),
    "nothing": understand(None, {}, b"", failure=Failure.NO_ANSWER, now=NOON),
    "yes": DELIVERED,
}
SECRET_REFUSED = Outcome(
    verdict=Verdict.GIVE_UP,
    code=ReasonCode.BODY_REFUSED,
    reason=worded("SendPulse does not accept the ID and secret."),
    needs_merchant=True,
)
ROUTES = {
    "the number of an event URL": {"send": "json", "event_url": EVENT_URL},
    "the client id": {"send": "name", "event_name": "order_paid"},
}


def a_stranger(harness: Harness, route: dict[str, Any], *, rate: float = 8, secret: str = "of-the-stranger") -> Harness:
    """Another shop that names the victim's account, with a secret of its own."""
    shop = harness.store.shops.install(Shop(id=0, platform="fake", address="stranger"), {"token": "t"}, now=NOON)
    own = settings_of(route, rate=rate)
    own["account"]["client_secret"] = secret
    harness.store.shops.write_settings(shop.id, own, who="test", now=NOON)
    return replace(harness, shop=shop)


def settings_of(route: dict[str, Any], *, rate: float = 8) -> dict[str, Any]:
    document = a_settings_document(events={"order_paid": {"enabled": True, **route}})
    return document | {"account": document["account"] | {"rate_per_second": rate}}


def sent_of(harness: Harness) -> int:
    return sum(claimed.shop.id == harness.shop.id for claimed in harness.sendpulse.posted)


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
@pytest.mark.parametrize("answer", [*ANSWERS.values(), SECRET_REFUSED], ids=[*ANSWERS.keys(), "a wrong secret"])
def test_no_answer_to_a_stranger_holds_up_its_victim(harness: Harness, route: dict[str, Any], answer: Outcome) -> None:
    harness.store.shops.write_settings(harness.shop.id, settings_of(route), who="test", now=NOON)
    stranger = a_stranger(harness, route)
    harness.sendpulse.always[stranger.shop.id] = answer
    orders(stranger, 20)
    run_for(harness, 2, step=STEP)
    assert sent_of(stranger)

    began_at = harness.clock()
    orders(harness, 5, first=100)
    run_for(harness, 2, step=STEP)

    attempts = [attempt for row in harness.log() for attempt in row.attempts]
    assert [attempt.verdict for attempt in attempts] == [Verdict.DELIVERED] * 5
    assert max(attempt.started_at for attempt in attempts) - began_at < timedelta(seconds=2)
    assert {one.health.value for one in harness.store.deliveries.destinations(harness.shop.id)} == {"closed"}


def test_two_shops_of_one_merchant_each_have_the_pace_they_set(harness: Harness) -> None:
    route = ROUTES["the number of an event URL"]
    harness.store.shops.write_settings(harness.shop.id, settings_of(route, rate=8), who="test", now=NOON)
    slow = a_stranger(harness, route, rate=1)
    orders(harness, 12)
    orders(slow, 12, first=100)

    run_for(harness, 4, step=STEP)

    assert sent_of(harness) == 12
    assert 1 <= sent_of(slow) <= 4


def test_a_shop_that_is_told_to_slow_down_does_so_alone(harness: Harness) -> None:
    stranger = a_stranger(harness, ROUTES["the number of an event URL"])
    harness.sendpulse.always[stranger.shop.id] = ANSWERS["429 for an hour"]
    orders(stranger, 20)
    orders(harness, 10, first=100)

    run_for(harness, 4, step=STEP)

    assert (sent_of(stranger), sent_of(harness)) == (1, 10)


def test_a_shop_whose_accounts_never_answer_leaves_half_of_a_worker_to_others(harness: Harness, settings: Settings) -> None:
    route = ROUTES["the number of an event URL"]
    harness.store.shops.write_settings(harness.shop.id, settings_of(route), who="test", now=NOON)
    stranger = a_stranger(harness, route)
    kinds = ("order_created", "order_paid", "order_fulfilled", "order_cancelled", "order_refunded")
    worker = a_small_worker(harness, settings, slots=4)
    for number, kind in enumerate(kinds):  # an account for each
        send = {"enabled": True, "send": "json", "event_url": EVENT_URL.replace("7043663", str(9_000_000 + number))}
        document = a_settings_document(events={kind: send, "order_paid": send})
        harness.store.shops.write_settings(stranger.shop.id, document, who="test", now=NOON)
        orders(stranger, 1, first=number)
        prepare(worker)

    hanging = worker.delivering.claim(4)
    none_left = worker.delivering.claim(2)
    orders(harness, 1, first=100)
    prepare(worker)
    next_in = worker.delivering._next_in()
    [its] = worker.delivering.claim(2)

    assert [claimed.shop.id for claimed in hanging] == [stranger.shop.id] * 2
    assert not none_left
    assert next_in == timedelta(0)
    assert its.shop.id == harness.shop.id

    worker.delivering.work(hanging[0])

    assert [claimed.shop.id for claimed in worker.delivering.claim(2)] == [stranger.shop.id]


def test_a_silent_account_of_a_stranger_says_nothing_of_its_victims(harness: Harness) -> None:
    stranger = a_stranger(harness, ROUTES["the number of an event URL"])
    harness.sendpulse.always[stranger.shop.id] = SILENT
    orders(stranger, 30)
    run_for(harness, 6, step=STEP)

    paused = harness.store.deliveries.destinations(stranger.shop.id)
    healthy = harness.store.deliveries.destinations(harness.shop.id)

    assert [one.health.value for one in paused] == ["open"]
    assert {one.health.value for one in healthy} <= {"closed"}


def test_a_shop_whose_webhooks_are_slow_to_read_leaves_half_of_a_worker_to_others(harness: Harness, settings: Settings) -> None:
    stranger = a_stranger(harness, ROUTES["the number of an event URL"])
    worker = a_small_worker(harness, settings, slots=4)
    orders(stranger, 9)

    slow = worker.translating.claim(4)
    none_left = worker.translating.claim(2)
    orders(harness, 1, first=100)
    [its] = worker.translating.claim(2)

    assert [webhook.shop.id for webhook in slow] == [stranger.shop.id] * 2
    assert not none_left
    assert its.shop.id == harness.shop.id

    harness.platform.meanings[slow[0].topic] = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        worker.translating.work(slow[0])

    assert [webhook.shop.id for webhook in worker.translating.claim(2)] == [stranger.shop.id]


def test_hundreds_of_a_strangers_requests_to_forget_people_delay_no_order(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = a_stranger(harness, ROUTES["the number of an event URL"])
    stranger.platform.meanings["forget me"] = Translation(notices=(PersonToForget(email="jan@example.com"),))
    may_end, begun, search = threading.Event(), list[int](), Unread.close

    def endless(its: Unread, shop_id: int, *given: Any, **how: Any) -> int:
        begun.append(shop_id)
        assert may_end.wait(60)
        return search(its, shop_id, *given, **how)

    monkeypatch.setattr(Unread, "close", endless)
    for number in range(PREPARING_SLOTS + 20):
        stranger.tell("forget me", key=f"forget {number}")

    with running(harness):
        until(lambda: len(begun) >= PREPARING_SLOTS // 2, "the worker has its share of them in hand", seconds=30)
        orders(harness, 1)
        try:
            until(harness.sent, "the order was delivered", seconds=30)
        finally:
            may_end.set()


def a_small_worker(harness: Harness, settings: Settings, *, slots: int) -> Worker:
    services = Services(
        settings=replace(settings, worker_threads=slots), store=harness.store, platforms={"fake": harness.platform},
        post=harness.sendpulse, write_bodies=bodies, short_link=short_links(harness.store, settings),
    )  # fmt: skip
    return Worker(services, now=harness.clock, sleep=harness.clock.sleep)


def test_what_a_worker_holds_is_given_back_also_when_sending_fails(harness: Harness, settings: Settings) -> None:
    worker = a_small_worker(harness, settings, slots=1)
    orders(harness, 2)
    prepare(worker)

    assert work_once(worker.delivering) == 1
    harness.clock.move(seconds=1)
    assert work_once(worker.delivering) == 1
