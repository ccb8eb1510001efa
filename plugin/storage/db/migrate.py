"""Bringing a database to this version: from code, from a wheel, by several processes at once."""

import time
from functools import cache, partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from plugin.config import Settings
from plugin.domain.errors import StorageDown
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.keys import read_keys

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
PATIENCE_SECONDS = 60.0  #: after which locks in the way are an error
PAUSE_SECONDS = 0.2
# A migration that waits for a lock lets nobody else have it either, so it must not wait for long.
LOCK_MILLISECONDS = 2_000
LOCKED = ("40P01", "55P03")  #: https://www.postgresql.org/docs/current/errcodes-appendix.html
_LOCK = 5_077_361_402  #: PostgreSQL's advisory lock of this plugin's migrations: any number nobody else uses


def migrate(settings: Settings) -> None:
    """Run the migrations that are missing, all in one transaction; raises `BadEnvironment` or `StorageDown`.

    Beside processes at work it may find their locks in its way, or they its own: it gives way and tries again.
    """
    database = Database(settings)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    try:
        while not _is_migrated(database, settings, is_last=time.monotonic() > give_up_at):
            time.sleep(PAUSE_SECONDS)
    finally:
        database.close()


def _is_migrated(database: Database, settings: Settings, *, is_last: bool) -> bool:
    """Try it once; False when locks were in the way, unless this is the last try."""
    try:
        with database.write() as connection:
            if not database.is_sqlite:  # SQLite's writers take turns anyway
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_MILLISECONDS}ms'"))
            if not has_every_migration(connection):
                config = _config()
                config.attributes["connection"] = connection
                config.attributes["keys"] = partial(_crypto, settings)  # made only where something is to be sealed
                command.upgrade(config, "head")
    except StorageDown as error:
        if is_last or not _is_about_locks(error):
            raise
        return False
    return True


def _crypto(settings: Settings) -> Crypto:
    keys = read_keys(settings)
    return Crypto(encryption_keys=keys.encryption, secret_key=keys.secret)


def _is_about_locks(error: StorageDown) -> bool:
    """Whether PostgreSQL chose this transaction to end a deadlock, or a lock was not to be had in time."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and getattr(cause.orig, "sqlstate", None) in LOCKED


def has_every_migration(connection: Connection) -> bool:
    """Whether nothing is missing. A database ahead of this version is fine, because migrations only add:
    processes of two versions may work on it while the new one is rolled out.
    """
    current = set(MigrationContext.configure(connection).get_current_heads())
    newest, known = _revisions()
    return bool(current) and (current == newest or not current <= known)


@cache
def _revisions() -> tuple[frozenset[str], frozenset[str]]:
    """The newest revisions and all of them, as this version knows them."""
    scripts = ScriptDirectory.from_config(_config())
    return frozenset(scripts.get_heads()), frozenset(script.revision for script in scripts.walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
