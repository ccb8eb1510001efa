"""Several bulk statements in one round trip to PostgreSQL; on SQLite, which has none, one after another."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select
from sqlalchemy.dialects.postgresql import JSON

from plugin.storage.db.bulk import BulkInsert, BulkSelect, BulkUpdate, Rows, as_json
from plugin.storage.db.columns import Moment

Found = Sequence[Mapping[str, Any]]
Look = tuple[BulkSelect, Rows]


class Changes:
    """Gathers changes that need nothing of each other.

    No two may be of one row: PostgreSQL would make one of them only.
    https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-MODIFYING
    """

    def __init__(self) -> None:
        self._parts: list[tuple[BulkUpdate | BulkInsert, Rows]] = []

    def add(self, change: BulkUpdate | BulkInsert, rows: Rows) -> None:
        if rows:
            self._parts.append((change, rows))

    def run(self, connection: Connection) -> None:
        """Make all of them."""
        if connection.dialect.name == "sqlite" or len(self._parts) < 2:
            for change, rows in self._parts:
                change.run(connection, rows)
            return
        statement = _all_of(tuple(change for change, _ in self._parts))
        connection.execute(statement, {_named(number): as_json(rows) for number, (_, rows) in enumerate(self._parts)})


def look(connection: Connection, *looks: Look) -> list[Found]:
    """What is found for each of these; it must be nothing but numbers, texts and moments."""
    asked = [(chosen, rows) for chosen, rows in looks if rows]
    if connection.dialect.name == "sqlite" or len(asked) < 2:
        return [[dict(row) for row in chosen.run(connection, rows)] for chosen, rows in looks]
    statement, readers = _each_of(tuple(chosen for chosen, _ in asked))
    its = {_named(number): as_json(rows) for number, (_, rows) in enumerate(asked)}
    answers = iter(connection.execute(statement, its).one())
    reading = iter(readers)
    return [next(reading)(next(answers)) if rows else [] for _, rows in looks]


@cache
def _all_of(changes: tuple[BulkUpdate | BulkInsert, ...]) -> Select[Any]:
    parts = [change.on_postgresql(_named(number)).cte(f"change{number}") for number, change in enumerate(changes)]
    return select(literal(1)).add_cte(*parts)


@cache
def _each_of(looks: tuple[BulkSelect, ...]) -> tuple[Select[Any], Sequence[Callable[[Any], Found]]]:
    """Each SELECT as a list in one row of them all, and what reads it."""
    answers, readers = [], []
    for number, one in enumerate(looks):
        found = one.on_postgresql(_named(number)).subquery(f"found{number}")
        rows = func.json_agg(func.row_to_json(found.table_valued()), type_=JSON())
        answers.append(select(rows).select_from(found).scalar_subquery().label(f"answer{number}"))
        readers.append(_reader([column.name for column in found.c if isinstance(column.type, Moment)]))
    return select(*answers), readers


def _reader(moments: Sequence[str]) -> Callable[[Any], Found]:
    def read(rows: list[dict[str, Any]] | None) -> Found:
        for row in rows or ():
            for name in moments:
                if (told := row[name]) is not None:
                    row[name] = datetime.fromisoformat(told).astimezone(UTC)
        return rows or []

    return read


def _named(number: int) -> str:
    return f"rows{number}"
