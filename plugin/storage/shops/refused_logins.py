"""Visits that were refused, gathered by hour and kind: a stranger, who can cause as many as they like, fills no audit.

Each process counts in its memory and writes what it has counted after a pause at the soonest; whoever reads the audit has the
counts put into it as lines.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, ForeignKey, Integer, Table, Text, delete, select

from plugin.domain.audit import NOBODY, Deed, RefusedLogin
from plugin.storage.db.columns import Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.tables import metadata, shops
from plugin.storage.shops.audit import note

PAUSE: Final = timedelta(seconds=10)  #: between two writes of this process, whoever is refused
MOST: Final = 1_000  #: shops, hours and kinds counted in memory; more are not counted before the next write

refused_logins = Table(
    "refused_logins",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("kind", Text, primary_key=True),  # a `RefusedLogin`
    Column("who", Text, primary_key=True),  # the platform's id of a staff member; empty for a stranger
    Column("times", Integer, nullable=False),
)
_columns = refused_logins.c

_Key = tuple[int, datetime, str, str]


class RefusedLogins:
    """Counts them for this process."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._counted: Counter[_Key] = Counter()
        self._written_at: datetime | None = None

    def count(self, shop_id: int, kind: RefusedLogin, *, who: str, now: datetime) -> None:
        """Count one; written at once when the last write is a while ago."""
        key = (shop_id, now.replace(minute=0, second=0, microsecond=0), kind.value, who)
        if key in self._counted or len(self._counted) < MOST:
            self._counted[key] += 1
        if self._written_at is None or not timedelta(0) <= now - self._written_at < PAUSE:
            self._written_at = now
            with self._database.write() as connection:
                self._write(connection)

    def put_into_audit(self, shop_id: int, *, now: datetime) -> None:
        """Make lines of what was counted for the shop."""
        of_shop = _columns.shop_id == shop_id
        if not self._counted and not self._database.read_once(select(_columns.kind).where(of_shop).limit(1)):
            return
        with self._database.write() as connection:
            self._write(connection)
            gone = connection.execute(delete(refused_logins).where(of_shop).returning(*_columns)).mappings().all()
            for row in sorted(gone, key=lambda row: (row["hour"], row["kind"], row["who"])):
                facts = {"kind": row["kind"], "times": row["times"], "hour": row["hour"].isoformat()}
                who = row["who"] or NOBODY
                note(connection, self._crypto, shop_id, Deed.LOGIN_REFUSED, who=who, facts=facts, now=now)

    def _write(self, connection: Connection) -> None:
        counted, self._counted = self._counted, Counter()
        here = set(connection.execute(select(shops.c.id).where(shops.c.id.in_({key[0] for key in counted}))).scalars())
        for key, times in sorted(counted.items()):
            if key[0] in here:
                row = dict(zip(("shop_id", "hour", "kind", "who"), key, strict=True))
                insert = self._database.insert(refused_logins).values(row | {"times": times})
                more = {"times": _columns.times + times}
                connection.execute(insert.on_conflict_do_update(index_elements=list(row), set_=more))
