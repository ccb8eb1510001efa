"""Whose turn a destination is: leased one worker at a time, given back with its pace and health."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from plugin.domain.delivery import State
from plugin.domain.destination import Destination, Health
from plugin.domain.share import Share
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.columns import Moment
from plugin.storage.db.engine import Database

_destinations, _deliveries = tables.destinations, tables.deliveries

STATE = ("next_at", "recent", "paused_until", "probes", "failing_since", "delivered_at", "reason", "fix")


def lease(connection: Connection, *, limit: int, now: datetime, until: datetime, share: Share) -> Sequence[RowMapping]:
    """Lease destinations that may be sent to now, those that wait longest first, of each shop within its share.

    Answers the rows as they stood before.
    """
    its = {"now": now, "limit": limit, "passing": share.passing}
    rows = share.cut(connection.execute(_SELECT_READY_FOR_UPDATE, its).mappings().all(), lambda row: row["shop_id"])
    if rows:
        connection.execute(_MARK_LEASED, {"keys": [row["key"] for row in rows], "until": until})
    return rows


def is_any_ready(connection: Connection, *, now: datetime, passing: Collection[int]) -> bool:
    """Whether a destination should be looked at; these shops are passed by."""
    return connection.execute(_SELECT_ANY_READY, {"now": now, "passing": passing}).first() is not None


def ready_in(database: Database, *, now: datetime, passing: Collection[int]) -> timedelta | None:
    """The time until a free destination should be looked at; None when nothing waits for one. These shops are passed by."""
    [(ready_at,)] = database.read_once(_SELECT_NEXT_READY_AT, {"passing": passing})
    return max(ready_at - now, timedelta(0)) if ready_at else None


def release_idle(connection: Connection, keys: Collection[str], *, now: datetime) -> None:
    """Give back leased destinations nothing could leave for; they are looked at when something else is due."""
    _release_unused(connection, keys, ready_at=_next_due(_deliveries.c.due_at > now))


def release_ready(connection: Connection, keys: Collection[str], *, now: datetime) -> None:
    """Give back leased destinations whose next delivery was taken away meanwhile; they are looked at at once."""
    _release_unused(connection, keys, ready_at=literal(now, Moment()))


def _release_unused(connection: Connection, keys: Collection[str], *, ready_at: ColumnElement[Any]) -> None:
    if keys:
        values = {"lease_until": None, "ready_at": ready_at}
        connection.execute(update(_destinations).where(_destinations.c.key.in_(sorted(keys))).values(values))


def leased(connection: Connection, keys: Iterable[str]) -> dict[str, RowMapping]:
    """Those of these destinations that somebody has leased, locked, in one order for everybody."""
    rows = connection.execute(_SELECT_LEASED_FOR_UPDATE, {"keys": sorted(keys)}).mappings().all()
    return {row["key"]: row for row in rows}


def give_back(connection: Connection, destinations: Sequence[Destination]) -> None:
    """Store the pace and health of destinations and end their leases."""
    rows = [
        {f"new_{name}": getattr(one, name) for name in STATE}
        | {"its_key": one.key, "new_health": one.health.value, "earliest": one.earliest, "is_disabled": one.is_disabled}
        for one in destinations
    ]
    _RELEASE_DESTINATIONS.run(connection, rows)


def waits(deliveries: FromClause) -> ColumnElement[bool]:
    """Whether a delivery is open and not being sent.

    Asked for by the state's name, PostgreSQL would look through all that wait anywhere.
    """
    return deliveries.c.due_at.is_not(None) & (deliveries.c.state != State.SENDING.value)


def destination_of(row: RowMapping) -> Destination:
    return Destination(
        key=row["key"], rate_per_second=row["rate"], health=Health(row["health"]), **{name: row[name] for name in STATE}
    )  # fmt: skip


def _next_due(*where: ColumnElement[bool], earliest: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """When the next delivery of a destination is due; not before `earliest`."""
    due_at, is_its = _deliveries.c.due_at, _deliveries.c.destination == _destinations.c.key
    wanted = due_at if earliest is None else case((due_at < earliest, earliest), else_=due_at)
    return select(wanted).where(waits(_deliveries), is_its, *where).order_by(due_at).limit(1).scalar_subquery()


_IS_FREE = or_(_destinations.c.lease_until.is_(None), _destinations.c.lease_until <= bindparam("now", type_=Moment()))
# What several shops share is sent by a version of before only (`shared_destinations`).
_IS_NOT_PASSED = and_(_destinations.c.shop_id.is_not(None), ~AnyOf(_destinations.c.shop_id, "passing"))
_IS_READY = and_(_destinations.c.ready_at <= bindparam("now", type_=Moment()), _IS_NOT_PASSED)
_SELECT_ANY_READY = select(_destinations.c.key).where(_IS_READY).limit(1)
_SELECT_READY_FOR_UPDATE = (
    select(_destinations)
    .where(_IS_READY, _IS_FREE)
    .order_by(_destinations.c.ready_at, _destinations.c.key)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_MARK_LEASED = (
    update(_destinations)
    .where(AnyOf(_destinations.c.key, "keys"))
    .values(lease_until=bindparam("until"), fence=_destinations.c.fence + 1)
)
_SELECT_NEXT_READY_AT = select(func.min(_destinations.c.ready_at)).where(_destinations.c.lease_until.is_(None), _IS_NOT_PASSED)
_SELECT_LEASED_FOR_UPDATE = (
    select(_destinations)
    .where(AnyOf(_destinations.c.key, "keys"), _destinations.c.lease_until.is_not(None))
    .order_by(_destinations.c.key)
    .with_for_update()
)
_RELEASE_DESTINATIONS = BulkUpdate(
    {f"new_{name}": _destinations.c[name].type for name in (*STATE, "health")}
    | {"its_key": Text(), "earliest": Moment(), "is_disabled": Boolean()},
    lambda row: (
        update(_destinations)
        .where(_destinations.c.key == row["its_key"])
        .values({name: row[f"new_{name}"] for name in (*STATE, "health")})
        .values(lease_until=None, ready_at=case((row["is_disabled"], null()), else_=_next_due(earliest=row["earliest"])))
    ),
)
