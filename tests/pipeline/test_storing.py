"""What SendPulse answered is stored, also when the database is away for a while."""

from collections.abc import Callable, MutableMapping
from typing import Any, cast

import pytest

from plugin.domain.errors import StorageDown
from plugin.ports import AttemptResult, ClaimedDelivery
from plugin.storage.queue.deliveries import SqlDeliveries
from plugin.worker import SENDING_LEASE
from tests.pipeline.conftest import Harness
from tests.support.builders import an_event
from tests.support.working import drain, prepare


def is_away(harness: Harness, monkeypatch: pytest.MonkeyPatch, *, times: int) -> Callable[[], int]:
    """The database does not store the next answers; how often it was asked to."""
    deliveries = cast(SqlDeliveries, harness.store.deliveries)
    finish, asked = deliveries.finish, 0

    def finished(one: AttemptResult, **when: Any) -> bool:
        nonlocal asked
        asked += 1
        if asked <= times:
            raise StorageDown("restarting")
        return finish(one, **when)

    monkeypatch.setattr(deliveries, "finish", finished)
    return lambda: asked


@pytest.mark.parametrize("times", [1, 10])
def test_an_answer_is_not_lost_while_the_database_is_away(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    is_away(harness, monkeypatch, times=times)
    harness.happen(an_event())

    drain(harness.worker)
    harness.clock.move(seconds=60)
    drain(harness.worker)

    [row] = harness.log()
    assert (row.state, [attempt.verdict for attempt in row.attempts]) == ("delivered", ["delivered"])
    assert len(harness.sent()) == 1


def test_nobody_stores_an_answer_once_another_may_send_the_event(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, logged: list[MutableMapping[str, Any]]
) -> None:
    asked = is_away(harness, monkeypatch, times=1000)
    harness.happen(an_event())
    began = harness.clock()

    drain(harness.worker)

    assert SENDING_LEASE <= harness.clock() - began < 2 * SENDING_LEASE
    assert 10 < asked() < 100
    assert [line["log_level"] for line in logged if line["event"] == "answer not stored"] == ["error"]


def a_claimed_delivery(harness: Harness) -> ClaimedDelivery:
    """One delivery that a worker has claimed."""
    harness.happen(an_event())
    prepare(harness.worker)
    [claimed] = harness.store.deliveries.claim(limit=1, now=harness.clock(), lease=SENDING_LEASE)
    return claimed


def said(logged: list[MutableMapping[str, Any]]) -> list[str]:
    return [line["event"] for line in logged if line["log_level"] == "warning"]


def test_a_worker_that_slept_through_its_lease_sends_nothing(harness: Harness, logged: list[MutableMapping[str, Any]]) -> None:
    claimed = a_claimed_delivery(harness)
    harness.clock.at += SENDING_LEASE

    harness.worker._deliverer.deliver(claimed)

    assert harness.sent() == []
    assert said(logged) == ["too late to send"]


def test_an_answer_that_comes_after_another_took_over_is_only_logged(
    harness: Harness, logged: list[MutableMapping[str, Any]]
) -> None:
    claimed = a_claimed_delivery(harness)
    assert harness.store.deliveries.claim(limit=1, now=harness.clock() + SENDING_LEASE, lease=SENDING_LEASE) == []  # taken over

    harness.worker._deliverer.deliver(claimed)

    assert said(logged) == ["answered too late"]
    [row] = harness.log()
    assert (row.state, [attempt.verdict for attempt in row.attempts]) == ("waiting", ["uncertain"])
