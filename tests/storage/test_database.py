"""The two databases: their schema, their migrations, several processes at once."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from psycopg.pq import TransactionStatus
from sqlalchemy import Text, event, select, text, update

from plugin.config import BadEnvironment, Settings
from plugin.domain.errors import StorageDown
from plugin.domain.shop import Shop
from plugin.domain.states import EventState, WebhookState
from plugin.ports import Backlog
from plugin.storage import SqlStore, open_store
from plugin.storage.db import engine, write_lock
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.columns import Id
from plugin.storage.db.engine import Database
from plugin.storage.db.migrate import MIGRATIONS, migrate
from plugin.storage.db.tables import metadata, shops
from plugin.storage.db.write_lock import WriteLock
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.databases import SHIPPED_PRAGMAS, Cluster, empty, engines, is_migrated, settings_for
from tests.support.processes import until
from tests.support.storage.situations import a_webhook, tell


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A database without a table."""
    if request.param == "sqlite":
        return settings_for(f"sqlite:///{tmp_path}/50%/plugin.db")
    return settings_for(request.getfixturevalue("cluster").new_database("empty"))


def together(count: int, what: Callable[[], Any]) -> list[BaseException]:
    """Run it several times at once; what went wrong."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            what()
        except BaseException as error:  # noqa: BLE001 handed to the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_the_migrations_make_the_tables_that_are_declared(store: SqlStore) -> None:
    with store.database.engine.connect() as connection:
        # SQLite writes an empty default down in its own way, which Alembic takes for another one.
        opts = {"compare_type": True, "compare_server_default": not store.database.is_sqlite}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_a_new_database_is_migrated_from_nothing(empty_database: Settings) -> None:
    database = Database(empty_database)
    assert not is_migrated(database)

    migrate(empty_database)
    migrate(empty_database)

    assert is_migrated(database)
    database.close()


def test_several_processes_may_migrate_at_once(empty_database: Settings) -> None:
    assert together(4, lambda: migrate(empty_database)) == []


@pytest.fixture
def one_behind(cluster: Cluster) -> Settings:
    """A PostgreSQL before the migration that changes the deliveries."""
    settings = settings_for(cluster.new_database("behind"))
    database = Database(settings)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
    database.close()
    return settings


def test_a_migration_gives_way_to_what_is_locked_and_tries_again(one_behind: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.storage.db.migrate.LOCK_MILLISECONDS", 100)
    database, failed = Database(one_behind), list[BaseException]()
    with database.write() as connection:
        connection.execute(text("LOCK TABLE events, deliveries IN ROW EXCLUSIVE MODE"))
        migrating = threading.Thread(target=lambda: failed.extend(together(1, lambda: migrate(one_behind))))
        migrating.start()
        migrating.join(0.5)
        assert migrating.is_alive()
    migrating.join(20)

    assert failed == []
    assert is_migrated(database)
    database.close()


def test_locks_that_do_not_go_away_end_a_migration(one_behind: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.storage.db.migrate.LOCK_MILLISECONDS", 100)
    monkeypatch.setattr("plugin.storage.db.migrate.PATIENCE_SECONDS", 0.0)
    database = Database(one_behind)
    with database.write() as connection:
        connection.execute(text("LOCK TABLE events, deliveries IN ROW EXCLUSIVE MODE"))

        with pytest.raises(StorageDown):
            migrate(one_behind)

    assert not is_migrated(database)
    database.close()


def test_a_database_that_is_not_migrated_fails_the_check(empty_database: Settings) -> None:
    store = open_store(empty_database)

    with pytest.raises(StorageDown, match="sendpulse-plugin migrate"):
        store.check()

    store.close()


def test_a_migrated_database_passes_the_check(store: SqlStore, a_shop: Shop) -> None:
    store.check()


def test_a_process_of_the_version_before_goes_on_with_a_newer_database(store: SqlStore, settings: Settings) -> None:
    with store.database.write() as connection:
        ours = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_next_year'"))

    store.check()
    migrate(settings)

    with store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :ours"), {"ours": ours})


def test_a_database_that_is_away_fails_the_check() -> None:
    store = open_store(settings_for("postgresql://nobody@127.0.0.1:9/plugin"))

    with pytest.raises(StorageDown):
        store.check()


@pytest.mark.parametrize("url", ["sqlite:////:memory:", "sqlite:///"])
def test_sqlite_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(BadEnvironment, match=r"sqlite:///var/plugin\.db"):
        Database(settings_for(url))


def test_an_address_nobody_can_read_is_refused() -> None:
    with pytest.raises(BadEnvironment, match=r"^DATABASE_URL"):
        Database(settings_for("postgresql://host:port/plugin"))


def test_sqlite_keeps_a_commit_through_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PRAGMAS", SHIPPED_PRAGMAS)
    settings = settings_for(f"sqlite:///{tmp_path}/plugin.db")
    database = Database(settings)

    with database.read() as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert found == ["wal", 2, 1]
    database.close()


def test_what_an_error_interrupts_is_undone(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event())

    with pytest.raises(ZeroDivisionError), store.database.write() as connection:
        connection.execute(text("DELETE FROM events"))
        raise ZeroDivisionError

    assert store.backlog() == Backlog(webhooks={WebhookState.TRANSLATED: 1}, events={EventState.NEW: 1})


# ------------------------------------------------------------------ several processes

WRITER = """
import os, sys
{patch}
from concurrent.futures import ThreadPoolExecutor
from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.ports import VerifiedWebhook
from plugin.storage import open_store
from tests.support.builders import NOON

