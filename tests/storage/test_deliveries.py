"""The way out, its log, and sending again, on both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from plugin.domain.delivery import Hold, Outcome, Skip, State, Verdict
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.retry import SCHEDULE
from plugin.domain.routing import Route, Send
from plugin.domain.secret import EventUrl
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import AttemptResult, ClaimedDelivery, DeliveryFilter, LoggedDelivery
from plugin.sendpulse.outcomes import understand
from plugin.storage import SqlStore
from plugin.storage.queue.deliveries import SqlDeliveries
from tests.support.builders import EVENT_URL, NOON, a_settings_document, an_event
from tests.support.storage.situations import (
    BODY,
    BUSY,
    DELIVERED,
    LEASE,
    REFUSED,
    a_claimed_delivery,
    a_delivery,
    a_plan,
    attempted,
    audit_lines,
    planned,
)
from tests.support.uninstalling import uninstall

LATER = NOON + LEASE + timedelta(seconds=1)
AGAIN = LATER + SCHEDULE[0]  #: when what a dead worker left is due again


def taken_over(store: SqlStore) -> list[ClaimedDelivery]:
    """What another worker claims after the first one's lease, and when what that one left is due again."""
    return [claimed for now in (LATER, AGAIN) for claimed in store.deliveries.claim(limit=9, now=now, lease=LEASE)]


SILENT = Outcome(verdict=Verdict.UNCERTAIN, code=ReasonCode.NO_ANSWER, reason=worded("No answer came."))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def line(store: SqlStore, shop: Shop) -> LoggedDelivery:
    [found] = store.log.list(DeliveryFilter(shop_id=shop.id))
    return found


def test_a_parcel_has_everything_needed_to_send_it(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)

    claimed = a_claimed_delivery(store, a_shop)

    assert (claimed.shop, claimed.send, claimed.body) == (a_shop, Send.JSON, BODY)
    assert claimed.account.client_id == "planted-client-id"
    assert (claimed.delivery.attempts, claimed.delivery.kind) == (0, EventKind.ORDER_PAID)
    assert line(store, a_shop).state is State.SENDING


def test_two_shops_of_one_account_have_a_destination_each(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    event = an_event()
    by_name = a_plan(event, route=Route(kind=event.kind, send=Send.NAME, event_name="order"))
    for shop in (a_shop, other):
        store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
        planned(store, shop, event, by_name)

    first, second = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)

    assert first.shop != second.shop
    assert first.delivery.destination != second.delivery.destination
    assert first.delivery.destination.startswith(f"{first.shop.id}/rest:")
    assert "planted" not in first.delivery.destination


def test_shops_without_an_account_have_a_destination_each(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    event = an_event()
    by_name = a_plan(event, route=Route(kind=event.kind, send=Send.NAME, event_name="order"))
    for shop in (a_shop, other):
        planned(store, shop, event, by_name)

    first, second = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)

    assert first.delivery.destination != second.delivery.destination


def test_many_workers_never_claim_the_same_delivery(store: SqlStore, a_shop: Shop) -> None:
    for number in range(24):
        event = an_event(object_id=str(number))
        route = Route(kind=event.kind, event_url=EventUrl(EVENT_URL.replace("7043663", str(7_000_000 + number))))
        planned(store, a_shop, event, a_plan(event, route=route), key=str(number))

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: store.deliveries.claim(limit=2, now=NOON, lease=LEASE), range(24)))

    ids = [claimed.delivery.id for batch in claimed for claimed in batch]
    assert len(ids) == len(set(ids)) == 24


def test_an_attempt_is_written_before_it_is_made(store: SqlStore, a_shop: Shop) -> None:
    a_claimed_delivery(store, a_shop)

    found = line(store, a_shop)
    assert found.state == "sending"
    assert [(attempt.number, attempt.verdict, attempt.took_ms) for attempt in found.attempts] == [(1, None, None)]


@pytest.mark.parametrize(
    ("outcome", "next_at", "state"),
    [
        (DELIVERED, None, "delivered"),
        (BUSY, NOON + DAY, "waiting"),
        (SILENT, NOON + DAY, "waiting"),
        (BUSY, None, "failed"),
        (REFUSED, None, "failed"),
    ],
    ids=["delivered", "busy", "silent", "busy_for_ever", "refused"],
)
def test_an_answer_decides_what_becomes_of_a_delivery(
    store: SqlStore, a_shop: Shop, outcome: Outcome, next_at: Any, state: str
) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), outcome, next_at=next_at)

    found = line(store, a_shop)
    assert found.state == state
    assert found.due_at == next_at
    assert (found.reason, found.fix) == (("", "") if state == "delivered" else (outcome.reason, outcome.fix))
    [attempt] = found.attempts
    assert (attempt.verdict, attempt.status, attempt.took_ms) == (outcome.verdict.value, outcome.status, 1000)


