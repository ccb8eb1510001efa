"""`column is one of these`, in a statement whose text stays the same however many they are."""

import json
from collections.abc import Iterable
from typing import Any, Self

from sqlalchemy import ARRAY, Boolean, Column, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeDecorator, TypeEngine


class AnyOf(ColumnElement[bool]):
    """An IN whose values are one parameter: what is the same each time is prepared once, by us and by PostgreSQL."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012 SQLAlchemy's
        ("column", InternalTraversal.dp_clauseelement),
        ("values", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: Column[Any], name: str, values: Iterable[Any] | None = None) -> None:
        """The values come with the statement, or are given under this name when it is executed."""
        many = _Many(column.type)
        given = bindparam(name, type_=many) if values is None else bindparam(name, list(values), type_=many)
        self.column, self.values = column, given

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002 SQLAlchemy's
        """As it is: compared with 1, as SQLAlchemy would have it on SQLite, no index serves it."""
        return self


class _Many(TypeDecorator[list[Any]]):
    """Numbers or texts: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self._item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self._item))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        found = list(value or ())
        return json.dumps(found) if dialect.name == "sqlite" else found


@compiles(AnyOf, "sqlite")
def _on_sqlite(element: AnyOf, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  https://www.sqlite.org/json1.html#jeach


@compiles(AnyOf)
def _on_postgresql(element: AnyOf, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.values, **kw)})"
