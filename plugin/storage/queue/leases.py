"""How work is claimed, kept and given back: the same for webhooks, events, deliveries and timers.

A claim takes rows for a time. Whoever finishes one names the fence it was claimed with, so a worker that was away
longer than its lease changes nothing. Destinations are leased by the same columns, in `destination_leases`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    RowMapping,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    or_,
    select,
    update,
)

from plugin.domain.errors import Misconfigured
from plugin.domain.shop import Shop
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import Moment
from plugin.storage.db.engine import Database

log = structlog.get_logger()

T = TypeVar("T")
Row = TypeVar("Row", bound=Mapping[Any, Any])

TRUSTED_TRIES = 2  #: what more workers left in the middle may be what ended them


def nothing_is_due(database: Database, table: Table, now: datetime) -> bool:
    """Whether an idle worker can spare SQLite's one writer the question."""
    if not database.is_sqlite:
        return False
    with database.read() as connection:
        return connection.execute(_select_first_due(table), {"now": now}).first() is None


def take(
    connection: Connection, table: Table, *, limit: int, now: datetime, lease: timedelta, due: Select[Any] | None = None
) -> Sequence[RowMapping]:
    """Claim what is due or was let go by a dead worker, oldest first; the rows as they stood before.

    `due` is `all_due` of the table with a condition of its own. What may have ended those workers is claimed alone, so that
    it takes nothing along. Two statements, because PostgreSQL may run a locking subquery of an UPDATE more than once.
    """
    found = (
        connection.execute(_select_due_for_update(table) if due is None else due, {"now": now, "limit": limit}).mappings().all()
    )
    rows = up_to_first_suspect(found)
    if rows:
        connection.execute(_mark_leased(table), {"ids": [row["id"] for row in rows], "until": now + lease})
    return rows


def not_tried(connection: Connection, table: Table, ids: Collection[int]) -> None:
    """Take the last claim of these rows for none: nobody works on them, so that they end no worker, however often they come."""
    if ids:
        connection.execute(update(table).where(AnyOf(table.c.id, "ids")).values(tries=table.c.tries - 1), {"ids": ids})


def is_poison_suspect(row: Mapping[Any, Any]) -> bool:
    """Whether a claimed row, as it stood before, was left in the middle again and again."""
    return row["lease_until"] is not None and row["tries"] > TRUSTED_TRIES


def up_to_first_suspect(rows: Sequence[Row]) -> Sequence[Row]:
    """Those before the first poison suspect, or that one alone."""
    first = next((number for number, row in enumerate(rows) if is_poison_suspect(row)), len(rows))
    return rows[: max(first, 1)]


def fence_after(row: Mapping[Any, Any]) -> int:
    """The fence a row got by the claim that answered it."""
    fence: int = row["fence"] + 1
    return fence


class Claimed(Protocol):
    """What a claim answers."""

    @property
    def id(self) -> int: ...

    @property
    def shop(self) -> Shop: ...


def change_held(connection: Connection, table: Table, claimed: Claimed, values: Mapping[str, Any]) -> bool:
    """Write these values into a claimed row; False when the claim is not valid any more."""
    return bool(connection.execute(_update_held(table), held_by(claimed) | dict(values)).rowcount)


def is_still_held(row: Mapping[Any, Any] | None, claimed: Claimed) -> bool:
    """Whether this locked row, as it stands, is its claimer's."""
    return row is not None and row["lease_until"] is not None and row["fence"] == held_by(claimed)["its_fence"]


def delete_held(connection: Connection, table: Table, claimed: Claimed) -> bool:
    """Delete a claimed row, if it is still held."""
    return bool(connection.execute(_delete_held_row(table), held_by(claimed)).rowcount)


def held_by(claimed: Claimed) -> dict[str, Any]:
    """What a claimed row is known by while it is held."""
    fence = getattr(claimed, "fence", None)
    if fence is None:
        raise TypeError(f"{type(claimed).__name__} was not claimed from this store")
    return {"its_id": claimed.id, "its_shop": claimed.shop.id, "its_fence": fence}


def each_readable(rows: Iterable[Row], what: str, read: Callable[[Row], T]) -> list[T]:
    """What can be read; the rest stays leased and comes back, so that one shop's trouble stops no other."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except (Misconfigured, LookupError, TypeError, ValueError) as error:  # a newer version may write what we do not know
            reason = str(error) if isinstance(error, Misconfigured) else type(error).__name__
            log.error("cannot read what was stored", what=what, id=row["id"], shop=row["shop_id"], reason=reason)
    return found


def first_readable(take: Callable[[], tuple[int, Sequence[T]]]) -> Sequence[T]:
    """Take until something can be read or nothing is due; `take` says how many it took, and what of it can be read."""
    while True:
        number, found = take()
        if found or not number:
            return found


@cache
def _select_first_due(table: Table) -> Select[Any]:
    return select(table.c.id).where(is_due(table)).limit(1)


@cache
def _mark_leased(table: Table) -> Update:
    taken = {"lease_until": bindparam("until"), "fence": table.c.fence + 1, "tries": table.c.tries + 1}
    return update(table).where(AnyOf(table.c.id, "ids")).values(taken)


@cache
def _update_held(table: Table) -> Update:
    return update(table).where(_is_held(table))


@cache
def _delete_held_row(table: Table) -> Delete:
    return delete(table).where(_is_held(table))


def _is_held(table: Table) -> ColumnElement[bool]:
    its = (table.c.id == bindparam("its_id"), table.c.shop_id == bindparam("its_shop"), table.c.fence == bindparam("its_fence"))
    return and_(*its, table.c.lease_until.is_not(None))


def all_due(table: Table, *chosen: ColumnElement[bool]) -> Select[Any]:
    """What may be claimed, oldest first, as far as `:limit`, at `:now`; locked, without what others have locked."""
    due = oldest_due(table, table.c, *chosen)
    return due.limit(bindparam("limit")).with_for_update(skip_locked=True)


def oldest_due(table: Table, columns: Iterable[ColumnElement[Any]], *chosen: ColumnElement[bool]) -> Select[Any]:
    """What may be claimed at `:now`, oldest first."""
    return select(*columns).where(is_due(table), *chosen).order_by(table.c.due_at, table.c.id)


@cache
def _select_due_for_update(table: Table) -> Select[Any]:
    return all_due(table)


def is_due(table: Table) -> ColumnElement[bool]:
    """Whether a row may be claimed at `:now`."""
    now = bindparam("now", type_=Moment())
    return and_(table.c.due_at <= now, or_(table.c.lease_until.is_(None), table.c.lease_until <= now))
