"""A worker that runs by itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from plugin.domain.event import EventKind
from plugin.pipeline.hold import was_bought
from tests.builders import NOON, a_cart, an_event
from tests.journeys.running import until
from tests.pipeline.conftest import Plant


@contextmanager
def running(plant: Plant) -> Iterator[None]:
    """The worker runs by itself, and ends when it is told to."""
    stopping = threading.Event()
    thread = threading.Thread(target=plant.worker.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_running_worker_takes_work_by_itself(plant: Plant) -> None:
    with running(plant):
        plant.happen(an_event())
        until(lambda: plant.log() and plant.log()[0]["state"] == "delivered", "it was delivered", seconds=20)
    assert len(plant.sent()) == 1


def test_a_running_worker_outlives_an_error(plant: Plant) -> None:
    plant.platform.meanings["bug"] = RuntimeError("a bug")

    with running(plant):
        plant.tell("bug", key="bug")
        plant.happen(an_event(), key="fine")
        until(lambda: plant.log() and plant.log()[0]["state"] == "delivered", "the other was delivered", seconds=20)


def test_a_running_worker_outlives_its_database(plant: Plant) -> None:
    stage = plant.worker.stages[0]
    stage._claim = _fails_once(stage._claim)

    with running(plant):
        plant.happen(an_event())
        until(lambda: plant.log() and plant.log()[0]["state"] == "delivered", "it was delivered", seconds=20)


def _fails_once(claim: Any) -> Any:
    from plugin.domain.errors import StorageDown

    errors = [StorageDown("away")]

    def claimed(limit: int) -> Any:
        if errors:
            raise errors.pop()
        return claim(limit)

    return claimed


def test_a_cart_without_lines_was_not_bought(plant: Plant) -> None:
    event = a_cart(kind=EventKind.CART_ABANDONED, basket=None, happened_at=NOON)

    assert was_bought(event, plant.shop.id, plant.store.events) is False
