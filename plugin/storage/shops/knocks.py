"""Addresses of webhooks that no shop has: a bounded number, noted at a bounded rate, for anybody may make them up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, Table, Text, delete, select, tuple_

from plugin.domain.knock import LATELY, Knock
from plugin.storage.db.columns import Moment
from plugin.storage.db.engine import Database
from plugin.storage.db.tables import metadata

MOST: Final = 20  #: addresses kept; the newest stay
PAUSE: Final = timedelta(seconds=1)  #: between two writes of this process, whoever knocks
AGAIN: Final = timedelta(minutes=10)  #: until the same address is noted again

knocks = Table(
    "knocks",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("advice", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
)
_columns = knocks.c


class SqlKnocks:
    """`ports.Knocks` on our table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written_at: datetime | None = None
        self._noted: dict[tuple[str, str], datetime] = {}  #: the last by this process, MOST at most

    def note(self, platform: str, address: str, *, advice: str, now: datetime) -> None:
        noted_at = self._noted.get((platform, address))
        if _is_within(PAUSE, self._written_at, now) or _is_within(AGAIN, noted_at, now):
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._written_at = self._noted[platform, address] = now
        row = {"platform": platform, "address": address, "advice": advice, "since": now, "last_at": now}
        statement = self._database.insert(knocks).values(row)
        newest = {"last_at": now, "advice": advice}
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["platform", "address"], set_=newest))
            _forget_oldest(connection, now)

    def list(self, *, now: datetime) -> Sequence[Knock]:
        query = select(knocks).where(_columns.last_at > now - LATELY).order_by(_columns.last_at.desc(), _columns.address)
        return [Knock(**row._mapping) for row in self._database.read_once(query.limit(MOST))]


def _is_within(span: timedelta, before: datetime | None, now: datetime) -> bool:
    return before is not None and timedelta(0) <= now - before < span


def _forget_oldest(connection: Connection, now: datetime) -> None:
    connection.execute(delete(knocks).where(_columns.last_at <= now - LATELY))
    key = (_columns.platform, _columns.address)
    beyond = connection.execute(select(*key).order_by(_columns.last_at.desc(), _columns.address).offset(MOST)).all()
    if beyond:
        connection.execute(delete(knocks).where(tuple_(*key).in_([tuple(row) for row in beyond])))
