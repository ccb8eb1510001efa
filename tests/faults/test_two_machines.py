"""Two machines on one PostgreSQL, one of them cut off in the middle of its work: the other takes over, once and for all.

A machine is a worker's process group here, in a network of its own where the tests may make one (else the ways to it can be
cut). It loses its wire to the database, or is stopped whole (SIGSTOP) as a machine that swaps or a virtual one that is moved.
"""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import ColumnElement, event, func, select

from bench.rows import wait_for
from plugin import clock
from plugin.domain.errors import StorageDown
from plugin.storage import SqlStore, open_store
from plugin.storage.db import tables
from plugin.storage.db.migrate import migrate
from plugin.worker import SENDING_LEASE
from tests.support.databases import DURABLE, Cluster, require_postgresql, running_cluster, settings_for
from tests.support.fake_platform import FakeSendPulse
from tests.support.faults import networks
from tests.support.faults.checker import open_attempts
from tests.support.faults.harness import Harness
from tests.support.faults.networks import Elsewhere, elsewhere, reachable
from tests.support.faults.proxy import Cuttable, cuttable_way_to
from tests.support.many_shops import a_crowd
from tests.support.processes import Part, environ_for, until
from tests.support.stub_sendpulse import Stub, running_stub
from tests.support.working import work_once

ACCOUNTS, EACH = 60, 6
SLOW_SECONDS = 1.0  #: an answer of SendPulse, while one machine is cut off
WIRE = "to-database"
LEASE = timedelta(minutes=10)
TAKEN_OVER_SECONDS = 25.0  #: a lease of 20 s, and a bit


@dataclass
class Pair:
    """Two workers; the first one's way to the database can be cut."""

    store: SqlStore
    stub: Stub
    way: Cuttable
    first: Part
    second: Part
    orders: set[str]
    another: Elsewhere | None = None  #: the first one's own network


@pytest.fixture(scope="module")
def durable() -> Iterator[Cluster]:
    require_postgresql()
    with running_cluster(DURABLE) as cluster:
        yield cluster


@pytest.fixture
def pair(durable: Cluster, tmp_path: Path) -> Iterator[Pair]:
    with ExitStack() as stack:
        url = durable.new_database("plugin")
        migrate(settings_for(url))
        store = open_store(settings_for(url))
        stack.callback(store.close)
        stub = stack.enter_context(running_stub())
        way = stack.enter_context(cuttable_way_to(durable.port))
        through = url.replace(f":{durable.port}/", f":{way.port}/")
        first, second = (
            Part(word="worker", environ=environ_for(address, stub.url), log=tmp_path / f"{name}.log")
            for name, address in (("first", through), ("second", url))
        )
        for part in (first, second):
            stack.callback(part.stop)
        stack.callback(way.mend)
        [shop] = a_crowd(store, [1])
        wait_for(store, shop, range(1, ACCOUNTS + 1), each=EACH, due_at=clock.now(), first=1, same=1)
        yield Pair(store, stub, way, first, second, {str(number) for number in range(1, ACCOUNTS * EACH + 1)})


@pytest.fixture
def apart(pair: Pair) -> Iterator[None]:
    """The first machine in a network of its own, if we may make one: a wire to the database, another to SendPulse."""
    if not networks.may_be_made():
        yield
        return
    with elsewhere() as another:
        database, sendpulse = urlsplit(pair.second.environ["DATABASE_URL"]), urlsplit(pair.stub.url)
        assert database.port
        assert sendpulse.port
        hosts = {database.port: another.wire(WIRE, 1), sendpulse.port: another.wire("to-sendpulse", 2)}
        with reachable(hosts) as ports:
            there = f"{database.username}@{hosts[database.port]}:{ports[database.port]}"
            stub = f"http://{hosts[sendpulse.port]}:{ports[sendpulse.port]}"
            pair.first.environ |= {
                "DATABASE_URL": database._replace(netloc=there).geturl(),
                "SENDPULSE_EVENTS_URL": stub,
                "SENDPULSE_API_URL": stub,
            }
            pair.first.before, pair.another = another.enter, another
            yield
            pair.first.stop()


def _cut(pair: Pair) -> None:
    pair.another.pull(WIRE) if pair.another else pair.way.cut()


def _mend(pair: Pair) -> None:
    pair.another.plug_in(WIRE) if pair.another else pair.way.mend()


