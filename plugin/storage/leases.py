"""How work is claimed, kept and given back: the same for webhooks, events, deliveries and timers.

A claim takes rows for a time. Whoever finishes one names the fence it was claimed with, so a worker that was away
longer than its lease changes nothing. Scheduling by destination will claim destinations with these same columns.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, and_, bindparam, or_, select, update

from plugin.domain.errors import Misconfigured
from plugin.storage.columns import Moment
from plugin.storage.engine import Database

log = structlog.get_logger()

T = TypeVar("T")

NOT_HELD: dict[str, Any] = {"lease_until": None}
CLOSED: dict[str, Any] = {"due_at": None, "lease_until": None}  #: nothing more is to do


def nothing_is_due(database: Database, table: Table, now: datetime) -> bool:
    """Whether an idle worker can spare SQLite's one writer the question."""
    if not database.is_sqlite:
        return False
    with database.read() as connection:
        return connection.execute(_first_due(table), {"now": now}).first() is None


def take(connection: Connection, table: Table, *, limit: int, now: datetime, lease: timedelta) -> Sequence[RowMapping]:
    """Claim what is due or was let go by a dead worker, oldest first; the rows as they stood before.

    Two statements, because PostgreSQL may run a locking subquery of an UPDATE more than once.
    """
    rows = connection.execute(_all_due(table), {"now": now, "limit": limit}).mappings().all()
    if rows:
        taken = {"lease_until": now + lease, "fence": table.c.fence + 1, "tries": table.c.tries + 1}
        connection.execute(update(table).where(table.c.id.in_([row["id"] for row in rows])).values(taken))
    return rows


def fence_after(row: RowMapping) -> int:
    """The fence a row got by the claim that answered it."""
    fence: int = row["fence"] + 1
    return fence


def is_held(table: Table, *, id: int, shop_id: int, claimed: object) -> ColumnElement[bool]:
    """Whether whoever has `claimed` in hand still has the row."""
    fence = getattr(claimed, "fence", None)
    if fence is None:
        raise TypeError(f"{type(claimed).__name__} was not claimed from this store")
    return and_(table.c.id == id, table.c.shop_id == shop_id, table.c.fence == fence, table.c.lease_until.is_not(None))


def each_readable(rows: Iterable[RowMapping], what: str, read: Callable[[RowMapping], T]) -> list[T]:
    """What can be read; the rest stays leased and comes back, so that one shop's trouble stops no other."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except Misconfigured as error:
            log.error("cannot read what was stored", what=what, id=row["id"], shop=row["shop_id"], reason=str(error))
    return found


# Said once for each table, because putting such a statement together costs more than running it.
@cache
def _first_due(table: Table) -> Select[Any]:
    return select(table.c.id).where(_is_due(table)).limit(1)


@cache
def _all_due(table: Table) -> Select[Any]:
    due = select(table).where(_is_due(table)).order_by(table.c.due_at, table.c.id)
    return due.limit(bindparam("limit")).with_for_update(skip_locked=True)


def _is_due(table: Table) -> ColumnElement[bool]:
    now = bindparam("now", type_=Moment())
    return and_(table.c.due_at <= now, or_(table.c.lease_until.is_(None), table.c.lease_until <= now))