@pytest.mark.parametrize("odd", ["\x00", "\x1b\x03\x00\xf8", "\ud800"], ids=ascii)
def test_an_answer_that_cannot_be_printed_is_stored(store: SqlStore, a_shop: Shop, odd: str) -> None:
    page = f'{{"result": true, "x": "{odd}"}}'.encode(errors="surrogatepass")
    outcome = replace(understand(200, {}, page, now=NOON), reason=worded("No flow fits %(locale)s.", locale=f"pl{odd}"))

    attempted(store, a_claimed_delivery(store, a_shop), outcome)

    [attempt] = line(store, a_shop).attempts
    assert attempt.reason.startswith("No flow fits pl")
    assert attempt.answer.isprintable()


def test_a_delivery_that_waits_comes_back_with_its_attempts_counted(store: SqlStore, a_shop: Shop) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), BUSY, next_at=NOON + DAY)

    assert not store.deliveries.claim(limit=9, now=NOON + DAY - timedelta(seconds=1), lease=LEASE)
    [claimed] = store.deliveries.claim(limit=9, now=NOON + DAY, lease=LEASE)
    assert claimed.delivery.attempts == 1


def test_an_attempt_cut_short_by_a_kill_is_shown_as_uncertain(store: SqlStore, a_shop: Shop) -> None:
    a_claimed_delivery(store, a_shop)

    [again] = taken_over(store)
    attempted(store, again, DELIVERED, now=AGAIN)

    found = line(store, a_shop)
    assert [(attempt.number, attempt.verdict) for attempt in found.attempts] == [(1, "uncertain"), (2, "delivered")]
    assert "stopped before the answer came" in found.attempts[0].reason
    assert again.delivery.attempts == 1


def test_an_event_that_stops_every_worker_is_given_up(store: SqlStore, a_shop: Shop) -> None:
    """Nobody ever stores what came of it."""
    a_claimed_delivery(store, a_shop)
    now = NOON

    for wait in (*SCHEDULE, timedelta(0)):
        now += LEASE + timedelta(seconds=1)
        store.deliveries.claim(limit=9, now=now, lease=LEASE)  # finds what was left
        now += wait
        store.deliveries.claim(limit=9, now=now, lease=LEASE)

    found = line(store, a_shop)
    assert (found.state, len(found.attempts)) == ("failed", len(SCHEDULE) + 1)
    assert "stopped each time" in found.reason
    assert found.fix


def test_a_late_answer_of_a_lost_worker_rewrites_nothing(store: SqlStore, a_shop: Shop) -> None:
    stale = a_claimed_delivery(store, a_shop)
    assert taken_over(store)

    assert (
        store.deliveries.finish(AttemptResult(claimed=stale, outcome=DELIVERED, sent_at=NOON, next_at=None), now=AGAIN) is False
    )

    found = line(store, a_shop)
    assert found.state == "sending"
    assert [attempt.verdict for attempt in found.attempts] == ["uncertain", None]


def test_answers_that_come_together_are_told_apart(store: SqlStore, a_shop: Shop) -> None:
    """One commit for five: four of their worker's own and one that came too late."""
    stale = a_claimed_delivery(store, a_shop, key="stale")
    for number in range(4):
        event = an_event(object_id=str(number))
        url = EventUrl(EVENT_URL.replace("7043663", f"70000{number}"))
        planned(store, a_shop, event, a_plan(event, route=Route(kind=event.kind, event_url=url)), key=f"k{number}")
    claims = taken_over(store)
    assert len(claims) == 5
    late = [AttemptResult(claimed=stale, outcome=DELIVERED, sent_at=NOON, next_at=None)]
    own = [AttemptResult(claimed=claimed, outcome=DELIVERED, sent_at=LATER, next_at=None) for claimed in claims[:4]]

    answers = cast(SqlDeliveries, store.deliveries)._finish_together([(one, AGAIN) for one in (*late, *own)])

    assert answers == [False, True, True, True, True]
    states = Counter(str(found.state) for found in store.log.list(DeliveryFilter(shop_id=a_shop.id)))
    assert states == {"delivered": 4, "sending": 1}


def test_a_delivery_cut_short_whose_shop_left_is_closed(store: SqlStore, a_shop: Shop) -> None:
    a_claimed_delivery(store, a_shop)
    uninstall(store.shops, a_shop.id)

    assert not taken_over(store)

    found = line(store, a_shop)
    assert (found.state, found.reason) == ("skipped", "Your store has uninstalled the app.")
    assert [attempt.verdict for attempt in found.attempts] == ["uncertain"]


# ------------------------------------------------------------------ the log


