"""Which tables something was erased from, until their files are wiped (storage/privacy/wiping.py)."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from plugin.storage.db.log_tables import walks
from plugin.storage.db.tables import metadata

MARK: Final = "erased from "  #: begins the names of what is counted here in `walks`, which end with a table's


def note_erased(connection: Connection, tables: Collection[Table]) -> None:
    """Count, in the transaction that erases something from these tables, that their files are to be wiped."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    # In the same order everywhere, so that nobody waits for somebody who waits for him.
    rows = [{"name": name, "position": 1} for name in sorted(MARK + table.name for table in tables)]
    statement = insert(walks).values(rows)
    once_more = {"position": walks.c.position + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=once_more))


def tables_of_a_shop() -> Sequence[Table]:
    """Every table with something of a shop in it, and the shops themselves."""
    return [table for table in metadata.sorted_tables if table.name == "shops" or "shop_id" in table.c]
