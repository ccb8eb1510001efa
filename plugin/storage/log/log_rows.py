"""The log of deliveries as a merchant reads it: no address, no body, no event URL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, select

from plugin.ports import DeliveryFilter
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf

_deliveries, _attempts, _shops = tables.deliveries, tables.attempts, tables.shops

PLAIN = (
    "id",
    "event_id",
    "part",
    "kind",
    "state",
    "locale",
    "automation_id",
    "flow_match",
    "rule",
    "reason_code",
    "reason",
    "fix",
)
TIMES = ("happened_at", "created_at", "due_at", "finished_at")


def listed(connection: Connection, filter: DeliveryFilter) -> Sequence[Mapping[str, Any]]:
    """The deliveries that match what is said without a search, newest first, each with its attempts, as plain values."""
    return _told(connection, filter.shop_id, _shown().where(matches(filter)).limit(filter.limit))


def told(connection: Connection, shop_id: int, ids: Sequence[int]) -> Sequence[Mapping[str, Any]]:
    """These deliveries of a shop in the same way."""
    chosen = (_deliveries.c.shop_id == shop_id) & AnyOf(_deliveries.c.id, "ids")
    return _told(connection, shop_id, _shown().where(chosen), ids=ids)


def _shown() -> Select[Any]:
    shown = [_deliveries.c[name] for name in (*PLAIN, *TIMES)]  # without the letter, which is most of the row
    query = select(*shown, _shops.c.platform, _shops.c.address).join(_shops, _shops.c.id == _deliveries.c.shop_id)
    return query.order_by(_deliveries.c.id.desc())


def _told(connection: Connection, shop_id: int, query: Select[Any], **values: Any) -> Sequence[Mapping[str, Any]]:
    rows = connection.execute(query, values).mappings().all()
    attempts = _attempts_of(connection, shop_id, [row["id"] for row in rows])
    return [_line(row, attempts[row["id"]]) for row in rows]


def matches(filter: DeliveryFilter, *, is_named: bool = False) -> ColumnElement[bool]:
    """Whether a delivery is one that was asked for. `is_named`: the statement names the rows that may be, too."""
    # With an index on the shop SQLite would walk through all of its rows instead of to those that are named.
    # https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
    shop_id = _deliveries.c.shop_id + 0 if is_named else _deliveries.c.shop_id
    wanted = [shop_id == filter.shop_id]
    if filter.state:
        wanted.append(_deliveries.c.state == filter.state.value)
    if filter.kind:
        wanted.append(_deliveries.c.kind == filter.kind.value)
    if filter.reason_code:
        wanted.append(_deliveries.c.reason_code == filter.reason_code.value)
    if filter.locale is not None:
        wanted.append(_deliveries.c.locale == filter.locale)
    if filter.automation_id is not None:
        wanted.append(_deliveries.c.automation_id == filter.automation_id)
    if filter.since:
        wanted.append(_deliveries.c.created_at >= filter.since)
    if filter.until:
        wanted.append(_deliveries.c.created_at < filter.until)
    if filter.ids:
        wanted.append(_deliveries.c.id.in_(filter.ids))
    if filter.before_id is not None:
        wanted.append(_deliveries.c.id < filter.before_id)
    return and_(*wanted)


def _attempts_of(connection: Connection, shop_id: int, delivery_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    query = select(_attempts).where(_attempts.c.shop_id == shop_id, AnyOf(_attempts.c.delivery_id, "ids"))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(query.order_by(_attempts.c.number), {"ids": delivery_ids}).mappings():
        found[row["delivery_id"]].append(_attempt(row))
    return found


def _line(row: RowMapping, attempts: list[dict[str, Any]]) -> dict[str, Any]:
    plain = {name: row[name] for name in PLAIN}
    times = {name: _iso(row[name]) for name in TIMES}
    return {"shop": f"{row['platform']}:{row['address']}"} | plain | times | {"attempts": attempts}


def _attempt(row: RowMapping) -> dict[str, Any]:
    """One attempt; its verdict is "" while it runs."""
    took = row["finished_at"] - row["started_at"] if row["finished_at"] else None
    return {
        "number": row["number"], "started_at": _iso(row["started_at"]),
        "took_ms": None if took is None else int(took.total_seconds() * 1000),
        "verdict": row["verdict"], "status": row["status"], "reason_code": row["reason_code"],
        "reason": row["reason"], "fix": row["fix"], "answer": row["answer"],
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
