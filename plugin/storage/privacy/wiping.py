"""What is erased leaves the database's files, too: neither free space, nor the write-ahead log, nor dead rows keep it.

A DELETE is not the end of a row. SQLite keeps it in its write-ahead log, and in rare remains of pages that were
split. PostgreSQL keeps it in the free space of its page until something else happens to be written there; only a table that is
written anew has none (https://www.postgresql.org/docs/current/routine-vacuuming.html). docs/decisions/0026 says what was tried.
"""

import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager

from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError

from plugin.storage.db.engine import Database
from plugin.storage.db.erased import MARK
from plugin.storage.db.log_tables import walks
from plugin.storage.db.migrate import LOCKED

BUSY_SECONDS = 0.3  #: how long readers are waited for while writers wait
OLDER_SECONDS = 5.0  #: how long transactions are waited for that still see what was erased; then the next round does it
LOCK_MILLISECONDS = 1_000  #: who waits longer for a whole table keeps everybody else waiting, too
_ONE_AT_A_TIME = 5_077_361_403  #: PostgreSQL's advisory lock of whoever wipes


class SqlWiping:
    """`ports.Wiping` on both databases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wanted(self, *, larger_than: int = -1) -> Sequence[str]:
        names = sorted(self._wanted())
        if not names:
            return []
        if self._database.is_sqlite:
            with self._database.alone() as path:
                return names if path.stat().st_size > larger_than else []
        with self._database.at_once() as connection:
            return [name for name in names if _size(connection, name) > larger_than]

    def wipe(self, *, largest: int) -> Sequence[str]:
        wanted = self._wanted()
        if not wanted:
            return ()
        wiped: Collection[str] = ()
        if not self._database.is_sqlite:
            wiped = _wipe_postgresql(self._database, wanted, largest)
        elif _wipe_sqlite(self._database, largest):
            wiped = wanted
        if not wiped:
            return ()
        with self._database.write() as connection:
            for table in wiped:
                # What was erased meanwhile is wiped the next time.
                is_same = (walks.c.name == MARK + table) & (walks.c.position == wanted[table])
                connection.execute(update(walks).where(is_same).values(position=0))
        return sorted(wiped)

    def _wanted(self) -> dict[str, int]:
        """The tables something was erased from since they were wiped, and how often."""
        query = select(walks.c.name, walks.c.position).where(walks.c.name.startswith(MARK), walks.c.position > 0)
        return {name.removeprefix(MARK): position for name, position in self._database.read_once(query)}


def _wipe_sqlite(database: Database, largest: int) -> bool:
    """Write the file anew, if it is not too large, and empty the write-ahead log; whether both was done.

    `secure_delete` has zeroed what was deleted, but not the copies that splitting a page leaves in the gaps of others.
    """
    with database.alone() as path, closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA secure_delete=ON").close()
        connection.execute("PRAGMA temp_store=FILE").close()  # the copy may be larger than what memory is free
        try:
            if is_small := path.stat().st_size <= largest:
                connection.execute("VACUUM").close()
            [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        return is_small and not busy


def _wipe_postgresql(database: Database, names: Collection[str], largest: int) -> Collection[str]:
    """Write these tables anew, but for those that are too large; those that were."""
    with database.at_once() as connection, _alone(connection) as is_alone:
        if not is_alone or not _are_older_ones_gone(connection):
            return ()
        small = [name for name in sorted(names) if _size(connection, name) <= largest]
        return [name for name in small if _is_rewritten(connection, name)]


@contextmanager
def _alone(connection: Connection) -> Iterator[bool]:
    """Whether no other process wipes now; with a short patience for locks."""
    lock = {"lock": _ONE_AT_A_TIME}
    is_alone = bool(connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), lock).scalar())
    connection.execute(text(f"SET lock_timeout = '{LOCK_MILLISECONDS}ms'"))
    try:
        yield is_alone
    finally:
        connection.execute(text("RESET lock_timeout"))
        if is_alone:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), lock)


def _are_older_ones_gone(connection: Connection) -> bool:
    """Wait for the transactions that may still see what was erased: a table that is written anew keeps it for them."""
    began_at = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    give_up_at = time.monotonic() + OLDER_SECONDS
    while connection.execute(_OLDER, {"began_at": began_at}).first():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.1)
    return True


_OLDER = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_xmin IS NOT NULL AND backend_type = 'client backend' AND xact_start < :began_at LIMIT 1"
)


def _size(connection: Connection, name: str) -> int:
    """The table's bytes with its indexes and what is kept beside it; none when a later version has dropped it."""
    found = connection.execute(text("SELECT pg_total_relation_size(to_regclass(:name))"), {"name": name}).scalar()
    return int(found or 0)


def _is_rewritten(connection: Connection, name: str) -> bool:
    """False when others use it too much: the next round tries again."""
    try:
        connection.execute(text(f'VACUUM (FULL, ANALYZE) "{name}"'))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in LOCKED:
            raise
        return False
    return True
