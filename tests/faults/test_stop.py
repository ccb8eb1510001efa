"""SIGTERM, as every deploy sends it: what is on its way is finished, and nobody waits for a lease to run out."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, func, select

from bench.rows import wait_for
from plugin import clock
from plugin.config import Settings
from plugin.storage import SqlStore, open_store
from plugin.storage.db import tables
from tests.support.faults.checker import open_attempts
from tests.support.many_shops import a_crowd
from tests.support.processes import Part, environ_for, until
from tests.support.stub_sendpulse import Stub, running_stub

ACCOUNTS, EACH = 40, 3
ANSWER_SECONDS = 1.0


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub() as running:
        running.behave(seconds=ANSWER_SECONDS)
        yield running


def test_a_worker_told_to_stop_finishes_what_is_on_its_way(settings: Settings, stub: Stub, tmp_path: Path) -> None:
    with ExitStack() as stack:
        store = open_store(settings)
        stack.callback(store.close)
        [shop] = a_crowd(store, [1])
        wait_for(store, shop, range(1, ACCOUNTS + 1), each=EACH, due_at=clock.now(), first=1, same=1)
        worker = Part(word="worker", environ=environ_for(settings.database_url, stub.url), log=tmp_path / "worker.log")
        stack.callback(worker.stop)
        worker.start()
        assert worker.process
        until(lambda: len(stub.arrivals()) >= 5, "requests are on their way", seconds=20)
        assert open_attempts(store)

        worker.signal(signal.SIGTERM)
        status = worker.process.wait(15)

        taken = stub.taken()
        assert status == 0
        assert open_attempts(store) == set()
        assert _count(store, tables.destinations.c.lease_until.is_not(None)) == 0
        assert _count(store, tables.deliveries.c.state == "sending") == 0
        assert _count(store, tables.deliveries.c.state == "delivered") == sum(taken.values()) == len(taken)
        assert 5 <= len(taken) < ACCOUNTS * EACH


def _count(store: SqlStore, condition: ColumnElement[bool]) -> int:
    with store.database.read() as connection:
        return int(connection.execute(select(func.count()).where(condition)).scalar_one())
