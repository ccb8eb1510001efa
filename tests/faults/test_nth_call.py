"""The n-th call to the database or the network fails, for every n, from the webhook to the answer of SendPulse.

Each time: an acknowledged webhook is delivered in the end; if SendPulse got it twice, the log says uncertain.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from plugin.domain.delivery import Outcome
from plugin.domain.errors import StorageDown, TryAgain
from plugin.ports import Parcel
from plugin.sandbox.sendpulse import EventDefinition, Fault, PretendSendPulse, Type, events_app
from plugin.sandbox.sendpulse.faults import Kind
from plugin.sandbox.serving import serve_in_thread
from plugin.sendpulse.client import SendPulse
from plugin.storage.engine import Database
from tests.builders import NOON
from tests.crowd import settings_document
from tests.faults.checker import account_for
from tests.faults.plant import Plant
from tests.players import DELIVERED

MOST_CALLS = 200  #: far more than one event needs


@dataclass
class Taking:
    """A SendPulse that takes everything and counts."""

    taken: Counter[str]

    def __call__(self, parcel: Parcel) -> Outcome:
        self.taken[_order(parcel.body)] += 1
        return DELIVERED


@dataclass
class Trap:
    """Lets calls through until the n-th."""

    n: int
    count: int = 0

    def is_sprung(self) -> bool:
        self.count += 1
        return self.count == self.n


def _gone() -> OperationalError:
    return OperationalError("planted", None, Exception("the server closed the connection"))


@contextmanager
def _fails(database: Database, trap: Trap, moment: str) -> Iterator[None]:
    def fail(*_: Any) -> None:
        if trap.is_sprung():
            raise _gone()

    event.listen(database.engine, moment, fail)
    try:
        yield
    finally:
        event.remove(database.engine, moment, fail)


def statement_fails(database: Database, trap: Trap) -> AbstractContextManager[None]:
    """The n-th statement never reaches the database."""
    return _fails(database, trap, "before_cursor_execute")


def statement_is_not_heard(database: Database, trap: Trap) -> AbstractContextManager[None]:
    """The n-th statement is done, and its answer lost; by itself it stays done, in a transaction it is undone."""
    return _fails(database, trap, "after_cursor_execute")


def commit_fails(database: Database, trap: Trap) -> AbstractContextManager[None]:
    """The n-th commit is undone."""
    return _fails(database, trap, "commit")


@contextmanager
def commit_is_not_heard(database: Database, trap: Trap) -> Iterator[None]:
    """The n-th commit is done, and its confirmation lost."""
    dialect: Any = database.engine.dialect
    commit = dialect.do_commit

    def deaf(connection: Any) -> None:
        commit(connection)
        if trap.is_sprung():
            raise _gone()

    dialect.do_commit = deaf
    try:
        yield
    finally:
        del dialect.do_commit


@pytest.mark.parametrize("fault", [statement_fails, statement_is_not_heard, commit_fails, commit_is_not_heard])
def test_any_one_failing_database_call_loses_no_event(plant: Plant, fault: Callable[..., Any]) -> None:
    sendpulse = Taking(Counter())
    worker = plant.worker(sendpulse)
    for n in range(1, MOST_CALLS):
        trap = Trap(n)
        with fault(plant.store.database, trap):
            _tell_until_it_is_taken(plant, n)
            plant.run(worker)

        account = account_for(plant.store, {str(n)}, sendpulse.taken)
        assert account.delivered == {str(n)}, f"call {n}: {account.row()}"
        assert account.unmarked == frozenset(), f"call {n}: sent {sendpulse.taken[str(n)]} times"
        if trap.count < n:
            break
    assert 5 < n < MOST_CALLS - 1
    print(f"{fault.__name__}: {n - 1} calls, {sum(sendpulse.taken.values()) - n} events repeated, all marked")


FAULTS = {
    "busy": Fault.page(503),
    "reset before it was taken": Fault.reset(is_taken_first=False),
    "reset after it was taken": Fault.reset(is_taken_first=True),
    "an answer cut off": Fault(kind=Kind.SHORT_BODY, is_taken_first=True),
    "a page that is no answer": Fault.page(200),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_any_one_failing_request_to_sendpulse_loses_no_event(plant: Plant, fault: Fault) -> None:
    pretend = PretendSendPulse()
    definition = pretend.add_event("paid", {"email": Type.STRING})
    orders = {"1", "2", "3"}
    with serve_in_thread(events_app(pretend)) as events:
        post = _real_client(plant, definition, events.url)
        for n in range(len(orders)):
            numbers = [str(10 * n + int(order)) for order in sorted(orders)]
            for place, number in enumerate(numbers):
                if place == n:
                    pretend.faults.add(fault)
                plant.order(int(number))
                plant.run(plant.worker(post))

            taken = Counter(str(received.variables["order_id"]) for received in pretend.received())
            account = account_for(plant.store, numbers, taken)
            assert account.delivered == set(numbers), account.row()
            assert account.unmarked == frozenset(), account.row()
    post.close()


@pytest.mark.parametrize("n", range(1, 5))
def test_a_failing_look_up_in_the_catalogue_loses_no_event(plant: Plant, n: int) -> None:
    sendpulse = Taking(Counter())
    plant.platform.completions = [TryAgain("The catalogue does not answer.")] * n

    plant.order(1)
    plant.run(plant.worker(sendpulse))

    assert sendpulse.taken == Counter({"1": 1})


def _tell_until_it_is_taken(plant: Plant, number: int) -> None:
    """As a store does: again, when it hears 503."""
    for _ in range(3):
        try:
            plant.order(number)
        except StorageDown:
            continue
        return
    raise AssertionError("one failing call refused a webhook three times")


def _real_client(plant: Plant, definition: EventDefinition, url: str) -> SendPulse:
    """The client as it is, sending to the pretend SendPulse; the shop's route leads there."""
    document = settings_document(1)
    document["events"]["order_paid"]["event_url"] = definition.url
    plant.store.shops.write_settings(plant.shop.id, document, who="test", now=NOON)
    settings = replace(plant.settings, is_sandbox=True, sendpulse_events_url=url)
    return SendPulse(settings, plant.store.tokens, plant.clock)


def _order(body: str) -> str:
    return str(json.loads(body)["order_id"])
