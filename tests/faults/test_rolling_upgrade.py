"""Two versions of the app over one database while the newer is rolled out: nothing acknowledged is lost.

Migrations only add. What a newer version adds does not disturb this one, and what an older one wrote, or still writes
without knowing what was added, is read and delivered by this one.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, text

from plugin.config import Settings
from plugin.domain.shop import Shop
from plugin.storage import SqlStore, open_store
from plugin.storage.db import tables
from plugin.storage.db.engine import Database
from plugin.storage.db.migrate import MIGRATIONS, migrate
from plugin.worker import SENDING_LEASE
from tests.faults.test_nth_call import Taking
from tests.support.builders import NOON
from tests.support.databases import DURABLE, Cluster, is_migrated, require_postgresql, running_cluster, settings_for
from tests.support.fake_platform import FakeClock, FakePlatform
from tests.support.faults.checker import account_for
from tests.support.faults.harness import Harness
from tests.support.many_shops import a_crowd, paid, settings_document
from tests.support.processes import Part, environ_for, running, until
from tests.support.stub_sendpulse import Stub, running_stub
from tests.support.working import work_once

ORDERS = 600
BEFORE, BETWEEN = 150, 300  #: acknowledged when the database is upgraded, and when the processes are started again
LOCK_SECONDS = 20.0  #: for the upgrade to find a moment between the work

# What next year's version might add.
NEXT_YEAR = (
    "ALTER TABLE webhooks ADD COLUMN traced_as TEXT",
    "ALTER TABLE events ADD COLUMN channel TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE deliveries ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE destinations ADD COLUMN owner TEXT",
    "CREATE TABLE campaigns (id BIGSERIAL PRIMARY KEY, shop_id BIGINT NOT NULL REFERENCES shops (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_deliveries_priority ON deliveries (priority)",
    "UPDATE alembic_version SET version_num = 'of_next_year'",
)

# ------------------------------------------------------------------ a newer database under this version


@dataclass
class Site:
    """This version's processes over a database of their own."""

    url: str
    store: SqlStore
    shops: list[Shop]
    stub: Stub
    web: Part
    worker: Part
    acknowledged: set[str] = field(default_factory=set)

    def send(self, number: int) -> None:
        """One webhook, again and again until it is acknowledged, as a store does."""
        webhook = paid(self.shops[number % len(self.shops)], number)
        until(lambda: self._is_taken(webhook.body, dict(webhook.headers)), "the webhook is acknowledged", seconds=60)
        self.acknowledged.add(str(number))

    def has_nothing_left(self) -> bool:
        return not account_for(self.store, self.acknowledged, self.stub.taken()).waiting

    def _is_taken(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            return requests.post(f"{self.web.url}/webhooks/shopify", data=body, headers=headers, timeout=5).status_code == 200
        except requests.RequestException:
            return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    require_postgresql()
    with ExitStack() as stack:
        url = stack.enter_context(running_cluster(DURABLE)).new_database("plugin")
        migrate(settings_for(url))
        store = open_store(settings_for(url))
        stack.callback(store.close)
        stub = stack.enter_context(running_stub())
        shops = a_crowd(store, range(1, 41))
        parts = running("web", "worker", environ=environ_for(url, stub.url), log=tmp_path / "app.log")
        web, worker = stack.enter_context(parts)
        yield Site(url, store, shops, stub, web, worker)


def test_an_upgrade_of_the_database_under_load_loses_nothing(site: Site) -> None:
    with ThreadPoolExecutor(4) as pool:
        sent = pool.map(site.send, range(1_000_000, 1_000_000 + ORDERS))
        until(lambda: len(site.acknowledged) >= BEFORE, "enough is acknowledged", seconds=60, pause=0.002)
        tries = _upgrade_to_next_year(site.url)
        until(lambda: len(site.acknowledged) >= BETWEEN, "the work goes on", seconds=60, pause=0.002)
        for part in (site.web, site.worker):  # this version starts on the newer database too
            part.stop()
            part.start()
        list(sent)
    until(site.has_nothing_left, "all left", seconds=60, pause=0.5)

    account = account_for(site.store, site.acknowledged, site.stub.taken())
    print(f"\n{account.row()}, the upgrade took {tries} tries")
    assert len(account.delivered) == len(site.acknowledged) == ORDERS
    assert account.repeated == account.uncertain == 0


def _upgrade_to_next_year(url: str) -> int:
    """In one transaction, as our migrations run; how often it was tried until it got its locks."""
    give_up_at = time.monotonic() + LOCK_SECONDS
    for tries in range(1, 100):
        try:
            with psycopg.connect(url) as connection:
                for statement in NEXT_YEAR:
                    connection.execute(statement.encode())
            return tries
        except psycopg.errors.DeadlockDetected:
            assert time.monotonic() < give_up_at, "the upgrade finds no moment between the work"
    raise AssertionError("the upgrade deadlocks with the work again and again")


# ------------------------------------------------------------------ this version over what an older one wrote


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A database without a table."""
    if request.param == "sqlite":
        return settings_for(f"sqlite:///{tmp_path}/upgraded.db")
    return settings_for(request.getfixturevalue("cluster").new_database("upgraded"))


Write = Callable[[], None]


def _before(write: Write, upgrade: Write) -> None:
    write()
    upgrade()


def _meanwhile(write: Write, upgrade: Write) -> None:
    upgrade()
    write()


@pytest.mark.parametrize(
    "order", [_before, _meanwhile], ids=["written before the upgrade", "written by a process still running"]
)
def test_what_the_version_before_wrote_is_delivered(
    empty_database: Settings, tmp_path: Path, order: Callable[[Write, Write], None]
) -> None:
    played = _played(settings_for(f"sqlite:///{tmp_path}/played.db"))
    database = Database(empty_database)
    with database.write() as connection:
        _upgrade(connection, _revisions()[-2])
    older = MetaData()
    older.reflect(database.engine)
    assert not is_migrated(database)

    order(lambda: _write_as(older, database, played), lambda: migrate(empty_database))

    sendpulse = Taking(Counter())
    store = open_store(empty_database)
    store.check()
    harness = Harness(store, empty_database, played.shop, played.platform, FakeClock(played.clock.at), database)
    harness.run(harness.worker(sendpulse))
    orders = {"1", "2", "3", "4"}
    account = account_for(store, orders, sendpulse.taken)
    assert account.delivered == orders, account.row()
    assert account.uncertain == 1  # the one that was being sent
    [link] = _rows(database, tables.links)
    assert store.links.resolve(link["token"]) == "https://demo.example/long"
    store.close()
    database.close()


def test_what_the_version_before_cannot_read_waits_for_one_that_can(empty_database: Settings) -> None:
    """Pages of a newer version save what an older worker beside them knows nothing of: it leaves the shop's events alone."""
    played = _played(empty_database)
    [sending] = [row["id"] for row in _rows(played.watch, tables.deliveries) if row["state"] == "sending"]
    store = open_store(empty_database)
    harness = Harness(store, empty_database, played.shop, played.platform, FakeClock(played.clock.at), played.watch)
    document = settings_document(1)
    store.shops.write_settings(played.shop.id, document | {"of_next_year": 1}, who="test", now=NOON)
    sendpulse = Taking(Counter())

    hours = 3 if store.database.is_sqlite else 1  # the worker's patience is the same on both, a look costs less on SQLite
    harness.run(harness.worker(sendpulse), until=played.clock.at + timedelta(hours=hours))

    assert not sendpulse.taken
    tried = {row["delivery_id"] for row in _rows(played.watch, tables.attempts)}
    assert tried == {sending}, "nothing but what was being sent before"
    store.shops.write_settings(played.shop.id, document, who="test", now=NOON)
    harness.run(harness.worker(sendpulse))
    account = account_for(store, {"1", "2", "3", "4"}, sendpulse.taken)
    assert (len(account.delivered), account.uncertain) == (4, 1), account.row()
    store.close()
    played.watch.close()


def test_a_delivery_of_a_kind_the_version_before_does_not_know_stops_no_other(empty_database: Settings) -> None:
    played = _played(empty_database)
    store = open_store(empty_database)
    harness = Harness(store, empty_database, played.shop, played.platform, FakeClock(played.clock.at), played.watch)
    with played.watch.write() as connection:
        newer = tables.deliveries.c.state == "waiting"
        connection.execute(tables.deliveries.update().where(newer).values(kind="of_next_year"))
    neighbour = store.shops.install(Shop(id=0, platform="fake", address="neighbour"), {}, now=NOON)
    store.shops.write_settings(neighbour.id, settings_document(2), who="test", now=NOON)
    replace(harness, shop=neighbour).order(5)
    sendpulse = Taking(Counter())

    harness.run(harness.worker(sendpulse), until=played.clock.at + timedelta(minutes=1))

    assert sendpulse.taken["5"] == 1
    assert [row["attempts"] for row in _rows(played.watch, tables.deliveries) if row["kind"] == "of_next_year"] == [0]
    store.close()
    played.watch.close()


def _played(settings: Settings) -> Harness:
    """Four orders on their way: one received, one translated, one planned, one being sent; and a link."""
    migrate(settings)
    store = open_store(settings)
    new = Shop(id=0, platform="fake", address="demo", locale="en", timezone="Europe/Warsaw")
    shop = store.shops.install(new, {"token": "t"}, now=NOON)
    store.shops.write_settings(shop.id, settings_document(1), who="test", now=NOON)
    store.links.shorten(shop.id, "https://demo.example/long")
    harness = Harness(store, settings, shop, FakePlatform(), FakeClock(), Database(settings))
    worker = harness.worker(Taking(Counter()))
    translating, planning = worker.translating, worker.planning
    for number, steps in ((4, "translate plan claim"), (3, "translate plan"), (2, "translate"), (1, "")):
        harness.order(number)
        if "translate" in steps:
            work_once(translating)
        if "plan" in steps:
            work_once(planning)
        if "claim" in steps:
            assert store.deliveries.claim(limit=1, now=harness.clock(), lease=SENDING_LEASE)
    store.close()
    return harness


def _write_as(older: MetaData, database: Database, played: Harness) -> None:
    """The same rows with the columns the older version knew; what was added it leaves to the database."""
    with database.write() as connection:
        for table in tables.metadata.sorted_tables:
            known: Table | None = older.tables.get(table.name)
            if known is None:
                continue
            for row in _rows(played.watch, table):
                connection.execute(insert(known).values({name: row[name] for name in row if name in known.c}))
            if not database.is_sqlite and "id" in known.c:
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                connection.execute(text(f"SELECT setval({sequence}, (SELECT coalesce(max(id), 0) + 1 FROM {table.name}))"))
    played.watch.close()


def _rows(database: Database, table: Table) -> Sequence[Mapping[str, Any]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


# ------------------------------------------------------------------ every migration


def test_every_migration_after_the_first_only_adds(empty_database: Settings) -> None:
    database = Database(empty_database)
    first, *later = _revisions()
    assert later
    with database.write() as connection:
        _upgrade(connection, first)
        for revision in later:
            before = _shape(connection)

            _upgrade(connection, revision)

            assert _taken_away(before, _shape(connection)) == [], revision
    database.close()


TAKES_AWAY = {
    "a table": ("DROP TABLE timer_keys", "timer_keys is gone"),
    "a column": ("ALTER TABLE links DROP COLUMN used_at", "links.used_at is gone"),
    "a column's name": ("ALTER TABLE events RENAME COLUMN locale TO language", "events.locale is gone"),
    "the freedom to leave a column out": (
        "ALTER TABLE events ADD COLUMN channel TEXT NOT NULL",
        "events.channel is asked of those who do not know it",
    ),
    "the freedom to say a thing twice": (
        "CREATE UNIQUE INDEX one_link ON links (address_hash)",
        "links: what was allowed is refused, or the other way round",
    ),
}


@pytest.mark.parametrize(("statement", "found"), TAKES_AWAY.values(), ids=TAKES_AWAY.keys())
def test_a_migration_that_takes_something_away_is_found(cluster: Cluster, statement: str, found: str) -> None:
    settings = settings_for(cluster.new_database("taken_away"))
    migrate(settings)
    database = Database(settings)
    with database.write() as connection:
        if "used_at" in statement:
            connection.execute(text("DROP INDEX ix_links_shop_id_used_at"))
        before = _shape(connection)

        connection.execute(text(statement))

        assert found in _taken_away(before, _shape(connection))
    database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """A table as the code beside it sees it."""

    columns: Mapping[str, tuple[str, bool, bool]]  #: type, whether it may be empty, whether it may be left out
    rules: frozenset[str]  #: what the database refuses


def _shape(connection: Connection) -> dict[str, _Shape]:
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {name: _Shape(columns=_columns(inspector, name), rules=_rules(inspector, name)) for name in names}


def _columns(inspector: Any, table: str) -> dict[str, tuple[str, bool, bool]]:
    found = inspector.get_columns(table)
    return {
        column["name"]: (str(column["type"]), column["nullable"], column["nullable"] or column["default"] is not None)
        for column in found
    }


def _rules(inspector: Any, table: str) -> frozenset[str]:
    unique = [index["column_names"] for index in inspector.get_indexes(table) if index["unique"]]
    rules = [
        *inspector.get_unique_constraints(table),
        *inspector.get_foreign_keys(table),
        *inspector.get_check_constraints(table),
    ]
    return frozenset(map(repr, [*rules, inspector.get_pk_constraint(table), *unique]))


def _taken_away(before: Mapping[str, _Shape], after: Mapping[str, _Shape]) -> list[str]:
    """What code that knows only the tables before would stumble over."""
    found = [f"{name} is gone" for name in before if name not in after]
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        found += [f"{name}.{column} is gone" for column in old.columns if column not in new.columns]
        changed = [column for column in old.columns.keys() & new.columns.keys() if old.columns[column] != new.columns[column]]
        found += [f"{name}.{column} is another" for column in changed]
        added = new.columns.keys() - old.columns.keys()
        asked = [column for column in added if not new.columns[column][2]]
        found += [f"{name}.{column} is asked of those who do not know it" for column in asked]
        # Rows of the code before leave an added column empty, and what is empty breaks no rule about that column.
        empty = [repr(column) for column in added if new.columns[column][1]]
        if old.rules != {rule for rule in new.rules if not any(column in rule for column in empty)}:
            found.append(f"{name}: what was allowed is refused, or the other way round")
    return found


def _upgrade(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revisions() -> list[str]:
    """Oldest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in reversed(list(scripts))]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
