"""Both databases to test on: a new SQLite file each time, and a PostgreSQL of our own for the whole run."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from plugin.config import Settings
from plugin.storage.db import engine
from plugin.storage.db.engine import Database
from plugin.storage.db.migrate import has_every_migration, migrate
from plugin.storage.db.tables import metadata

ENCRYPTION_KEY = Fernet.generate_key().decode()
SECRET_KEY = Fernet.generate_key().decode()
START_SECONDS = 30.0
# Nothing of a throw-away cluster needs to outlive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=200")
# SQLite's, for databases of the test process itself; those of the processes that it starts are what an operator has.
SHIPPED_PRAGMAS = engine.PRAGMAS
FAST_PRAGMAS = (*SHIPPED_PRAGMAS, "PRAGMA synchronous=OFF")
MUCH = 1_000_000  #: bytes of one table, from which deleting its rows would leave too many dead ones behind
HAS_GROWN = (
    "SELECT 1 FROM pg_class WHERE relkind = 'r' AND relname = ANY(%(tables)s) AND pg_relation_size(oid) > %(bytes)s LIMIT 1"
)
# As an operator runs it: what is committed is on disk.
DURABLE = ("shared_buffers=512MB", "max_wal_size=4GB", "max_connections=200")


# Tests open pages and download files as fast as they can, all as the staff of one shop; those of the limits set their own.
BUSY_STAFF = {"PAGES_PER_MINUTE": "1000000", "EXPORTS_PER_HOUR": "1000000"}


def settings_for(database_url: str, **changed: str) -> Settings:
    """What an operator would set for this database."""
    environ = {"DATABASE_URL": database_url, "ENCRYPTION_KEYS": ENCRYPTION_KEY, "SECRET_KEY": SECRET_KEY} | BUSY_STAFF
    return Settings.from_environ(environ | changed)


def engines(database: Database) -> list[Engine]:
    """What its statements run on: those that share a transaction and, on PostgreSQL, those that are one by themselves."""
    return [one for one in (database.engine, database._at_once) if one is not None]


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A running PostgreSQL on a port of this machine."""

    port: int
    folder: Path
    options: tuple[str, ...]
    server: "subprocess.Popen[bytes]"

    def url(self, name: str = "postgres", *, host: str = "127.0.0.1") -> str:
        return f"postgresql://postgres@{host}:{self.port}/{name}"

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def kill(self) -> None:
        """Pull the plug of the server and all its children: no checkpoint, no goodbye."""
        tasks = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        for pid in (self.server.pid, *map(int, tasks)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait(START_SECONDS)

    def start_again(self) -> None:
        """After it was killed: at the same port, as soon as its children are gone."""
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at:
            self.server = _start(self.folder, self.port, self.options)
            if _answers(self.server, self.port):
                return
            time.sleep(0.1)
        raise RuntimeError((self.folder / "log").read_text())

    def new_database(self, name: str, *, like: str = "template1") -> str:
        """The address of an empty one, for tests that migrate it themselves, or of a copy of one nobody is connected to."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'.encode())
        return self.url(name)


def empty(postgresql_url: str) -> None:
    """Delete every row of every table, after whoever still writes.

    TRUNCATE makes new files for each table and index, which takes ten times as long as deleting the rows of one test.
    """
    names = [f'"{table.name}"' for table in metadata.sorted_tables]
    with psycopg.connect(postgresql_url) as connection:
        connection.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE".encode())
        if connection.execute(HAS_GROWN, {"tables": list(metadata.tables), "bytes": MUCH}).fetchone():
            connection.execute(f"TRUNCATE {', '.join(names)} CASCADE".encode())
        else:
            one_by_one = (name for name in reversed(names) if name != '"audit"')  # which only goes with its shop
            connection.execute("; ".join(f"DELETE FROM {name}" for name in one_by_one).encode())


def sqlite_template(folder: Path) -> Path:
    """A migrated file to copy: quicker than migrating one for each test."""
    path = folder / "template.db"
    migrate(settings_for(f"sqlite:///{path}"))
    return path


def missing_postgresql() -> str:
    """Why there is no PostgreSQL to test on; "" when there is one."""
    if _binary("initdb") and _binary("postgres"):
        return ""
    return "PostgreSQL's initdb and postgres are neither in PATH nor under /usr/lib/postgresql; install postgresql"


def require_postgresql() -> None:
    """Skip the test without PostgreSQL; on a CI machine fail it, so that nobody believes it passed."""
    why = missing_postgresql()
    if why and os.environ.get("CI"):
        pytest.fail(why)
    if why:
        pytest.skip(why)


@contextmanager
def running_cluster(options: tuple[str, ...] = FAST) -> Iterator[Cluster]:
    """A new cluster in a folder of its own, stopped and deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="plugin-postgresql-"))
    if user := _server_user():
        shutil.chown(folder, user)
    initdb = [_binary("initdb"), "-D", str(folder / "data"), "--username=postgres", "--auth=trust", "--no-sync"]
    initdb += ["--encoding=UTF8", "--locale=C"]
    subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder)
    cluster = _started(folder, options)
    try:
        yield cluster
    finally:
        cluster.server.send_signal(signal.SIGQUIT)  # at once: nothing in it is needed any more
        cluster.server.wait(timeout=START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> str | None:
    return "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root


def _started(folder: Path, options: tuple[str, ...]) -> Cluster:
    """The server; at another port when somebody took the first one meanwhile."""
    for _ in range(5):
        port = _free_port()
        server = _start(folder, port, options)
        if _answers(server, port):
            return Cluster(port=port, folder=folder, options=options, server=server)
        server.kill()
    raise RuntimeError((folder / "log").read_text())


def _start(folder: Path, port: int, options: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    parts = [part for name in options for part in ("-c", name)]
    parts += ["-k", str(folder), "-p", str(port), "-c", "listen_addresses=127.0.0.1"]
    command = [*_dies_with_us(), _binary("postgres"), "-D", str(folder / "data"), *parts]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, user=_server_user(), cwd=folder)


def _dies_with_us() -> list[str]:
    """Stop the server also when the tests are killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "QUIT"] if setpriv else []


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    give_up_at = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < give_up_at:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _binary(name: str) -> str:
    """Where the program is; "" when it is not installed. Debian keeps them out of PATH."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or str(next(iter(newest_first), ""))


def is_migrated(database: Database) -> bool:
    """Whether this database is at this version."""
    with database.read() as connection:
        return has_every_migration(connection)
