"""The connection to SQLite or PostgreSQL, and the two ways to use it: read and write."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from plugin import clock
from plugin.config import BadEnvironment, Settings
from plugin.domain.errors import StorageDown
from plugin.sockets import has_something_to_read
from plugin.storage.db.files import make_private
from plugin.storage.db.prompt_wait import wait_promptly
from plugin.storage.db.write_lock import PATIENCE_SECONDS, WriteLock

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None  #: of a statement, for one row or for several
Rows = Sequence[Row[*tuple[Any, ...]]]

type_of_insert = sqlite.Insert | postgresql.Insert

PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers and the writer do not wait for each other
    "PRAGMA synchronous=FULL",  # a commit outlives a power cut  https://www.sqlite.org/pragma.html#pragma_synchronous
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",  # what is deleted is zeroed  https://www.sqlite.org/pragma.html#pragma_secure_delete
)

_CONNECTION: dict[str, Any] = {"connect_timeout": 5, "application_name": "sendpulse-plugin"}
# Our statements are some hundred, each run thousands of times: to read and plan one costs PostgreSQL more than to run it.
# https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
_PREPARED: dict[str, Any] = {"prepare_threshold": 0}
MOST_PREPARED = 200  #: of one connection
# A machine that is cut off answers nothing, not even that it is away: after some 20 seconds its connections count as
# broken, where TCP alone would take a quarter of an hour.  https://www.postgresql.org/docs/current/libpq-connect.html
_SILENCE = {"tcp_user_timeout": 20_000, "keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
# A machine that is cut off in the middle of a transaction must not keep its rows locked: the server ends it.
# https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT
_IDLE = "-c idle_in_transaction_session_timeout=15000"
# What PostgreSQL knows of a queue is always old: it believes a table of thousands to be empty and reads all of it.
# No statement of ours is so long that compiling it first would pay: for a guess too high, each costs 0.1 s of computing.
_BY_INDEX = "-c enable_seqscan=off -c jit=off"


class Database:
    """One of the two databases, behind the same few words. Every error of it is a `StorageDown`."""

    def __init__(self, settings: Settings) -> None:
        self.is_sqlite = settings.is_sqlite
        self.engine = _sqlite(settings) if self.is_sqlite else _postgresql(settings)
        if not self.is_sqlite:
            wait_promptly(self.engine)
        self._writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        self._at_once = None if self.is_sqlite else _postgresql(settings, isolation_level="AUTOCOMMIT")
        self._path = sqlite_path(settings) if self.is_sqlite else Path()
        self._turn = WriteLock(_lock_file(self._path)) if self.is_sqlite else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to look with, never to write. On PostgreSQL each statement sees what is committed when it begins.

        There it is no transaction: BEGIN and ROLLBACK would be two round trips more. And each statement is planned for its
        values, because whoever looks by what people choose needs another plan for each: what PostgreSQL has planned for
        any values took 0.6 s among a million deliveries where 5 ms are enough (`python -m bench log`).
        """
        with _as_storage_down(), (self._at_once or self.engine).connect() as connection, self._planned_each_time(connection):
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """The same, where all statements see one state of the database."""
        # SQLite's readers always do.  https://www.sqlite.org/isolation.html
        engine = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        with _as_storage_down(), engine.connect() as connection:
            yield connection

    def read_once(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Rows:
        """What one SELECT finds: for a look that needs no other to see the same state.

        PostgreSQL is spared two round trips of three, BEGIN and ROLLBACK. A connection that breaks is replaced, and the
        statement runs again.
        """
        with _as_storage_down():
            return _run_until_answered(self._at_once or self.engine, statement, values)

    def ahead(self) -> timedelta:
        """How far the server's clock is ahead of this machine's; SQLite has this machine's own."""
        if self.is_sqlite:
            return timedelta(0)
        with self.read() as connection:
            asked_at = clock.now()
            there: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
            return there - (asked_at + (clock.now() - asked_at) / 2)

    def now(self) -> datetime:
        """The present moment by the database's clock."""
        return clock.now() + self.ahead()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at its end, undone by any error. Never open one inside another."""
        with _as_storage_down(), self._my_turn(), self._writer.begin() as connection:
            yield connection

    def write_again(self, statement: Executable, values: Values) -> Rows:
        """Run one statement that may run twice, a transaction by itself; what it returns.

        PostgreSQL is spared two round trips of three, BEGIN and COMMIT. A connection that breaks is replaced, and the
        statement runs again.
        """
        if self._at_once is None:
            with self.write() as connection:
                return connection.execute(statement, values).all()
        with _as_storage_down():
            return _run_until_answered(self._at_once, statement, values)

    @contextmanager
    def alone(self) -> Iterator[Path]:
        """SQLite's file, while nobody else writes to it."""
        with _as_storage_down(), self._my_turn():
            yield self._path

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """A connection to PostgreSQL whose every statement is a transaction by itself."""
        assert self._at_once
        with _as_storage_down(), self._at_once.connect() as connection:
            yield connection

    def close(self) -> None:
        """Give back every connection."""
        for engine in (self.engine, self._at_once):
            if engine is not None:
                engine.dispose()

    def insert(self, table: Table) -> type_of_insert:
        """An INSERT that can say ON CONFLICT."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextmanager
    def _planned_each_time(self, connection: Connection) -> Iterator[None]:
        """Prepare nothing meanwhile: from the sixth time on PostgreSQL may run one plan for any values."""
        # https://www.postgresql.org/docs/current/sql-prepare.html#SQL-PREPARE-NOTES
        driver: Any = connection.connection.driver_connection
        if self.is_sqlite or driver is None:
            yield
            return
        driver.prepare_threshold = None
        try:
            yield
        finally:
            driver.prepare_threshold = _PREPARED["prepare_threshold"]

    def _my_turn(self) -> AbstractContextManager[None]:
        return self._turn.taken() if self._turn else nullcontext()


def sqlite_path(settings: Settings) -> Path:
    """The SQLite file; raises `BadEnvironment` when the address names none."""
    name = make_url(settings.database_url).database
    if not name or name.lstrip("/").startswith((":memory:", "file:")):
        raise BadEnvironment("DATABASE_URL: found sqlite without a file; write sqlite:///var/plugin.db.")
    return Path(name)


def _lock_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


@contextmanager
def _as_storage_down() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, NoConnectionFree, OSError) as error:
        raise StorageDown(f"The database did not do what was asked ({type(error).__name__}).") from error


def _sqlite(settings: Settings) -> Engine:
    path = sqlite_path(settings)
    make_private(path)
    # A small pool, because opening a file and setting its pragmas costs more than a write.
    engine = create_engine(
        f"sqlite+pysqlite:///{path}",
        hide_parameters=True,
        pool_size=5,
        max_overflow=20,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"timeout": PATIENCE_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin` does
    for pragma in PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: Connection) -> None:
    # A writer takes the write lock at once: a reader that turns writer can fail with SQLITE_BUSY at any time.
    # https://www.sqlite.org/lang_transaction.html
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _run_until_answered(engine: Engine, statement: Executable, values: Values) -> Rows:
    """What the statement returns; on a connection that breaks it runs a second time."""
    try:
        return _run(engine, statement, values)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _run(engine, statement, values)


def _run(engine: Engine, statement: Executable, values: Values) -> Rows:
    with engine.connect() as connection:
        return connection.execute(statement, values).all()


def _postgresql(settings: Settings, **changed: Any) -> Engine:
    try:
        engine = create_engine(
            settings.database_url,
            hide_parameters=True,
            pool_size=10,
            max_overflow=20,
            pool_use_lifo=True,  # whoever was used last has most statements prepared
            pool_timeout=PATIENCE_SECONDS,
            connect_args=_CONNECTION | _PREPARED | _SILENCE | {"options": f"{_IDLE} {_BY_INDEX}"},
            **changed,
        )
    except (ArgumentError, ValueError) as error:
        raise BadEnvironment("DATABASE_URL cannot be read; write postgresql://user:password@host/name.") from error
    event.listen(engine, "connect", _prepare_more)
    event.listen(engine, "checkout", _look)
    return engine


def _prepare_more(connection: Any, _record: object) -> None:
    connection.prepared_max = MOST_PREPARED


def _look(connection: Any, _record: object, _proxy: object) -> None:
    """Before a kept connection is used: a server that was restarted costs a new one, not a failed event.

    The pool's own look would ask the server, which costs as much as a statement.
    """
    if connection.closed or has_something_to_read(connection.fileno()):
        raise InvalidatePoolError
