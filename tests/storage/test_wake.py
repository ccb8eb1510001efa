"""An idle worker hears of new work at once, on both databases."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.storage import SqlStore, open_store
from plugin.storage.db.engine import sqlite_path
from plugin.storage.db.wake import CHANNEL
from tests.support.builders import NOON
from tests.support.databases import require_postgresql
from tests.support.storage.situations import a_webhook

CHECKOUT = Path(__file__).resolve().parents[2]
SOON = 0.5  #: seconds; an idle worker should need a fifth of it

RECEIVER = """
import sys
from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.storage import open_store
from tests.support.builders import NOON
from tests.support.storage.situations import a_webhook

store = open_store(Settings.from_environ())
shop = Shop(id=int(sys.argv[1]), platform="shopify", address="demo.myshopify.com")
print("ready", flush=True)
for key in sys.stdin:
    store.inbox.receive(a_webhook(shop, key=key.strip()), now=NOON)
    print("committed", flush=True)
"""
WAITER = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from plugin.config import Settings
from plugin.storage import open_store

store = open_store(Settings.from_environ())
turns = []
gevent.spawn(lambda: [turns.append(gevent.sleep(0.01)) for _ in range(1000)])
while store.wake.wait(0.3):
    pass
print("ready", flush=True)
before = len(turns)
print("woken" if store.wake.wait(20) else "asleep", "alone" if len(turns) == before else "among others", flush=True)
store.close()
"""


@contextmanager
def another_process(script: str, settings: Settings, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A process on the same database that is ready."""
    environ = os.environ | {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
        "ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
    }  # fmt: skip
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(
        command, env=environ, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def settle(store: SqlStore) -> None:
    """Hear everything that happened so far."""
    while store.wake.wait(0.3):
        pass


def in_a_moment(what: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.2, what)
    timer.start()
    return timer


def test_a_commit_of_another_process_wakes(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    settle(store)
    with another_process(RECEIVER, settings, str(a_shop.id)) as receiver:
        assert receiver.stdin
        assert receiver.stdout
        receiver.stdin.write("k1\n")
        receiver.stdin.flush()
        assert receiver.stdout.readline() == "committed\n"
        began = time.monotonic()

        assert store.wake.wait(20)

    assert time.monotonic() - began < SOON


def test_somebody_who_waits_is_woken_in_the_middle_of_it(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    settle(store)
    other = open_store(settings)
    committed: list[float] = []

    def receive() -> None:
        other.inbox.receive(a_webhook(a_shop), now=NOON)
        committed.append(time.monotonic())

    timer = in_a_moment(receive)

    assert store.wake.wait(20)
    woken_at = time.monotonic()

    timer.join()
    assert woken_at - committed[0] < SOON
    other.close()


def test_nothing_wakes_nobody(store: SqlStore, a_shop: Shop) -> None:
    settle(store)
    began = time.monotonic()

    assert not store.wake.wait(0.3)

    assert time.monotonic() - began >= 0.3


def test_the_same_webhook_again_is_no_work_on_postgresql(store: SqlStore, a_shop: Shop) -> None:
    store.inbox.receive(a_webhook(a_shop), now=NOON)
    settle(store)

    store.inbox.receive(a_webhook(a_shop), now=NOON)

    if not store.database.is_sqlite:  # there every commit shows
        assert not store.wake.wait(0.2)


def test_what_is_committed_while_nobody_waits_is_not_missed(store: SqlStore, a_shop: Shop) -> None:
    settle(store)

    store.inbox.receive(a_webhook(a_shop), now=NOON)
    time.sleep(0.2)

    assert store.wake.wait(0.1)


def test_every_thread_that_waits_is_woken(store: SqlStore, a_shop: Shop) -> None:
    ready, woken = threading.Barrier(4), list[bool]()

    def wait() -> None:
        settle(store)
        ready.wait()
        woken.append(store.wake.wait(20))

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    ready.wait()
    store.inbox.receive(a_webhook(a_shop), now=NOON)
    for thread in threads:
        thread.join()

    assert woken == [True, True, True]


def test_greenlets_go_on_while_one_of_them_waits(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    with another_process(WAITER, settings) as waiter:
        time.sleep(0.2)
        store.inbox.receive(a_webhook(a_shop), now=NOON)

        assert waiter.communicate(timeout=20)[0] == "woken among others\n"
        assert waiter.returncode == 0


def test_closing_wakes_whoever_waits_without_work(store: SqlStore, a_shop: Shop) -> None:
    settle(store)
    began = time.monotonic()
    timer = in_a_moment(store.wake.close)

    assert not store.wake.wait(20)
    assert not store.wake.wait(20)

    timer.join()
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_the_server_cut_is_made_anew(store: SqlStore, a_shop: Shop) -> None:
    require_postgresql()
    settle(store)
    cut = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = :listen")
    with store.database.write() as connection:
        assert connection.execute(cut, {"listen": f"LISTEN {CHANNEL}"}).scalars().all() == [True]

    assert store.wake.wait(5)  # it listens again, so look again
    settle(store)
    store.inbox.receive(a_webhook(a_shop), now=NOON)

    assert store.wake.wait(SOON)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_cannot_be_read_is_looked_at_again(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    store.wake.close()
    store.database.engine.dispose()
    path = sqlite_path(settings)
    hidden = path.with_name("hidden.db")
    path.rename(hidden)
    path.mkdir()
    again = open_store(settings)

    assert not again.wake.wait(0.1)
    path.rmdir()
    hidden.rename(path)

    assert again.wake.wait(5)
    again.close()
