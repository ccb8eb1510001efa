"""Shops whose platform does not know yet what was changed here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, update

from plugin.domain.refusal import Duty
from plugin.ports import PendingSync
from plugin.storage.db import tables
from plugin.storage.db.engine import Database
from plugin.storage.shops.refusals import store_refusals
from plugin.storage.shops.shops import shop_of

_shops = tables.shops


class SqlPlatformSync:
    """`ports.PlatformSync` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, *, limit: int, has_failed: bool, now: datetime) -> Sequence[PendingSync]:
        refusal = store_refusals.c
        failed = select(refusal.shop_id).where(refusal.shop_id == _shops.c.id, refusal.duty == Duty.SETTLE.value).exists()
        is_free = or_(_shops.c.access_lease_until.is_(None), _shops.c.access_lease_until <= now)
        is_due = (
            (_shops.c.settle_at <= now)
            & _shops.c.left_at.is_(None)
            & _shops.c.suspended_at.is_(None)
            & is_free
            & (failed if has_failed else ~failed)
        )
        query = select(_shops).where(is_due).order_by(_shops.c.settle_at, _shops.c.id).limit(limit)
        rows = self._database.read_once(query)
        return [PendingSync(shop=shop_of(row._mapping), seen=row.settle_at, has_failed=has_failed) for row in rows]

    def done(self, pending: PendingSync, *, again_at: datetime | None = None) -> None:
        is_same = (_shops.c.id == pending.shop.id) & (_shops.c.settle_at == pending.seen)
        with self._database.write() as connection:
            connection.execute(update(_shops).where(is_same).values(settle_at=again_at))


def request_sync_of_all(database: Database, *, at: datetime) -> None:
    """Have every shop's platform compared with what this version wants there, from then on; raises `StorageDown`."""
    is_synced = _shops.c.settle_at.is_(None) & _shops.c.left_at.is_(None)
    with database.write() as connection:
        connection.execute(update(_shops).where(is_synced).values(settle_at=at))
