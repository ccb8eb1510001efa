"""Shops the operator has suspended: what they send is still taken and read, nothing is prepared or sent for them.

A suspension outlives its shop: of one that is deleted a keyed hash of its address is kept until it comes back.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Connection, RowMapping, Table, Text, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from plugin.domain.audit import OPERATOR, Deed
from plugin.storage.db import tables
from plugin.storage.db.columns import Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops import audit, shop_locks

SECONDS: Final = 1.0  #: what another process decided is seen after this at the latest; what this one did, at once

_shops = tables.shops

suspended_addresses = Table(
    "suspended_addresses",
    tables.metadata,
    Column("hash", Text, primary_key=True),  # keyed hash of the platform and the address of a shop that is not here
    Column("suspended_at", Moment, nullable=False),
)


class Suspended:
    """Which shops are, asked for once a second at most."""

    def __init__(self, database: Database, *, seconds_now: Callable[[], float] = time.monotonic) -> None:
        self._database, self._now = database, seconds_now
        self._ids, self._until = frozenset[int](), 0.0

    def ids(self) -> frozenset[int]:
        """Their ids: claims pass them by."""
        now = self._now()
        if now >= self._until:
            rows = self._database.read_once(select(_shops.c.id).where(_shops.c.suspended_at.is_not(None)))
            self._ids, self._until = frozenset(row.id for row in rows), now + SECONDS
        return self._ids

    def forget(self) -> None:
        """Ask anew: one of them was changed."""
        self._until = 0.0


def suspend(connection: Connection, crypto: Crypto, shop_id: int, *, now: datetime) -> bool:
    """Suspend the shop, with an audit line; False when it is already."""
    is_running = (_shops.c.id == shop_id) & _shops.c.suspended_at.is_(None)
    shop_locks.lock(connection, shop_id)
    if not connection.execute(update(_shops).where(is_running).values(suspended_at=now)).rowcount:
        return False
    audit.note(connection, crypto, shop_id, Deed.SHOP_SUSPENDED, who=OPERATOR, now=now)
    return True


def resume(connection: Connection, crypto: Crypto, shop_id: int, *, now: datetime) -> bool:
    """Let the shop go on, with an audit line; False when it is not suspended."""
    is_suspended = (_shops.c.id == shop_id) & _shops.c.suspended_at.is_not(None)
    shop_locks.lock(connection, shop_id)
    if not connection.execute(update(_shops).where(is_suspended).values(suspended_at=None)).rowcount:
        return False
    audit.note(connection, crypto, shop_id, Deed.SHOP_RESUMED, who=OPERATOR, now=now)
    return True


def remember(connection: Connection, crypto: Crypto, shop_id: int) -> None:
    """Keep that a shop is suspended while everything else of it is deleted."""
    is_suspended = (_shops.c.id == shop_id) & _shops.c.suspended_at.is_not(None)
    found = connection.execute(select(_shops).where(is_suspended)).mappings().first()
    if found:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        row = {"hash": crypto.hash_shop(found["platform"], found["address"]), "suspended_at": found["suspended_at"]}
        connection.execute(dialect.insert(suspended_addresses).values(row).on_conflict_do_nothing())


def recall(connection: Connection, crypto: Crypto, stored: RowMapping, *, now: datetime) -> None:
    """Suspend a shop that is new here and was suspended when it was deleted, with an audit line."""
    its_hash = crypto.hash_shop(stored["platform"], stored["address"])
    gone = (
        delete(suspended_addresses).where(suspended_addresses.c.hash == its_hash).returning(suspended_addresses.c.suspended_at)
    )
    since = connection.execute(gone).scalar()
    if since is not None:
        connection.execute(update(_shops).where(_shops.c.id == stored["id"]).values(suspended_at=since))
        audit.note(connection, crypto, stored["id"], Deed.SHOP_SUSPENDED, who=OPERATOR, now=now)
