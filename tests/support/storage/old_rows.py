"""Rows of a certain age, many at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.support.builders import NOON

DAY = timedelta(days=1)


def rows(store: SqlStore, table: str, values: Sequence[dict[str, Any]]) -> list[int]:
    """Insert them as they are; their ids, for tables that have some."""
    target = tables.metadata.tables[table]
    statement = insert(target)
    with store.database.write() as connection:
        if "id" not in target.columns:
            connection.execute(statement, list(values))
            return []
        return list(connection.execute(statement.returning(target.c.id, sort_by_parameter_order=True), list(values)).scalars())


def webhooks(store: SqlStore, shop: Shop, *days: float, **changed: Any) -> list[int]:
    """Closed webhooks received so many days before noon."""
    body = store.crypto.seal(b'{"email": "jan@example.com"}')
    shared = {"shop_id": shop.id, "topic": "orders/paid", "state": "translated", "body": body} | changed
    return rows(
        store,
        "webhooks",
        [shared | {"key": f"{changed} {number} {day}", "received_at": ago(day)} for number, day in enumerate(days)],
    )


def events(store: SqlStore, shop: Shop, *days: float, state: str = "delivered", attempts: int = 1, **changed: Any) -> list[int]:
    """Events planned so many days before noon, each with a delivery in this state and its attempts."""
    sealed = store.crypto.seal(b'{"email": "jan@example.com"}')
    event = {"shop_id": shop.id, "kind": "order_paid", "state": "planned", "happened_at": NOON, "body": sealed}
    event |= {"email_hash": "hash", "phone_hash": "hash"} | changed
    keys = [f"{state} {changed} {number} {day}" for number, day in enumerate(days)]
    made = [event | {"key": key, "created_at": ago(day)} for key, day in zip(keys, days, strict=True)]
    event_ids = rows(store, "events", made)
    due_at = NOON if state in ("waiting", "sending") else None
    delivery = {"shop_id": shop.id, "part": 0, "kind": "order_paid", "state": state, "happened_at": NOON, "letter": sealed}
    delivery |= {"due_at": due_at, "destination": "account:1"}
    delivery_ids = rows(
        store,
        "deliveries",
        [delivery | {"event_id": id, "created_at": ago(day)} for id, day in zip(event_ids, days, strict=True)],
    )
    attempt = {"shop_id": shop.id, "started_at": NOON, "answer": '{"result": true}'}
    numbered = [attempt | {"delivery_id": id, "number": number + 1} for id in delivery_ids for number in range(attempts)]
    if numbered:
        rows(store, "attempts", numbered)
    return event_ids


def ago(days: float) -> datetime:
    return NOON - days * DAY


def ids(store: SqlStore, table: str) -> list[int]:
    column = tables.metadata.tables[table].c.id
    with store.database.read() as connection:
        return list(connection.execute(select(column).order_by(column)).scalars())


def values(store: SqlStore, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """These columns of every row, in the order of the first."""
    found = tables.metadata.tables[table].c
    query = select(*[found[name] for name in columns]).order_by(found[columns[0]])
    with store.database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]
