"""A worker that runs by itself, and answers that come together."""

import threading
from types import SimpleNamespace
from typing import Any, cast

from plugin.domain.event import EventKind
from plugin.pipeline.deliver import Deliverer
from plugin.pipeline.hold import was_bought
from plugin.ports import Finished, Parcel, Store
from tests.builders import NOON, a_cart, an_event
from tests.journeys.running import until
from tests.pipeline.conftest import Plant
from tests.players import DELIVERED, FakeClock


def test_a_running_worker_takes_work_by_itself(plant: Plant) -> None:
    stopping = threading.Event()
    running = threading.Thread(target=plant.worker.run, args=(stopping,))
    running.start()

    plant.happen(an_event())

    until(lambda: plant.log() and plant.log()[0]["state"] == "delivered", "it was delivered", seconds=20)
    stopping.set()
    running.join(20)
    assert not running.is_alive()
    assert len(plant.sent()) == 1


def test_a_running_worker_outlives_an_error(plant: Plant) -> None:
    stopping = threading.Event()
    plant.platform.meanings["bug"] = RuntimeError("a bug")
    running = threading.Thread(target=plant.worker.run, args=(stopping,))
    running.start()

    plant.tell("bug", key="bug")
    plant.happen(an_event(), key="fine")

    until(lambda: plant.log() and plant.log()[0]["state"] == "delivered", "the other was delivered", seconds=20)
    stopping.set()
    running.join(20)
    assert not running.is_alive()


def test_a_running_worker_outlives_its_database(plant: Plant) -> None:
    stopping = threading.Event()
    stage = plant.worker.stages[0]
    stage._claim = _fails_once(stage._claim)
    running = threading.Thread(target=plant.worker.run, args=(stopping,))
    running.start()

    plant.happen(an_event())

    until(lambda: plant.log() and plant.log()[0]["state"] == "delivered", "it was delivered", seconds=20)
    stopping.set()
    running.join(20)
    assert not running.is_alive()


def _fails_once(claim: Any) -> Any:
    from plugin.domain.errors import StorageDown

    errors = [StorageDown("away")]

    def claimed(limit: int) -> Any:
        if errors:
            raise errors.pop()
        return claim(limit)

    return claimed


def test_answers_that_come_together_are_stored_in_one_commit() -> None:
    stored: list[int] = []
    is_busy, go_on = threading.Event(), threading.Event()

    def finish(finished: list[Finished], *, now: object) -> int:
        stored.append(len(finished))
        is_busy.set()
        go_on.wait(10)
        return len(finished)

    store = cast(Store, SimpleNamespace(deliveries=SimpleNamespace(finish=finish)))
    deliverer = Deliverer(store, lambda parcel: DELIVERED, clock=FakeClock(), chance=lambda: 0.5)
    threads = [threading.Thread(target=deliverer.deliver, args=(_a_parcel(),)) for _ in range(5)]
    threads[0].start()
    assert is_busy.wait(10)
    for thread in threads[1:]:
        thread.start()
    until(lambda: len(deliverer._answered) == 4, "the others wait", seconds=10)
    go_on.set()
    for thread in threads:
        thread.join(10)

    assert stored == [1, 4]


def _a_parcel() -> Parcel:
    from tests.sendpulse.made import a_parcel

    return a_parcel()


def test_a_cart_without_lines_was_not_bought(plant: Plant) -> None:
    event = a_cart(kind=EventKind.CART_ABANDONED, basket=None, happened_at=NOON)

    assert was_bought(event, plant.shop.id, plant.store.events) is False
