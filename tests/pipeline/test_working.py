"""A worker that runs by itself."""

import threading
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from plugin.domain.kinds import EventKind
from plugin.pipeline.hold import was_bought
from plugin.worker import WIPE_EVERY, Worker
from plugin.workpool import WorkPool
from tests.pipeline.conftest import Harness
from tests.support.builders import NOON, a_cart, an_event
from tests.support.journeys.running import until

MOMENT = timedelta(milliseconds=1)


@contextmanager
def running(harness: Harness) -> Iterator[None]:
    """The worker runs by itself, and ends when it is told to."""
    stopping = threading.Event()
    thread = threading.Thread(target=harness.worker.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_running_worker_takes_work_by_itself(harness: Harness) -> None:
    with running(harness):
        harness.happen(an_event())
        until(lambda: harness.log() and harness.log()[0].state == "delivered", "it was delivered", seconds=20)
    assert len(harness.sent()) == 1


def test_a_running_worker_outlives_an_error(harness: Harness) -> None:
    harness.platform.meanings["bug"] = RuntimeError("a bug")

    with running(harness):
        harness.tell("bug", key="bug")
        harness.happen(an_event(), key="fine")
        until(lambda: harness.log() and harness.log()[0].state == "delivered", "the other was delivered", seconds=20)


def test_a_running_worker_outlives_its_database(harness: Harness) -> None:
    translating = harness.worker.translating
    translating.claim = _fails_once(translating.claim)

    with running(harness):
        harness.happen(an_event())
        until(lambda: harness.log() and harness.log()[0].state == "delivered", "it was delivered", seconds=20)


def _fails_once(claim: Any) -> Any:
    from plugin.domain.errors import StorageDown

    errors = [StorageDown("away")]

    def claimed(limit: int) -> Any:
        if errors:
            raise errors.pop()
        return claim(limit)

    return claimed


@pytest.mark.parametrize(
    ("place", "call", "nothing"),
    [
        (lambda worker: worker.delivering, "_next_in", None),
        (lambda worker: worker._pruner, "step", 0),
        (lambda worker: worker._store.statistics, "count", 0),
        (lambda worker: worker._store.wake, "wait", False),
        (lambda worker: worker._store.platform_sync, "due", ()),
    ],
    ids=["nap", "prune", "count", "listen", "sync"],
)
def test_every_loop_of_a_worker_outlives_an_error(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, place: Callable[[Worker], object], call: str, nothing: object
) -> None:
    monkeypatch.setattr("plugin.worker.pause_after", lambda _: MOMENT)
    monkeypatch.setattr("plugin.workpool.PAUSE_AFTER_ERROR", MOMENT)
    made = 0

    def fails_at_first(*_: object, **__: object) -> object:
        nonlocal made
        made += 1
        time.sleep(0.01)
        if made == 1:
            raise RuntimeError("a bug")
        return nothing

    monkeypatch.setattr(place(harness.worker), call, fails_at_first)

    with running(harness):
        until(lambda: made >= 3, "it goes on", seconds=20)


@dataclass
class Piece:
    """Something to do."""

    id: int = 0
    is_poison_suspect: bool = False


def test_nothing_else_is_worked_on_beside_a_poison_suspect() -> None:
    usual, suspect = [Piece() for _ in range(4)], Piece(is_poison_suspect=True)
    waiting = [usual[:2], [suspect], usual[2:]]
    running_now: list[Piece] = []
    beside: list[int] = []  #: the suspect one
    done: list[Piece] = []
    stopping = threading.Event()

    def work(piece: Piece) -> None:
        running_now.append(piece)
        time.sleep(0.05)
        beside.append(len(running_now) - 1) if piece is suspect else None
        running_now.remove(piece)
        done.append(piece)
        if len(done) == 5:
            stopping.set()

    pool = WorkPool("try", lambda _: waiting.pop(0) if waiting else (), work, slots=3)
    pool.run(stopping)

    assert beside == [0]
    assert [piece.is_poison_suspect for piece in done] == [False, False, True, False, False]


def test_after_a_claim_that_found_little_the_next_one_waits_for_company() -> None:
    claims: list[float] = []
    stopping = threading.Event()

    def claim(_: int) -> Sequence[Piece]:
        claims.append(time.monotonic())
        if len(claims) == 4:
            stopping.set()
        return [Piece()]

    pool = WorkPool("try", claim, lambda _: pool.wake_up(), slots=3, pause_seconds=lambda: 0.1)
    pool.run(stopping)

    assert min(later - earlier for earlier, later in pairwise(claims)) >= 0.1


def test_after_a_claim_that_found_all_it_asked_for_the_next_one_waits_for_nobody() -> None:
    waiting = [[Piece()], [Piece()], [Piece()]]
    stopping = threading.Event()

    def work(_: Piece) -> None:
        if not waiting:
            stopping.set()

    pool = WorkPool(
        "try", lambda _: waiting.pop(0) if waiting else (), work, slots=1, pause_seconds=lambda: 600.0 * len(waiting)
    )
    pool.run(stopping)

    assert not waiting


def test_who_was_woken_meanwhile_asks_for_no_moment_to_wake_at() -> None:
    asked_after: list[int] = []
    claims = 0
    stopping = threading.Event()

    def claim(_: int) -> Sequence[Piece]:
        nonlocal claims
        claims += 1
        if claims < 3:
            pool.wake_up()  # something was committed while it looked
        return ()

    def next_in() -> None:
        asked_after.append(claims)
        stopping.set()

    pool = WorkPool("try", claim, lambda _: None, slots=1, next_in=next_in)
    pool.run(stopping)

    assert asked_after == [3]


def test_a_cart_without_lines_was_not_bought(harness: Harness) -> None:
    event = a_cart(kind=EventKind.CART_ABANDONED, basket=None, happened_at=NOON)

    assert was_bought(event, harness.shop.id, harness.store.events) is False


def test_a_worker_says_what_is_erased_for_good(harness: Harness, logged: list[MutableMapping[str, Any]]) -> None:
    harness.store.shops.forget(harness.shop.id)

    pauses = [harness.worker._wipe() for _ in range(2)]

    assert pauses == [WIPE_EVERY, WIPE_EVERY]
    [said] = [line for line in logged if line["event"] == "erased for good"]
    assert "events" in said["tables"]