store = open_store(Settings.from_environ())
shop = Shop(id=int(sys.argv[1]), platform="shopify", address="demo.myshopify.com")

def receive(number):
    webhook = VerifiedWebhook(shop=shop, topic="orders/paid", key=str(number), body=b"{{}}")
    if store.inbox.receive(webhook, now=NOON):
        os.write(1, b"%d\\n" % number)  # only now would the store hear 200

with ThreadPoolExecutor(4) as pool:
    list(pool.map(receive, range({count})))
"""
PATCHES = {"threads": "", "gevent": "from gevent import monkey; monkey.patch_all()"}


def writer(settings: Settings, shop: Shop, *, count: int, patch: str = "") -> "subprocess.Popen[str]":
    """Another process that receives webhooks and says the key of each it stored."""
    environ = os.environ | {
        "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
        "ENCRYPTION_KEYS": ",".join(settings.encryption_keys),
    }  # fmt: skip
    command = [sys.executable, "-c", WRITER.format(patch=patch, count=count), str(shop.id)]
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(command, env=environ, cwd=root, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("kind", PATCHES)
def test_processes_that_receive_the_same_webhooks_store_each_once(
    store: SqlStore, settings: Settings, a_shop: Shop, kind: str
) -> None:
    processes = [writer(settings, a_shop, patch=PATCHES[kind], count=60) for _ in range(2)]

    stored = [key for process in processes for key in process.communicate(timeout=60)[0].split()]

    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(map(int, stored)) == list(range(60))
    assert store.backlog() == Backlog(webhooks={WebhookState.WAITING: 60})


def test_what_a_process_had_taken_when_it_was_killed_is_there(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    process = writer(settings, a_shop, count=1_000_000)
    assert process.stdout
    taken = [process.stdout.readline() for _ in range(20)]

    process.send_signal(signal.SIGKILL)
    taken += process.communicate()[0].splitlines()

    lost = [key for key in taken if store.inbox.receive(a_webhook(a_shop, key=key.strip()), now=NOON)]
    assert len(taken) >= 20
    assert lost == []


def test_postgresql_ends_what_a_frozen_machine_began(migrated_postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It froze between a change of many rows and its commit; others must get at the rows."""
    monkeypatch.setattr(engine, "_IDLE", "-c idle_in_transaction_session_timeout=200")
    database = Database(settings_for(migrated_postgresql))
    change = BulkUpdate(
        {"its_id": Id, "new_name": Text()},
        lambda row: update(shops).where(shops.c.id == row["its_id"]).values(name=row["new_name"]),
    )

    with pytest.raises(StorageDown), database.write() as connection:
        change.run(connection, [{"its_id": number, "new_name": "changed"} for number in range(5)])
        time.sleep(1)
        connection.execute(text("SELECT 1"))

    database.close()