def test_the_log_has_the_newest_delivery_first(store: SqlStore, a_shop: Shop) -> None:
    for number in (1, 2, 3):
        a_delivery(store, a_shop, key=str(number), object_id=str(number))

    found = store.log.list(DeliveryFilter(shop_id=a_shop.id, limit=2))

    ids = [entry.id for entry in found]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 2
    assert {entry.shop_id for entry in found} == {a_shop.id}
    [older] = store.log.list(DeliveryFilter(shop_id=a_shop.id, before_id=ids[-1]))
    assert older.id < ids[-1]


def test_the_log_shows_what_was_asked_for(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    a_delivery(store, other)
    a_delivery(store, a_shop, key="1")
    a_delivery(store, a_shop, key="2", kind=EventKind.ORDER_CREATED, plan=Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")))

    def kinds(**wanted: Any) -> list[str]:
        return [entry.kind for entry in store.log.list(DeliveryFilter(shop_id=a_shop.id, **wanted))]

    assert kinds() == ["order_created", "order_paid"]
    assert kinds(state=State.SKIPPED) == ["order_created"]
    assert kinds(kind=EventKind.ORDER_PAID) == ["order_paid"]
    assert kinds(ids=(line(store, other).id,)) == []


# ------------------------------------------------------------------ sending again


@pytest.mark.parametrize("outcome", [REFUSED, DELIVERED], ids=["failed", "delivered"])
def test_what_was_sent_before_leaves_again_on_a_new_schedule(store: SqlStore, a_shop: Shop, outcome: Outcome) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), outcome)

    assert store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=NOON + DAY) == 1

    [claimed] = store.deliveries.claim(limit=9, now=NOON + DAY, lease=LEASE)
    assert (claimed.delivery.attempts, claimed.body, line(store, a_shop).reason) == (0, BODY, "")
    attempted(store, claimed, DELIVERED, now=NOON + DAY)
    assert [attempt.number for attempt in line(store, a_shop).attempts] == [1, 2]
    assert ("operator", "deliveries_replayed 1") in audit_lines(store, a_shop)


@pytest.mark.parametrize(
    "plan",
    [
        Hold(code=ReasonCode.NO_FLOW, reason=worded("no flow"), fix=worded("add one")),
        Skip(code=ReasonCode.NO_CONTACT, reason=worded("no consent")),
    ],
    ids=["held", "skipped"],
)
def test_what_was_held_or_skipped_is_decided_anew(store: SqlStore, a_shop: Shop, plan: Hold | Skip) -> None:
    a_delivery(store, a_shop, plan=plan)

    assert store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=NOON + DAY) == 1

    assert not store.log.list(DeliveryFilter(shop_id=a_shop.id))
    [stored] = store.events.claim(limit=9, now=NOON + DAY, lease=LEASE)
    assert (stored.event, stored.tries) == (an_event(), 1)
    store.events.planned(stored, stored.event, a_plan(stored.event), timers=(), now=NOON + DAY)
    assert line(store, a_shop).state == "waiting"


def test_a_zombie_cannot_plan_an_event_that_was_sent_again(store: SqlStore, a_shop: Shop) -> None:
    zombie = a_delivery(store, a_shop, plan=Hold(code=ReasonCode.NO_FLOW, reason=worded("no flow"), fix=worded("add one")))
    store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=NOON)
    [current] = store.events.claim(limit=9, now=NOON, lease=LEASE)
    assert (zombie.id, zombie.tries) == (current.id, current.tries)

    store.events.planned(zombie, zombie.event, a_plan(zombie.event), timers=(), now=NOON)

    assert not store.log.list(DeliveryFilter(shop_id=a_shop.id))


def test_what_waits_or_is_being_sent_is_not_sent_again(store: SqlStore, a_shop: Shop) -> None:
    a_claimed_delivery(store, a_shop)
    a_delivery(store, a_shop, key="2", object_id="2")

    assert store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=NOON) == 0
    assert State.SENDING in store.backlog().deliveries


def test_only_what_matches_is_sent_again(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    for shop, hour in ((a_shop, 0), (other, 1)):
        attempted(store, a_claimed_delivery(store, shop, now=NOON + hour * HOUR), REFUSED, now=NOON + hour * HOUR)
    attempted(
        store, a_claimed_delivery(store, a_shop, key="2", object_id="2", now=NOON + 2 * HOUR), DELIVERED, now=NOON + 2 * HOUR
    )

    assert store.log.replay(DeliveryFilter(shop_id=a_shop.id, state=State.FAILED), now=NOON) == 1

    assert store.backlog().deliveries[State.WAITING] == 1
    assert store.backlog().deliveries[State.DELIVERED] == 1
    assert line(store, other).state == "failed"
