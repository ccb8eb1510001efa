"""One UPDATE that gives each of many rows values of its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Text, Update, bindparam, cast, column, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

Cells = Mapping[str, ColumnElement[Any]]
"""What stands in a row under each name."""


class BulkUpdate:
    """On SQLite the statement runs once a row; on PostgreSQL once, over the rows as JSON.

    Not `executemany` there: psycopg sends it as a pipeline, after which PostgreSQL 15 does not start the clock of
    idle_in_transaction_session_timeout, so that a machine frozen at that moment keeps its rows locked for ever. One
    statement is quicker, too.
    """

    def __init__(self, types: Mapping[str, TypeEngine[Any]], build: Callable[[Cells], Update]) -> None:
        self._for_one = build({name: bindparam(name, type_=type_) for name, type_ in types.items()})
        columns = [column(name, type_) for name, type_ in types.items()]
        said = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text()), JSONB)).table_valued(*columns, name="said")
        cells = said.render_derived(with_types=True)
        self._for_all = build({name: cells.c[name] for name in types})

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Change them; every row says something under every name."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            connection.execute(self._for_one, rows)
        else:
            connection.execute(self._for_all, {"rows": msgspec.json.encode(rows).decode()})