def test_connections_that_the_server_ended_meanwhile_cost_no_event(migrated_postgresql: str) -> None:
    empty(migrated_postgresql)
    with closing(open_store(settings_for(migrated_postgresql))) as store:
        shop = store.shops.install(Shop(id=0, platform="shopify", address="demo.myshopify.com"), {}, now=NOON)
        with ExitStack() as stack:  # several are kept
            for _ in range(3):
                stack.enter_context(store.database.read())
        assert _ended(migrated_postgresql) >= 3

        store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
        assert [one.shop.id for one in store.shops.list()] == [shop.id]


def test_who_only_looks_begins_no_transaction(migrated_postgresql: str) -> None:
    with closing(Database(settings_for(migrated_postgresql))) as database:
        with statuses(database) as after:
            database.read_once(text("SELECT 1"))
            with database.read() as connection:
                connection.execute(text("SELECT 1"))
        assert after == [TransactionStatus.IDLE, TransactionStatus.IDLE]

        with statuses(database) as after, database.write() as connection:
            connection.execute(text("SELECT 1"))
        assert after == [TransactionStatus.INTRANS]


PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%prepared_statements%'")


def test_what_a_worker_asks_is_prepared_once_and_stays_prepared(migrated_postgresql: str) -> None:
    with closing(Database(settings_for(migrated_postgresql))) as database:
        for _ in range(2):
            [(looking,)] = database.read_once(PREPARED)
            with database.write() as connection:
                writing = connection.execute(PREPARED).scalar()
            with database.read() as connection:
                connection.execute(text("SELECT 1"))

        assert (looking, writing) == (1, 1)


def test_what_people_look_for_is_planned_each_time(migrated_postgresql: str) -> None:
    """From the sixth time on PostgreSQL may run one plan for any values, and choose it badly."""
    with closing(Database(settings_for(migrated_postgresql))) as database:
        for _ in range(8):
            with database.read() as connection:
                assert connection.execute(PREPARED).scalar() == 0

        with pytest.raises(StorageDown), database.read() as connection:
            connection.execute(text("SELECT nothing"))
        assert [database.read_once(PREPARED)[0][0] for _ in range(2)] == [1, 1]


@contextmanager
def statuses(database: Database) -> Iterator[list[TransactionStatus]]:
    """How each statement leaves its connection."""
    seen: list[TransactionStatus] = []

    def note(_connection: Any, cursor: Any, *_: Any) -> None:
        seen.append(cursor.connection.info.transaction_status)

    for one in engines(database):
        event.listen(one, "after_cursor_execute", note)
    yield seen
    for one in engines(database):
        event.remove(one, "after_cursor_execute", note)


def test_a_single_look_whose_connection_breaks_is_taken_again(migrated_postgresql: str) -> None:
    with closing(Database(settings_for(migrated_postgresql))) as database:
        [(mine,)] = database.read_once(text("SELECT pg_backend_pid()"))
        hang_up = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :mine AND pid = pg_backend_pid()")

        assert database.read_once(hang_up, {"mine": mine}) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_single_look_finds_every_row(store: SqlStore, a_shop: Shop, is_there: bool) -> None:
    wanted = shops.c.id == a_shop.id

    found = store.database.read_once(select(shops.c.id, shops.c.address).where(wanted if is_there else ~wanted))

    assert [tuple(row) for row in found] == ([(a_shop.id, a_shop.address)] if is_there else [])


def test_a_single_look_at_a_database_that_is_away_says_so() -> None:
    with closing(Database(settings_for("postgresql://nobody@127.0.0.1:1/none"))) as database, pytest.raises(StorageDown):
        database.read_once(text("SELECT 1"))


def _ended(url: str) -> int:
    """End every other connection to this database, as a server does that is restarted; how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        count = len(connection.execute(f"SELECT pg_terminate_backend(pid) {others}").fetchall())
        until(lambda: not connection.execute(f"SELECT 1 {others}").fetchall(), "they are gone")
        return count


def test_a_writer_that_waits_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_lock, "PATIENCE_SECONDS", 0.05)
    path = tmp_path / "lock"
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as another process would
        with pytest.raises(StorageDown, match="busy"), WriteLock(path).taken():
            pytest.fail("two hold one lock")

    with WriteLock(path).taken():
        pass


def test_a_thread_that_waits_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_lock, "PATIENCE_SECONDS", 0.05)
    mine = WriteLock(tmp_path / "lock")

    with mine.taken(), pytest.raises(StorageDown, match="busy"), mine.taken():
        pytest.fail("two hold one lock")
