"""One statement for many rows, each with values of its own.

On PostgreSQL the rows travel as JSON: the statement's text stays the same however many they are, and it is one round trip.
Not `executemany` there: psycopg sends it as a pipeline, after which PostgreSQL 15 does not start the clock of
idle_in_transaction_session_timeout, so that a machine frozen at that moment keeps its rows locked for ever. One statement
is quicker, too. On SQLite, which has no round trips, a change runs once a row.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Row,
    RowMapping,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

from plugin.storage.db.columns import in_utc
from plugin.storage.db.engine import Database, type_of_insert

Types = dict[str, TypeEngine[Any]]
Cells = Mapping[str, ColumnElement[Any]]
"""What stands in a row under each name."""
Rows = Sequence[Mapping[str, Any]]
_Change = Update | Insert | ReturningInsert[Any]
GIVEN: Final = "rows"  #: the name of the parameter that holds the rows
Build = Callable[[FromClause, Cells], Select[Any]]
"""Writes a SELECT around given rows and their cells."""


class BulkUpdate:
    """An UPDATE that gives each of many rows values of its own."""

    def __init__(self, types: Types, build: Callable[[Cells], Update]) -> None:
        self._types, self._build = types, build
        self._for_one = build(_parameters(types))
        self._for_all = self.on_postgresql()

    def on_postgresql(self, given: str = GIVEN) -> Update:
        """The statement whose rows are given under this name."""
        return self._build(_on_postgresql(self._types, given)[1])

    def run(self, connection: Connection, rows: Rows) -> None:
        """Change them; every row says something under every name."""
        _run(connection, self._for_one, self._for_all, rows)


class BulkInsert:
    """An INSERT of many rows, which may say what becomes of those that are there, and return something of each."""

    def __init__(
        self, table: Table, types: Types, finish: Callable[[type_of_insert], _Change], *, order: Sequence[str]
    ) -> None:
        """The rows are inserted in this order: two transactions that insert the same never wait for each other."""
        self._table, self._types, self._finish, self._order = table, types, finish, order
        self._for_one = finish(sqlite.insert(table).values(_parameters(types)))
        self._for_all = self.on_postgresql()

    def on_postgresql(self, given: str = GIVEN) -> _Change:
        """The statement whose rows are given under this name."""
        cells = _on_postgresql(self._types, given)[1]
        ordered = select(*cells.values()).order_by(*(cells[name] for name in self._order))
        return self._finish(postgresql.insert(self._table).from_select(list(self._types), ordered))

    def run(self, connection: Connection, rows: Rows) -> Sequence[Row[*tuple[Any, ...]]]:
        """Insert them, and what is returned; every row says something under every name."""
        return _run(connection, self._for_one, self._for_all, rows)

    def run_again(self, database: Database, rows: Rows) -> Sequence[Row[*tuple[Any, ...]]]:
        """The same in a transaction of its own, which may run twice."""
        if database.is_sqlite:
            return database.write_again(self._for_one, rows)
        return database.write_again(self._for_all, {GIVEN: as_json(rows)})


class BulkSelect:
    """A SELECT joined with rows that are given."""

    def __init__(self, types: Types, build: Build, *, on_sqlite: Build | None = None) -> None:
        """`on_sqlite`: how it is written there, where that has no words for the same."""
        self._types, self._build = types, build
        self._on_sqlite = (on_sqlite or build)(*_on_sqlite(types))
        self._on_postgresql = self.on_postgresql()

    def on_postgresql(self, given: str = GIVEN) -> Select[Any]:
        """The statement whose rows are given under this name."""
        return self._build(*_on_postgresql(self._types, given))

    def run(self, connection: Connection, rows: Rows, shared: Mapping[str, Any] | None = None) -> Sequence[RowMapping]:
        """What is found for these, and for the values they share."""
        if not rows:
            return ()
        statement = self._on_sqlite if connection.dialect.name == "sqlite" else self._on_postgresql
        return connection.execute(statement, {GIVEN: as_json(rows), **(shared or {})}).mappings().all()

    def look(self, database: Database, rows: Rows) -> Sequence[RowMapping]:
        """The same outside of any transaction."""
        if not rows:
            return ()
        statement = self._on_sqlite if database.is_sqlite else self._on_postgresql
        return [row._mapping for row in database.read_once(statement, {GIVEN: as_json(rows)})]


def types_of(table: Table, *names: str) -> Types:
    """Of these columns of a table, of all without any named."""
    return {name: table.c[name].type for name in names or table.c.keys()}


def _run(connection: Connection, for_one: _Change, for_all: _Change, rows: Rows) -> Sequence[Row[*tuple[Any, ...]]]:
    if not rows:
        return ()
    is_sqlite = connection.dialect.name == "sqlite"
    found = connection.execute(for_one, rows) if is_sqlite else connection.execute(for_all, {GIVEN: as_json(rows)})
    return found.all() if found.returns_rows else ()


def _parameters(types: Types) -> Cells:
    return {name: bindparam(name, type_=type_) for name, type_ in types.items()}


def _on_postgresql(types: Types, given: str) -> tuple[FromClause, Cells]:
    columns = [column(name, type_) for name, type_ in types.items()]
    said = func.jsonb_to_recordset(cast(bindparam(given, type_=Text()), JSONB)).table_valued(*columns, name="said")
    derived = said.render_derived(with_types=True)
    return derived, {name: derived.c[name] for name in types}


def _on_sqlite(types: Types) -> tuple[FromClause, Cells]:
    said = func.json_each(bindparam(GIVEN, type_=Text())).table_valued("value", name="said")
    return said, {name: type_coerce(func.json_extract(said.c.value, f"$.{name}"), type_) for name, type_ in types.items()}


def as_json(rows: Rows) -> str:
    """The rows as one parameter.

    A sealed text is ASCII without a backslash, so PostgreSQL reads it as the bytes it is."""
    plain = [
        {name: _PLAIN[type(value)](value) if type(value) in _PLAIN else value for name, value in row.items()} for row in rows
    ]
    return msgspec.json.encode(plain).decode()


_PLAIN: dict[type, Callable[[Any], Any]] = {bytes: bytes.decode, datetime: in_utc}  #: what JSON has no word for
