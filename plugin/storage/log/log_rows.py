"""The log of deliveries as a merchant reads it: no address, no body, no event URL."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, bindparam, select

from plugin.domain.delivery import State, Verdict
from plugin.domain.kinds import EventKind
from plugin.ports import DeliveryFilter, LoggedAttempt, LoggedDelivery
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf

_deliveries, _attempts = tables.deliveries, tables.attempts

_PLAIN = (
    "id", "shop_id", "event_id", "part", "locale", "automation_id", "flow_match", "rule", "reason_code", "reason", "fix",
    "partial",
)  # fmt: skip
_TIMES = ("happened_at", "created_at", "due_at", "finished_at")


def logged_deliveries(connection: Connection, filter: DeliveryFilter) -> list[LoggedDelivery]:
    """The deliveries that match the filter but for its search text, newest first."""
    query = _SELECT_DELIVERIES.where(matches(filter)).limit(filter.limit)
    return [LoggedDelivery(**fields) for fields in _fields(connection, filter.shop_id, query)]


def delivery_fields(connection: Connection, shop_id: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These deliveries of a shop, newest first, each as the fields of a `LoggedDelivery`."""
    return _fields(connection, shop_id, _SELECT_DELIVERIES_BY_ID, {"its_shop": shop_id, "ids": ids})


def _fields(
    connection: Connection, shop_id: int, query: Select[Any], values: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    rows = connection.execute(query, values).mappings().all()
    attempts = _attempts_of(connection, shop_id, [row["id"] for row in rows])
    return [
        {name: row[name] for name in _PLAIN + _TIMES}
        | {"kind": EventKind(row["kind"]), "state": State(row["state"]), "attempts": attempts[row["id"]]}
        for row in rows
    ]


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


def _attempts_of(connection: Connection, shop_id: int, delivery_ids: Sequence[int]) -> dict[int, list[LoggedAttempt]]:
    """By delivery, its attempts from the first to the last."""
    found: dict[int, list[LoggedAttempt]] = defaultdict(list)
    for row in connection.execute(_SELECT_ATTEMPTS, {"its_shop": shop_id, "ids": delivery_ids}).mappings():
        found[row["delivery_id"]].append(_attempt(row))
    return found


def _attempt(row: RowMapping) -> LoggedAttempt:
    return LoggedAttempt(
        number=row["number"], started_at=row["started_at"], finished_at=row["finished_at"],
        verdict=Verdict(row["verdict"]) if row["verdict"] else None, status=row["status"],
        reason_code=row["reason_code"], reason=row["reason"],
        fix=row["fix"], answer=row["answer"],
    )  # fmt: skip


# Without the letter, which is most of the row.
_SELECT_DELIVERIES = select(*(_deliveries.c[name] for name in (*_PLAIN, *_TIMES, "kind", "state"))).order_by(
    _deliveries.c.id.desc()
)
_SELECT_DELIVERIES_BY_ID = _SELECT_DELIVERIES.where(
    _deliveries.c.shop_id == bindparam("its_shop"), AnyOf(_deliveries.c.id, "ids")
)
_SELECT_ATTEMPTS = (
    select(_attempts)
    .where(_attempts.c.shop_id == bindparam("its_shop"), AnyOf(_attempts.c.delivery_id, "ids"))
    .order_by(_attempts.c.number)
)
