"""How an idle worker hears at once that somebody committed work for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, func
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from plugin.storage.db.engine import Database, type_of_insert

log = structlog.get_logger()

CHANNEL = "sendpulse_plugin_work"
NAP_SECONDS = 0.02  #: between two looks at a SQLite file's change mark; one look costs some microseconds
PROMPT_SECONDS = 0.25  #: how soon a listener notices that it should stop
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  #: seconds before the listener connects again


def notify_on_insert(insert: type_of_insert) -> tuple[ColumnElement[Any], ...]:
    """What this INSERT also returns to tell every waiting process when it commits.

    PostgreSQL hands notifications over under a lock of the whole server, taken at commit (PreCommit_Notify in its
    async.c), so only receiving notifies, once for a group of webhooks: later stages wake each other in their
    own process. The same notification of many rows is sent once. In RETURNING it costs no round trip, and what was here
    before wakes nobody. On SQLite there is nothing to do, because a commit shows by itself.
    """
    return (func.pg_notify(CHANNEL, ""),) if isinstance(insert, postgresql.Insert) else ()


def open_wake(database: Database) -> "ListeningWake | WatchingWake":
    """The way to wait for work on this database. It connects when somebody first waits."""
    return WatchingWake(database) if database.is_sqlite else ListeningWake(database)


class ListeningWake:
    """`ports.WorkSignal` on PostgreSQL: one connection of this process listens and connects again by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = threading.Condition()
        self._signals = 0
        self._heard = threading.local()  # how many signals each waiting thread knows of: none is lost while it works
        self._closing = threading.Event()
        self._listener: threading.Thread | None = None

    def wait(self, seconds: float) -> bool:
        with self._changed:
            self._start()
            heard = getattr(self._heard, "signals", 0)
            self._changed.wait_for(lambda: self._signals != heard or self._closing.is_set(), seconds)
            self._heard.signals = self._signals
            return self._signals != heard

    def close(self) -> None:
        """Stop listening; whoever waits returns."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._listener:
            self._listener.join(timeout=4 * PROMPT_SECONDS)

    def _start(self) -> None:
        # Looked at each time: after a fork the thread is not there.
        if not self._closing.is_set() and (self._listener is None or not self._listener.is_alive()):
            self._listener = threading.Thread(target=self._listen, name="wake", daemon=True)
            self._listener.start()

    def _listen(self) -> None:
        lost = (DBAPIError, NoConnectionFree, OSError, self._database.engine.dialect.loaded_dbapi.Error)
        pause = FIRST_PAUSE
        while not self._closing.is_set():
            try:
                with self._connected() as connection:
                    pause = FIRST_PAUSE
                    self._signal()  # whatever was committed before there was somebody to hear it
                    self._pass_on(connection)
            except lost as error:
                log.info("listening again soon", reason=type(error).__name__, seconds=pause)
                self._closing.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """A connection outside the pool that listens."""
        with self._database.engine.connect() as connection:
            raw = _detached(connection)
            raw.autocommit = True
            raw.execute(f"LISTEN {CHANNEL}")
            yield raw

    def _pass_on(self, connection: Any) -> None:
        while not self._closing.is_set():
            for _ in connection.notifies(timeout=PROMPT_SECONDS, stop_after=1):
                self._signal()

    def _signal(self) -> None:
        with self._changed:
            self._signals += 1
            self._changed.notify_all()


class WatchingWake:
    """`ports.WorkSignal` on SQLite: short naps between looks at the file's change mark, which nobody has to write.

    `data_version` is another number after any other connection, of this or another process, has committed.
    https://www.sqlite.org/pragma.html#pragma_data_version
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looking = threading.Lock()
        self._connection: Connection | None = None
        self._raw: Any = None
        self._opened = 0  # marks of two connections are not comparable
        self._seen = threading.local()
        self._closing = threading.Event()

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self._closing.is_set():
            if self._has_changed():
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(NAP_SECONDS, left))
        return False

    def close(self) -> None:
        """Close the connection; whoever waits returns."""
        self._closing.set()
        with self._looking:
            self._drop()

    def _has_changed(self) -> bool:
        mark = self._mark()
        if mark is None or mark == getattr(self._seen, "mark", None):
            return False
        self._seen.mark = mark
        return True

    def _mark(self) -> tuple[int, int] | None:
        """The file's state as far as committed; None while it cannot be read."""
        failures = (DBAPIError, NoConnectionFree, OSError, self._database.engine.dialect.loaded_dbapi.Error)
        with self._looking:
            if self._closing.is_set():
                return None
            try:
                if self._connection is None:
                    self._connection = self._database.engine.connect()
                    self._raw, self._opened = _detached(self._connection), self._opened + 1
                # Past SQLAlchemy, which would begin a transaction and see the same state for ever.
                return self._opened, self._raw.execute("PRAGMA data_version").fetchone()[0]
            except failures as error:
                log.info("looking again soon", reason=type(error).__name__)
                self._drop()
                return None

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _detached(connection: Connection) -> Any:
    """The driver's own connection, taken out of the pool for good."""
    connection.detach()
    return connection.connection.dbapi_connection
