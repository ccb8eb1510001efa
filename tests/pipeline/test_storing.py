"""What SendPulse answered is stored, also when the database is away for a while."""

from collections.abc import Callable, MutableMapping
from typing import Any, cast

import pytest

from plugin.domain.errors import StorageDown
from plugin.ports import AttemptResult, ClaimedDelivery
from plugin.storage.queue.deliveries import SqlDeliveries
from plugin.worker import SENDING_LEASE
from tests.pipeline.conftest import Plant
from tests.support.builders import an_event
from tests.support.working import drain, prepare


def is_away(plant: Plant, monkeypatch: pytest.MonkeyPatch, *, times: int) -> Callable[[], int]:
    """The database does not store the next answers; how often it was asked to."""
    deliveries = cast(SqlDeliveries, plant.store.deliveries)
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
def test_an_answer_is_not_lost_while_the_database_is_away(plant: Plant, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    is_away(plant, monkeypatch, times=times)
    plant.happen(an_event())

    drain(plant.worker)
    plant.clock.move(seconds=60)
    drain(plant.worker)

    [row] = plant.log()
    assert (row.state, [attempt.verdict for attempt in row.attempts]) == ("delivered", ["delivered"])
    assert len(plant.sent()) == 1


def test_nobody_stores_an_answer_once_another_may_send_the_event(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, logged: list[MutableMapping[str, Any]]
) -> None:
    asked = is_away(plant, monkeypatch, times=1000)
    plant.happen(an_event())
    began = plant.clock()

    drain(plant.worker)

    assert SENDING_LEASE <= plant.clock() - began < 2 * SENDING_LEASE
    assert 10 < asked() < 100
    assert [line["log_level"] for line in logged if line["event"] == "answer not stored"] == ["error"]


def a_claimed_delivery(plant: Plant) -> ClaimedDelivery:
    """One delivery that a worker has claimed."""
    plant.happen(an_event())
    prepare(plant.worker)
    [claimed] = plant.store.deliveries.claim(limit=1, now=plant.clock(), lease=SENDING_LEASE)
    return claimed


def said(logged: list[MutableMapping[str, Any]]) -> list[str]:
    return [line["event"] for line in logged if line["log_level"] == "warning"]


def test_a_worker_that_slept_through_its_lease_sends_nothing(plant: Plant, logged: list[MutableMapping[str, Any]]) -> None:
    claimed = a_claimed_delivery(plant)
    plant.clock.at += SENDING_LEASE

    plant.worker._deliverer.deliver(claimed)

    assert plant.sent() == []
    assert said(logged) == ["too late to send"]


def test_an_answer_that_comes_after_another_took_over_is_only_logged(
    plant: Plant, logged: list[MutableMapping[str, Any]]
) -> None:
    claimed = a_claimed_delivery(plant)
    assert plant.store.deliveries.claim(limit=1, now=plant.clock() + SENDING_LEASE, lease=SENDING_LEASE) == []  # taken over

    plant.worker._deliverer.deliver(claimed)

    assert said(logged) == ["answered too late"]
    [row] = plant.log()
    assert (row.state, [attempt.verdict for attempt in row.attempts]) == ("waiting", ["uncertain"])