def _stop(pair: Pair) -> None:
    pair.first.signal(signal.SIGSTOP)


def _continue(pair: Pair) -> None:
    pair.first.signal(signal.SIGCONT)


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize(("away", "back"), [(_cut, _mend), (_stop, _continue)], ids=["cut off", "frozen"])
def test_what_a_lost_machine_had_in_hand_is_sent_by_the_other_and_never_again_by_itself(
    pair: Pair, away: Callable[[Pair], None], back: Callable[[Pair], None]
) -> None:
    pair.stub.behave(seconds=SLOW_SECONDS)
    pair.first.start()
    until(lambda: pair.stub.count() >= 5, "the first machine is at work", seconds=20)
    away(pair)
    lost_at = time.time()
    in_hand = open_attempts(pair.store)
    pair.second.start()
    pair.stub.behave()

    until(lambda: _left(pair) == 0, "the other machine has sent everything", seconds=TAKEN_OVER_SECONDS + 30, pause=0.5)
    before = pair.stub.arrivals()
    back(pair)
    time.sleep(5)  # whatever the first machine still wants to say, it says now

    after = pair.stub.arrivals()
    taken = Counter(order for _, _, order, status in after if status == 200)
    repeated, uncertain = sum(taken.values()) - len(taken), _uncertain(pair.store)
    print(f"\nbeing sent when it was lost {len(in_hand)}, repeated {repeated}, uncertain {uncertain}")
    assert after[len(before) :] == []  # nothing is sent after the fence
    assert _left(pair) == 0
    assert set(taken) == pair.orders
    assert repeated <= uncertain <= len(in_hand)
    assert max(at for at, _, _, _ in after) - lost_at < TAKEN_OVER_SECONDS + 10


def test_a_machine_cut_off_while_it_claims_blocks_no_other_for_longer_than_a_lease(pair: Pair) -> None:
    cut_off = open_store(settings_for(_through(pair)))
    event.listen(cut_off.database.engine, "commit", lambda _: pair.way.cut())
    claiming = threading.Thread(target=lambda: _claimed(cut_off), daemon=True)
    claiming.start()
    claiming.join(2)
    assert claiming.is_alive()  # it waits for the answer to its commit, which has not arrived

    claimed: set[int] = set()
    until(lambda: _all_claimed(pair.store, claimed), "all accounts can be sent to", seconds=TAKEN_OVER_SECONDS, pause=0.5)

    pair.way.mend()
    claiming.join(10)
    cut_off.close()


def _all_claimed(store: SqlStore, claimed: set[int]) -> bool:
    claimed |= _claimed(store)
    return len(claimed) == ACCOUNTS


def _claimed(store: SqlStore) -> set[int]:
    """One delivery of every account that may be sent to."""
    with suppress(StorageDown):
        return {claimed.delivery.id for claimed in store.deliveries.claim(limit=ACCOUNTS, now=clock.now(), lease=LEASE)}
    return set()


def _through(pair: Pair) -> str:
    return pair.first.environ["DATABASE_URL"]


def _left(pair: Pair) -> int:
    """Deliveries the log does not call delivered."""
    return _count(pair.store, tables.deliveries.c.state != "delivered")


def _uncertain(store: SqlStore) -> int:
    return _count(store, tables.attempts.c.verdict == "uncertain")


def _count(store: SqlStore, condition: ColumnElement[bool]) -> int:
    with store.database.read() as connection:
        return int(connection.execute(select(func.count()).where(condition)).scalar_one())


# ------------------------------------------------------------------ without processes, on both databases


def test_a_machine_that_slept_through_its_lease_before_the_post_sends_nothing(harness: Harness) -> None:
    late, quick = FakeSendPulse(), FakeSendPulse()
    sleeper, other = harness.worker(late), harness.worker(quick)
    harness.order(1)
    translate, planning = sleeper.translating, sleeper.planning
    work_once(translate)
    work_once(planning)
    [claimed] = harness.store.deliveries.claim(limit=5, now=harness.clock(), lease=SENDING_LEASE)
    harness.clock.move(seconds=21)
    harness.run(other)
    assert len(quick.posted) == 1

    sleeper.delivering.work(claimed)  # the machine wakes where it fell asleep: between its claim and its POST

    assert late.posted == []
