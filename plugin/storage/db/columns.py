"""The types of our columns: the same values go in and come out on both databases."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, ColumnElement, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

# SQLite gives numbers by itself only to a column declared INTEGER.  https://www.sqlite.org/autoinc.html
Id = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """A point in time, kept in UTC so that it sorts and compares right; with its offset on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = in_utc(value)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 SQLAlchemy's
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def besides(column: ColumnElement[int], number: int) -> ColumnElement[bool]:
    """`column == number`, of rows that another condition leads to: no index serves it.

    SQLite would take one of a shop's rows for shorter than a list of ids, and walk along all that the shop has.
    """
    return column + 0 == number


def in_utc(value: datetime) -> datetime:
    """The same moment; raises `ValueError` for one that does not say where."""
    if value.tzinfo is None:
        raise ValueError("a time without an offset cannot be stored")
    try:
        return value.astimezone(UTC)
    except OverflowError:  # within a day of the first or last year there is: a store's nonsense, not worth a crash
        return value.replace(tzinfo=UTC)
