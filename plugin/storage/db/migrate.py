"""Bringing a database to this version: from code, from a wheel, by several processes at once."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from plugin.config import Settings
from plugin.storage.db.engine import Database

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_LOCK = 5_077_361_402  #: PostgreSQL's advisory lock of this plugin's migrations: any number nobody else uses


def migrate(settings: Settings) -> None:
    """Run the migrations that are missing, all in one transaction; raises `BadEnvironment` or `StorageDown`."""
    database = Database(settings)
    try:
        with database.write() as connection:
            if not database.is_sqlite:  # SQLite's writers take turns anyway
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            if not has_every_migration(connection):
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
    finally:
        database.engine.dispose()


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
