"""The shop behind a claimed row, and rows whose shop has uninstalled the app."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

from plugin.domain.errors import Misconfigured
from plugin.storage.shops import shops
from plugin.storage.shops.shops import ShopContext

Row = TypeVar("Row", bound=Mapping[Any, Any])


def context_of(row: Mapping[Any, Any], contexts: dict[int, ShopContext | Misconfigured]) -> ShopContext:
    """The shop a claimed row belongs to; raises what was wrong with it."""
    context = contexts[row["shop_id"]]
    if isinstance(context, Misconfigured):
        raise context
    return context


def unreadable(rows: Sequence[Mapping[Any, Any]], contexts: Mapping[int, ShopContext | Misconfigured]) -> list[int]:
    """The rows of shops that this version cannot read: a newer one may have written their settings, and may read them."""
    return [row["id"] for row in rows if isinstance(contexts.get(row["shop_id"]), Misconfigured)]


def skip_uninstalled(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    contexts: dict[int, ShopContext | Misconfigured],
    *,
    now: datetime,
) -> Sequence[Row]:
    """Close the rows of shops that are gone; those that stay."""
    gone = [row["id"] for row in rows if isinstance(context := contexts.get(row["shop_id"]), ShopContext) and context.has_left]
    if gone:
        shops.skip_left(connection, table, table.c.id.in_(gone), now=now)
    return [row for row in rows if row["id"] not in gone]
