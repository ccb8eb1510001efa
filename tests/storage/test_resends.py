"""Sending many again as a job: in steps, stoppable, taken over from dead workers, and none of them twice."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from plugin.domain.delivery import Hold, State
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import ClaimedResend, DeliveryFilter, Resend, ResendPart, ResendRequest, ResendState
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.log_tables import resends
from plugin.upkeep import resending
from tests.support.builders import NOON, an_event
from tests.support.storage.situations import REFUSED, a_claimed_delivery, attempted, audit_lines, planned
from tests.support.uninstalling import uninstall

MANY = 1_263
LEASE = timedelta(seconds=30)
LATER = NOON + timedelta(hours=1)


def failed(store: SqlStore, shop: Shop, number: int) -> list[int]:
    """So many deliveries that were given up; their ids, newest first."""
    for at in range(number):
        now = NOON + timedelta(minutes=at)
        claimed = a_claimed_delivery(store, shop, key=f"{shop.id}-{at}", object_id=f"{shop.id}{at}", now=now)
        attempted(store, claimed, REFUSED, now=now)
    return sorted(states(store, shop), reverse=True)


def held(store: SqlStore, shop: Shop, number: int) -> None:
    """The same of deliveries that are held."""
    planned(store, shop, an_event(), Hold(code=ReasonCode.NO_FLOW, reason=worded("no flow"), fix=worded("add one")))
    with store.database.write() as connection:
        event = dict(connection.execute(select(tables.events)).mappings().one())
        delivery = dict(connection.execute(select(tables.deliveries)).mappings().one())
        copies = [event | {"id": event["id"] + each, "key": f"copy-{each}"} for each in range(1, number)]
        connection.execute(insert(tables.events), copies)
        more = [delivery | {"id": delivery["id"] + each, "event_id": event["id"] + each} for each in range(1, number)]
        connection.execute(insert(tables.deliveries), more)


def states(store: SqlStore, shop: Shop) -> Mapping[int, str]:
    return {row.id: row.state for row in store.log.list(DeliveryFilter(shop_id=shop.id, limit=5_000))}


def begun(store: SqlStore, shop: Shop, *wanted: State, **fields: Any) -> Resend:
    parts = {state: ResendPart(before=2**40) for state in wanted or (State.FAILED,)}
    request = ResendRequest(filter=DeliveryFilter(shop_id=shop.id, **fields), parts=parts, who="fake:7", address="192.0.2.7")
    job, is_new = store.resends.start(shop.id, request, total=3, now=LATER)
    assert is_new
    return job


def claimed(store: SqlStore, *, after: timedelta = timedelta(0)) -> ClaimedResend:
    found = store.resends.claim(now=LATER + after, lease=LEASE)
    assert found
    return found


def step(store: SqlStore, job: ClaimedResend, *, most: int = 1) -> int | None:
    return store.resends.step(job, most=most, now=LATER, again_at=LATER)


def latest(store: SqlStore, shop: Shop) -> Resend:
    job = store.resends.latest(shop.id)
    assert job
    return job


def test_a_job_sends_again_step_by_step_and_says_so_once(store: SqlStore, a_shop: Shop) -> None:
    ids = failed(store, a_shop, 3)
    begun(store, a_shop)

    assert step(store, claimed(store), most=2) == 2
    assert states(store, a_shop) == {ids[0]: "waiting", ids[1]: "waiting", ids[2]: "failed"}
    assert (latest(store, a_shop).sent, latest(store, a_shop).is_running) == (2, True)
    assert step(store, claimed(store), most=2) == 1

    job = latest(store, a_shop)
    assert (job.state, job.sent, job.total, job.finished_at) == (ResendState.DONE, 3, 3, LATER)
    assert set(states(store, a_shop).values()) == {"waiting"}
    assert [what for _, what in audit_lines(store, a_shop) if "replayed" in what] == ["deliveries_replayed 3"]
    assert store.resends.claim(now=LATER + LEASE, lease=LEASE) is None


def test_one_of_1263_held_is_sent_again_or_still_held_wherever_it_is_stopped(store: SqlStore, a_shop: Shop) -> None:
    held(store, a_shop, MANY)
    job = begun(store, a_shop, State.HELD)
    for each in range(5):
        resending.go_on(store, now=LATER + timedelta(seconds=10 * each))

    stopped = store.resends.stop(a_shop.id, job.id, now=LATER)
    resending.go_on(store, now=LATER + timedelta(hours=1))

    assert stopped
    assert (stopped.state, stopped.sent) == (ResendState.STOPPED, 5 * resending.STEP)
    assert list(states(store, a_shop).values()) == ["held"] * (MANY - 5 * resending.STEP)
    assert latest(store, a_shop) == stopped


def test_a_job_is_no_faster_than_its_account(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resending, "STEP", 2)
    failed(store, a_shop, 3)
    begun(store, a_shop)

    pace = timedelta(seconds=2 / store.shops.settings(a_shop.id).account.rate_per_second)
    done = [resending.go_on(store, now=LATER + at) for at in (timedelta(0), pace / 2, pace)]

    assert done == [1, 0, 1]


def test_what_fails_again_meanwhile_is_not_sent_a_third_time(store: SqlStore, a_shop: Shop) -> None:
    ids = failed(store, a_shop, 2)
    begun(store, a_shop)
    step(store, claimed(store))
    with store.database.write() as connection:
        connection.execute(
            update(tables.deliveries).where(tables.deliveries.c.id == ids[0]).values(state="failed", due_at=None)
        )

    assert step(store, claimed(store)) == 1

    assert states(store, a_shop) == {ids[0]: "failed", ids[1]: "waiting"}
    assert latest(store, a_shop).sent == 2


def test_what_somebody_sent_by_hand_meanwhile_is_not_counted(store: SqlStore, a_shop: Shop) -> None:
    ids = failed(store, a_shop, 2)
    begun(store, a_shop)
    store.log.send_again(DeliveryFilter(shop_id=a_shop.id, ids=(ids[1],), limit=1), who="fake:7", now=LATER)

    assert step(store, claimed(store), most=9) == 1
    assert latest(store, a_shop).sent == 1


def test_a_dead_worker_s_job_is_taken_over_and_the_dead_one_changes_nothing(store: SqlStore, a_shop: Shop) -> None:
    ids = failed(store, a_shop, 2)
    begun(store, a_shop)
    dead = claimed(store)

    assert store.resends.claim(now=LATER + LEASE / 2, lease=LEASE) is None
    alive = claimed(store, after=LEASE)

    assert alive.tries == 2
    assert step(store, dead, most=9) is None
    assert states(store, a_shop) == dict.fromkeys(ids, "failed")
    assert step(store, alive, most=9) == 2


def test_what_is_stopped_while_a_step_is_prepared_sends_nothing_more(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = failed(store, a_shop, 2)
    job, mine = begun(store, a_shop), claimed(store)
    look = store.resends._search.look  # type: ignore[attr-defined]

    def stopped_meanwhile(*args: Any, **given: Any) -> Any:
        found = look(*args, **given)
        monkeypatch.undo()
        args[0].rollback()
        store.resends.stop(a_shop.id, job.id, now=LATER)
        return found

    monkeypatch.setattr(store.resends._search, "look", stopped_meanwhile)  # type: ignore[attr-defined]

    assert step(store, mine, most=9) is None
    assert states(store, a_shop) == dict.fromkeys(ids, "failed")


def test_a_second_job_is_not_begun_while_one_runs_and_takes_its_place_after_it(store: SqlStore, a_shop: Shop) -> None:
    failed(store, a_shop, 1)
    first = begun(store, a_shop)
    request = ResendRequest(filter=DeliveryFilter(shop_id=a_shop.id), parts={State.HELD: ResendPart(before=9)}, who="fake:8")

    assert store.resends.start(a_shop.id, request, total=None, now=LATER) == (first, False)
    store.resends.stop(a_shop.id, first.id, now=LATER)
    second, is_new = store.resends.start(a_shop.id, request, total=None, now=LATER)

    assert is_new
    assert second.id > first.id
    assert (second.sent, second.total, second.is_running) == (0, None, True)
    assert store.resends.stop(a_shop.id, first.id, now=LATER) is None
    assert latest(store, a_shop).is_running


def test_a_job_is_stopped_once_by_its_own_shop_only(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="saleor", address="other.example"), {}, now=NOON)
    failed(store, a_shop, 1)
    job = begun(store, a_shop)

    assert store.resends.stop(other.id, job.id, now=LATER) is None
    assert store.resends.stop(a_shop.id, job.id + 1, now=LATER) is None
    assert store.resends.latest(other.id) is None
    first = store.resends.stop(a_shop.id, job.id, now=LATER)

    assert store.resends.stop(a_shop.id, job.id, now=LATER + LEASE) == first


def test_nothing_is_kept_of_what_was_searched_for_once_it_is_over(store: SqlStore, a_shop: Shop) -> None:
    failed(store, a_shop, 1)
    begun(store, a_shop, search="jan@example.com")

    step(store, claimed(store), most=9)

    with store.database.read() as connection:
        assert connection.execute(select(resends.c.request)).scalars().all() == [None]
    assert latest(store, a_shop).sent == 1


def test_older_ones_stay_as_they_are_unless_they_were_asked_for(store: SqlStore, a_shop: Shop) -> None:
    ids = failed(store, a_shop, 3)
    since, of_oldest = NOON + timedelta(minutes=1), tables.deliveries.c.id == ids[2]
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).where(~of_oldest).values(created_at=since))
    request = ResendRequest(
        filter=DeliveryFilter(shop_id=a_shop.id, since=NOON),
        parts={State.FAILED: ResendPart(before=2**40, since=since)},
        who="x",
    )
    store.resends.start(a_shop.id, request, total=2, now=LATER)

    step(store, claimed(store), most=9)

    assert states(store, a_shop) == {ids[0]: "waiting", ids[1]: "waiting", ids[2]: "failed"}


def test_a_suspended_shop_s_job_waits_and_one_that_left_has_none(store: SqlStore, a_shop: Shop) -> None:
    failed(store, a_shop, 1)
    begun(store, a_shop)

    store.shops.suspend(a_shop.id, now=LATER)
    assert store.resends.claim(now=LATER, lease=LEASE) is None
    store.shops.resume(a_shop.id, now=LATER)
    assert store.resends.claim(now=LATER, lease=LEASE)
    uninstall(store.shops, a_shop.id)

    assert store.resends.latest(a_shop.id) is None


def test_a_job_whose_step_fails_again_and_again_is_stopped(store: SqlStore, a_shop: Shop) -> None:
    failed(store, a_shop, 1)
    begun(store, a_shop)
    for each in range(resending.MOST_TRIES):
        claimed(store, after=LEASE * each)

    resending.go_on(store, now=LATER + LEASE * resending.MOST_TRIES)

    assert latest(store, a_shop).state is ResendState.STOPPED
    assert set(states(store, a_shop).values()) == {"failed"}


def test_a_search_that_takes_long_goes_on_from_where_it_came_to(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugin.storage.log.search.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("plugin.storage.log.id_ranges.LONGEST", 1)
    failed(store, a_shop, 3)
    begun(store, a_shop, automation_id=102)

    while latest(store, a_shop).is_running:
        step(store, claimed(store), most=9)

    assert latest(store, a_shop).sent == 3


def test_a_claim_of_before_is_none(store: SqlStore, a_shop: Shop) -> None:
    failed(store, a_shop, 1)
    begun(store, a_shop)
    job = claimed(store)

    assert step(store, replace(job, fence=job.fence - 1)) is None
    assert step(store, job) == 1
    assert step(store, job) is None
