"""The columns by which workers claim rows, and what closing or releasing a row writes into them.

`due_at` is empty once nothing more is to do; `lease_until` says how long a worker has the row, and `fence` grows with
every claim, so that a worker that was away too long can tell that it lost the row.
"""

from typing import Any

from sqlalchemy import Column, Index, Integer, text

from plugin.storage.db.columns import Moment

NOT_HELD: dict[str, Any] = {"lease_until": None}
CLOSED: dict[str, Any] = {"due_at": None, "lease_until": None}  #: nothing more is to do


def claim_columns() -> tuple[Column[object], ...]:
    return (
        Column("due_at", Moment),
        Column("lease_until", Moment),
        Column("fence", Integer, nullable=False, server_default="0"),
        Column("tries", Integer, nullable=False, server_default="0"),
    )


def due_index(table: str) -> Index:
    """Finds what is due without walking over what is done."""
    open_only = text("due_at IS NOT NULL")
    return Index(f"ix_{table}_due_at", "due_at", "id", postgresql_where=open_only, sqlite_where=open_only)


def turn_index(table: str) -> Index:
    """Finds, shop by shop, what is due."""
    return open_index(table, "shop_id", "due_at", "id")


def open_index(table: str, *columns: str) -> Index:
    """Finds what is open by these columns."""
    open_only = text("due_at IS NOT NULL")
    return Index(f"ix_{table}_{'_'.join(columns)}", *columns, postgresql_where=open_only, sqlite_where=open_only)
