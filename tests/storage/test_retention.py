"""Clearing away finds its rows by an index and waits for nobody, on both databases."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, text

from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.shops.links import SqlLinks
from plugin.upkeep.prune import Pruner
from tests.support.builders import NOON
from tests.support.databases import engines
from tests.support.storage import old_rows
from tests.support.storage.old_rows import DAY

BIG = ("webhooks", "events", "deliveries", "attempts", "links", "purchases", "products", "audit", "tokens")
COPIES = 7  #: times the rows are doubled: some ten thousand in each table


@contextmanager
def statements(store: SqlStore) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is run, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        seen.append((statement, values))

    for engine in engines(store.database):
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines(store.database):
        event.remove(engine, "before_cursor_execute", note)


def scanned(store: SqlStore, statement: str, values: Any) -> set[str]:
    """The tables this statement reads from end to end."""
    with store.database.engine.connect() as connection:
        if store.database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            # A scan along a key that stops at its LIMIT is none; "SCAN x USING INDEX" without a bound would be one.
            return set(re.findall(r"SCAN (\w+)", " ".join(str(row[3]) for row in plan)))
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
        return set(re.findall(r'"Node Type": "Seq Scan".*?"Relation Name": "(\w+)"', json.dumps(plan)))


def fill(store: SqlStore, shop: Shop) -> None:
    """Some old and some young of everything, with ten thousand young ones around it."""
    days = [40.0] * 20 + [8.0] * 20 + [1.0] * 200
    old_rows.webhooks(store, shop, *days)
    old_rows.events(store, shop, *days)
    of_shop = {"shop_id": shop.id}
    for number, day in enumerate([500.0] * 5 + [1.0] * 300):
        name, at = str(number), old_rows.ago(day)
        old_rows.rows(store, "links", [of_shop | {"token": name, "address": b"", "address_hash": name, "used_at": at}])
        old_rows.rows(store, "purchases", [of_shop | {"hash": name, "bought_at": at}])
        old_rows.rows(store, "products", [of_shop | {"key": name, "facts": "{}", "fetched_at": at}])
        old_rows.rows(store, "audit", [of_shop | {"at": at, "who": "test", "what": ""}])
        old_rows.rows(store, "tokens", [{"account": name, "expires_at": at}])
    for number in range(COPIES):
        multiply(store, number)
    with store.database.write() as connection:
        connection.execute(text("ANALYZE"))


def multiply(store: SqlStore, number: int) -> None:
    """As many young rows again."""
    copies = {
        "webhooks": "INSERT INTO webhooks (shop_id, key, topic, received_at, state, body)"
        " SELECT shop_id, :key || id, topic, :young, state, body FROM webhooks",
        "events": "INSERT INTO events (shop_id, key, kind, state, happened_at, created_at, body)"
        " SELECT shop_id, :key || id, kind, state, happened_at, :young, body FROM events",
        "deliveries": "INSERT INTO deliveries (shop_id, event_id, part, kind, state, happened_at, created_at)"
        " SELECT shop_id, id, 0, 'order_paid', 'delivered', happened_at, created_at FROM events"
        " WHERE id > (SELECT max(event_id) FROM deliveries)",
        "attempts": "INSERT INTO attempts (shop_id, delivery_id, number, started_at)"
        " SELECT shop_id, id, 1, :young FROM deliveries WHERE id > (SELECT max(delivery_id) FROM attempts)",
    }
    young = "2026-11-23 11:59:59.000000" if store.database.is_sqlite else "2026-11-23 11:59:59+00"
    with store.database.write() as connection:
        for statement in copies.values():
            connection.exec_driver_sql(statement.replace(":young", f"'{young}'").replace(":key", f"'copy {number} '"))


def test_no_statement_reads_a_whole_table(store: SqlStore, a_shop: Shop) -> None:
    fill(store, a_shop)
    pruner = Pruner(store.retention, days=5, uninstalled_days=30)

    with statements(store) as seen:
        while pruner.step(NOON):
            pass

    verbs = {(statement.split()[0], table) for statement, _ in seen for table in BIG if table in statement}
    assert {("DELETE", table) for table in BIG} - verbs == {("DELETE", "deliveries"), ("DELETE", "attempts")}
    big = set(BIG) - {"products", "audit", "tokens", "links", "purchases"}  # the rest is too small here to tell
    found = {statement: scanned(store, statement, values) & big for statement, values in seen if "EXPLAIN" not in statement}
    assert {statement: tables for statement, tables in found.items() if tables} == {}


# SQLite has one writer: there is no such moment.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_is_sent_again_at_this_moment_stays(store: SqlStore, a_shop: Shop) -> None:
    """The merchant's replay is under way, not committed, when the event's turn comes."""
    [event_id] = old_rows.events(store, a_shop, 40)
    in_hand = store.database.engine.connect()
    in_hand.execute(select(tables.deliveries.c.id).with_for_update())

    assert store.retention.delete_events([event_id]) == 0

    in_hand.rollback()
    in_hand.close()
    assert store.retention.delete_events([event_id]) == 3


# SQLite has one writer, and its turns are short.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_clearing_away_waits_for_nobody(store: SqlStore, a_shop: Shop) -> None:
    webhook_ids, event_ids = old_rows.webhooks(store, a_shop, 40, 40), old_rows.events(store, a_shop, 40, 40)
    in_hand = store.database.engine.connect()
    in_hand.execute(select(tables.webhooks.c.id).where(tables.webhooks.c.id == webhook_ids[0]).with_for_update())
    in_hand.execute(select(tables.events.c.id).where(tables.events.c.id == event_ids[0]).with_for_update())

    assert store.retention.delete_webhooks(webhook_ids) == 1
    assert store.retention.delete_events(event_ids) == 3

    in_hand.rollback()
    in_hand.close()


def test_what_began_to_wait_since_it_was_looked_at_stays(store: SqlStore, a_shop: Shop) -> None:
    [event_id] = old_rows.events(store, a_shop, 40)
    [looked_at] = store.retention.events(after_id=0, limit=9)
    assert not looked_at.waits
    store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=NOON)

    assert store.retention.delete_events([event_id]) == 0
    assert store.retention.empty_events([event_id], now=NOON) == 0

    assert old_rows.ids(store, "events") == [event_id]


@pytest.mark.parametrize(("days_later", "noted"), [(0.5, 0), (1, 1), (199, 199)])
def test_using_a_link_is_noted_once_a_day(store: SqlStore, a_shop: Shop, days_later: float, noted: int) -> None:
    first, later = old_rows.ago(200), old_rows.ago(200 - days_later)
    token = SqlLinks(store.database, store.crypto, lambda: first).shorten(a_shop.id, "https://demo.example/long")

    assert SqlLinks(store.database, store.crypto, lambda: later).shorten(a_shop.id, "https://demo.example/long") == token

    assert old_rows.values(store, "links", "used_at") == [(first + noted * DAY,)]


def test_the_same_link_at_once_is_one(store: SqlStore, a_shop: Shop) -> None:
    found: list[str] = []
    address = "https://demo.example/long"
    threads = [threading.Thread(target=lambda: found.append(store.links.shorten(a_shop.id, address))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == 1
