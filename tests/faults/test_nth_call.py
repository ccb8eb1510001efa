"""The n-th call to the database or the network fails, for every n, from the webhook to the answer of SendPulse.

Each time: an acknowledged webhook is delivered in the end; if SendPulse got it twice, the log says uncertain.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from plugin.domain.delivery import Outcome
from plugin.domain.errors import StorageDown, TryAgain
from plugin.domain.routing import Send
from plugin.ports import ClaimedDelivery
from plugin.sandbox.sendpulse import Account, EventDefinition, Fault, PretendSendPulse, Type, api_app, events_app
from plugin.sandbox.sendpulse.faults import Kind
from plugin.sandbox.serving import serve_in_thread
from plugin.sendpulse.client import SendPulse
from plugin.storage.db.engine import Database
from tests.support.builders import NOON
from tests.support.fake_platform import DELIVERED
from tests.support.faults.checker import account_for
from tests.support.faults.harness import Harness
from tests.support.many_shops import settings_document

MOST_CALLS = 200  #: far more than one event needs


@dataclass
class Taking:
    """A SendPulse that takes everything and counts."""

    taken: Counter[str]

    def __call__(self, claimed: ClaimedDelivery) -> Outcome:
        self.taken[_order(claimed.body)] += 1
        return DELIVERED


@dataclass
class Trap:
    """Lets calls through until the n-th."""

    n: int
    is_broken: bool = False  #: the connection goes with the call, as the driver would say
    seen: Counter[str] = field(default_factory=Counter)  #: calls, by the way they went

    def pass_by(self, way: str) -> None:
        """A call goes this way, or fails there."""
        self.seen[way] += 1
        if self.seen.total() == self.n:
            gone = Exception("the server closed the connection")
            raise OperationalError("planted", None, gone, connection_invalidated=self.is_broken)


TOGETHER, AT_ONCE = "in a transaction", "a transaction by itself"


def _ways(database: Database) -> dict[str, Engine]:
    """How a call reaches the database. On PostgreSQL a webhook is received on connections that commit each statement."""
    at_once = database._at_once
    return {TOGETHER: database.engine, **({AT_ONCE: at_once} if at_once else {})}


@contextmanager
def _fails(database: Database, trap: Trap, moments: dict[str, str]) -> Iterator[None]:
    with ExitStack() as listening:
        ways = _ways(database)
        for way in ways.keys() & moments.keys():
            engine, moment = ways[way], moments[way]

            def fail(*_: Any, way: str = way) -> None:
                trap.pass_by(way)

            event.listen(engine, moment, fail)
            listening.callback(event.remove, engine, moment, fail)
        yield


def statement_fails(database: Database, trap: Trap) -> AbstractContextManager[None]:
    """The n-th statement never reaches the database."""
    return _fails(database, trap, dict.fromkeys((TOGETHER, AT_ONCE), "before_cursor_execute"))


def statement_is_not_heard(database: Database, trap: Trap) -> AbstractContextManager[None]:
    """The n-th statement is done, and its answer lost; by itself it stays done, in a transaction it is undone."""
    return _fails(database, trap, dict.fromkeys((TOGETHER, AT_ONCE), "after_cursor_execute"))


def commit_fails(database: Database, trap: Trap) -> AbstractContextManager[None]:
    """The n-th commit is undone; of a statement that is its own transaction, the statement."""
    return _fails(database, trap, {TOGETHER: "commit", AT_ONCE: "before_cursor_execute"})


@contextmanager
def commit_is_not_heard(database: Database, trap: Trap) -> Iterator[None]:
    """The n-th commit is done, and its confirmation lost."""
    dialect: Any = database.engine.dialect
    commit = dialect.do_commit

    def deaf(connection: Any) -> None:
        commit(connection)
        trap.pass_by(TOGETHER)

    dialect.do_commit = deaf
    try:
        with _fails(database, trap, {AT_ONCE: "after_cursor_execute"}):
            yield
    finally:
        del dialect.do_commit


@pytest.mark.parametrize("is_broken", [False, True], ids=["connection stays", "connection breaks"])
@pytest.mark.parametrize("fault", [statement_fails, statement_is_not_heard, commit_fails, commit_is_not_heard])
def test_any_one_failing_database_call_loses_no_event(harness: Harness, fault: Callable[..., Any], is_broken: bool) -> None:
    sendpulse, seen = Taking(Counter()), Counter[str]()
    worker = harness.worker(sendpulse)
    for n in range(1, MOST_CALLS):
        trap = Trap(n, is_broken=is_broken)
        with fault(harness.store.database, trap):
            _tell_until_it_is_taken(harness, n)
            harness.run(worker)

        account = account_for(harness.store, {str(n)}, sendpulse.taken)
        assert account.delivered == {str(n)}, f"call {n}: {account.row()}"
        assert account.unmarked == frozenset(), f"call {n}: sent {sendpulse.taken[str(n)]} times"
        seen += trap.seen
        if trap.seen.total() < n:
            break
    assert 5 < n < MOST_CALLS - 1
    assert set(seen) == set(_ways(harness.store.database))
    print(f"{fault.__name__}: {n - 1} calls, {sum(sendpulse.taken.values()) - n} events repeated, all marked")


FAULTS = {
    "busy": Fault.page(503),
    "a gateway's time-out after it was taken": replace(Fault.page(504), is_taken_first=True),
    "reset before it was taken": Fault.reset(is_taken_first=False),
    "reset after it was taken": Fault.reset(is_taken_first=True),
    "an answer cut off": Fault(kind=Kind.SHORT_BODY, is_taken_first=True),
    "a page that is no answer": Fault.page(200),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize(  # what is stored of a request is the same for each way to send
    ("database_url", "send"), [*(("sqlite", send) for send in Send), ("postgresql", Send.JSON)], indirect=["database_url"]
)
def test_any_one_failing_request_to_sendpulse_loses_no_event(harness: Harness, send: Send, fault: Fault) -> None:
    _one_request_fails(harness, send, fault)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_any_one_failing_request_for_a_token_loses_no_event(harness: Harness, fault: Fault) -> None:
    _one_request_fails(harness, Send.NAME, replace(fault, path="/oauth/"))


def _one_request_fails(harness: Harness, send: Send, fault: Fault) -> None:
    pretend = PretendSendPulse(clock=harness.clock)
    definition = pretend.add_event("paid", {"email": Type.STRING})
    orders = {"1", "2", "3"}
    with serve_in_thread(events_app(pretend)) as events, serve_in_thread(api_app(pretend)) as api:
        post = _real_client(harness, definition, send, events_url=events.url, api_url=api.url, account=pretend.account)
        for n in range(len(orders)):
            numbers = [str(10 * n + int(order)) for order in sorted(orders)]
            for place, number in enumerate(numbers):
                if place == n:
                    pretend.faults.add(fault)
                    harness.clock.move(hours=1)  # a token has come to its end
                harness.order(int(number))
                harness.run(harness.worker(post))

            taken = Counter(str(received.variables["order_id"]) for received in pretend.received())
            account = account_for(harness.store, numbers, taken)
            assert account.delivered == set(numbers), account.row()
            assert account.unmarked == frozenset(), account.row()
            assert pretend.faults.waiting == []
    post.close()


@pytest.mark.parametrize("n", range(1, 5))
def test_a_failing_look_up_in_the_catalogue_loses_no_event(harness: Harness, n: int) -> None:
    sendpulse = Taking(Counter())
    harness.platform.completions = [TryAgain("The catalogue does not answer.")] * n

    harness.order(1)
    harness.run(harness.worker(sendpulse))

    assert sendpulse.taken == Counter({"1": 1})


def _tell_until_it_is_taken(harness: Harness, number: int) -> None:
    """As a store does: again, when it hears 503."""
    for _ in range(3):
        try:
            harness.order(number)
        except StorageDown:
            continue
        return
    raise AssertionError("one failing call refused a webhook three times")


def _real_client(
    harness: Harness, definition: EventDefinition, send: Send, *, events_url: str, api_url: str, account: Account
) -> SendPulse:
    """The client as it is, sending to the pretend SendPulse; the shop's route leads there."""
    document = settings_document(1)
    address = {"event_name": definition.name} if send is Send.NAME else {"event_url": definition.url}
    document["events"] = {"order_paid": {"enabled": True, "send": send.value, **address}}
    document["account"] |= {"client_id": account.client_id, "client_secret": account.client_secret}
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=NOON)
    settings = replace(harness.settings, is_sandbox=True, sendpulse_events_url=events_url, sendpulse_api_url=api_url)
    return SendPulse(settings, harness.store.tokens, harness.clock)


def _order(body: str) -> str:
    return str(json.loads(body)["order_id"])
