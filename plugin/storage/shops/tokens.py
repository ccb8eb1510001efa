"""SendPulse access tokens: sealed, one per account, fetched by one process at a time."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from plugin.ports import AccessToken
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database

_tokens = tables.tokens


class SqlTokens:
    """`ports.Tokens` on our tables. A token belongs to a SendPulse account, which several shops may share."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto

    def read(self, account: str) -> AccessToken | None:
        query = select(_tokens.c.token, _tokens.c.expires_at).where(self._is(account))
        row = next(iter(self._database.read_once(query)), None)
        if row is None or row.token is None:
            return None
        return AccessToken(text=self._crypto.open(row.token).decode(), expires_at=row.expires_at)

    def write(self, account: str, token: AccessToken) -> None:
        values = {"token": self._crypto.seal(token.text.encode()), "expires_at": token.expires_at, "lock_until": None}
        statement = self._database.insert(_tokens).values(account=self._crypto.hash_account(account), **values)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))

    def drop(self, account: str, text: str) -> None:
        with self._database.write() as connection:
            sealed = connection.execute(select(_tokens.c.token).where(self._is(account))).scalar()
            if sealed is not None and self._crypto.open(sealed).decode() == text:
                is_same = self._is(account) & (_tokens.c.token == sealed)
                connection.execute(update(_tokens).where(is_same).values(token=None, expires_at=None))

    def try_lock(self, account: str, *, now: datetime, lease: timedelta) -> bool:
        statement = self._database.insert(_tokens).values(account=self._crypto.hash_account(account), lock_until=now + lease)
        is_free = or_(_tokens.c.lock_until.is_(None), _tokens.c.lock_until <= now)
        taken = statement.on_conflict_do_update(
            index_elements=["account"], set_={"lock_until": statement.excluded.lock_until}, where=is_free
        )
        with self._database.write() as connection:
            return connection.execute(taken.returning(_tokens.c.account)).first() is not None

    def unlock(self, account: str) -> None:
        with self._database.write() as connection:
            connection.execute(update(_tokens).where(self._is(account)).values(lock_until=None))

    def _is(self, account: str) -> ColumnElement[bool]:
        return _tokens.c.account == self._crypto.hash_account(account)
