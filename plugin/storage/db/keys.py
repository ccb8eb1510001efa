"""Where the keys come from, and how everything is sealed with a new one."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Column, ColumnElement, Connection, Table, select, update

from plugin.config import BadEnvironment, Settings
from plugin.ports import Store
from plugin.storage.db import audit_tables, log_tables, people_tables, tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database, sqlite_path
from plugin.storage.db.files import FOLDER_MODE

SHORTEST_SECRET = 16  #: characters
SEALED = (
    *tables.SEALED,
    *people_tables.SEALED,
    *audit_tables.SEALED,
    *log_tables.SEALED,
)  #: every column only `Crypto.open` can read
BATCH = 200  #: rows sealed anew in one transaction

_HOW_TO_MAKE = {
    "ENCRYPTION_KEYS": 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
    "SECRET_KEY": 'python -c "import secrets; print(secrets.token_urlsafe(32))"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys in force. Their texts are in no log and no `repr`."""

    encryption: tuple[str, ...]
    secret: str

    def __repr__(self) -> str:
        return "Keys(…)"


def read_keys(settings: Settings) -> Keys:
    """The operator's keys or, beside a SQLite file, our own, made once; raises `BadEnvironment`."""
    encryption = settings.encryption_keys or (_made_once(settings, "ENCRYPTION_KEYS", Fernet.generate_key().decode()),)
    secret = settings.secret_key or _made_once(settings, "SECRET_KEY", secrets.token_urlsafe(32))
    if len(secret) < SHORTEST_SECRET:
        raise _bad("SECRET_KEY", f"found {len(secret)} characters, at least {SHORTEST_SECRET} are needed")
    for number, key in enumerate(encryption, start=1):
        try:
            Fernet(key)
        except ValueError as error:
            raise _bad("ENCRYPTION_KEYS", f"key {number} is no Fernet key") from error
    return Keys(encryption=encryption, secret=secret)


def rotate_keys(store: Store) -> Mapping[str, int]:
    """Seal anew with the first key whatever another one sealed, in small steps; table → how many rows."""
    database, crypto = getattr(store, "database", None), getattr(store, "crypto", None)
    assert isinstance(database, Database)
    assert isinstance(crypto, Crypto)
    return {column.table.name: _rotate(database, crypto, column) for column in SEALED}


def _rotate(database: Database, crypto: Crypto, column: Column[bytes]) -> int:
    table = column.table
    assert isinstance(table, Table)
    [primary_key] = table.primary_key.columns
    last, count = None, 0
    while True:
        query = select(primary_key, column).where(column.is_not(None)).order_by(primary_key).limit(BATCH)
        with database.write() as connection:
            rows = connection.execute(query if last is None else query.where(primary_key > last)).all()
            count += sum(_reseal(connection, crypto, column, primary_key == key, old) for key, old in rows)
        if len(rows) < BATCH:
            return count
        last = rows[-1][0]


def _reseal(connection: Connection, crypto: Crypto, column: Column[bytes], is_row: ColumnElement[bool], old: bytes) -> int:
    new = crypto.rotate(old)
    if new is None:
        return 0
    return connection.execute(update(column.table).where(is_row, column == old).values({column: new})).rowcount


def _made_once(settings: Settings, name: str, value: str) -> str:
    if not settings.is_sqlite:
        raise _bad(name, "it must be given with PostgreSQL, the same for every process")
    database = sqlite_path(settings)
    return _kept(database.with_name(f"{database.name}.{name.lower()}"), value)


def _kept(path: Path, value: str) -> str:
    """The file's text; when there is none it appears whole, with this value, whoever comes first."""
    if not path.exists():
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # fails when another process was first, and shows nobody half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _bad(name: str, what: str) -> BadEnvironment:
    return BadEnvironment(f"{name}: {what}. Make one with: {_HOW_TO_MAKE[name]}")
