"""Timers of carts that have been quiet long enough, and the `cart_abandoned` event each becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, select

from plugin.domain.event import StoreEvent
from plugin.ports import DueTimer
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.queue import leases
from plugin.storage.queue.event_rows import event_row
from plugin.storage.queue.shop_contexts import context_of
from plugin.storage.shops.shops import SqlShops

_events, _timers = tables.events, tables.timers


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTimer(DueTimer):
    """A timer with the fence it was claimed at; moving the timer moves its fence."""

    fence: int


class SqlTimers:
    """`ports.Timers` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops) -> None:
        self._database, self._crypto, self._shops = database, crypto, shops

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[DueTimer]:
        if leases.nothing_is_due(self._database, _timers, now):
            return ()
        with self._database.write() as connection:
            rows = leases.take(connection, _timers, limit=limit, now=now, lease=lease)
            contexts = self._shops.contexts(connection, {row["shop_id"] for row in rows})
            found = select(_events.c.id, _events.c.body).where(_events.c.id.in_([row["event_id"] for row in rows]))
            bodies = {row.id: row.body for row in connection.execute(found)}

        def read(row: RowMapping) -> DueTimer:
            event = self._crypto.open_event(bodies[row["event_id"]])
            fence = leases.fence_after(row)
            return ClaimedTimer(id=row["id"], shop=context_of(row, contexts).shop, event=event, fence=fence)

        return leases.each_readable(rows, "timer", read)

    def expire(self, timer: DueTimer, event: StoreEvent, *, now: datetime) -> None:
        row = event_row(self._crypto, timer.shop.id, event, webhook_id=None, now=now)
        with self._database.write() as connection:
            if leases.delete_held(connection, _timers, timer):
                self._database.insert_new(connection, _events, [row])
