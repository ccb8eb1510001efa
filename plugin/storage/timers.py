"""The carts that wait to be called abandoned, and the purchases that end their wait.

One cart has one timer, under every name the cart or its person goes by. The callers hold the shop's row
(`shops.lock`), so that two workers never make two timers of one cart.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from plugin.domain.delivery import State
from plugin.domain.event import EventKind, StoreEvent
from plugin.ports import EndTimers, SetTimer
from plugin.storage import tables
from plugin.storage.crypto import Crypto
from plugin.storage.engine import Database
from plugin.storage.leases import CLOSED, NOT_HELD

CARTS = (EventKind.CHECKOUT_STARTED.value, EventKind.CART_UPDATED.value, EventKind.CART_ABANDONED.value)

_timers, _keys, _purchases = tables.timers, tables.timer_keys, tables.purchases


class Timers:
    """Sets, moves and ends timers within a caller's transaction."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto

    def hashes(self, shop_id: int, keys: Iterable[str]) -> list[str]:
        return [self._crypto.hash_person(shop_id, key) for key in dict.fromkeys(keys)]

    def apply(
        self, connection: Connection, shop_id: int, change: SetTimer | EndTimers, *, event_id: int, event: StoreEvent
    ) -> None:
        """Do what this event means for the carts that wait."""
        if isinstance(change, EndTimers):
            self.end_all(connection, shop_id, change)
        else:
            hashes = self.hashes(shop_id, change.keys)
            self._set(connection, shop_id, hashes, change.due_at, event_id, event.happened_at)

    def end_all(self, connection: Connection, shop_id: int, change: EndTimers) -> None:
        """End the waits; remember a purchase, so that no older cart begins one."""
        hashes = self.hashes(shop_id, change.keys)
        self.end(connection, shop_id, hashes)
        if change.bought_at:
            self._note_purchase(connection, shop_id, hashes, change.bought_at)
            _skip_carts(connection, shop_id, hashes)

    def end(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> None:
        """End every wait under any of these names."""
        of_them = select(_keys.c.timer_id).where(_has(shop_id, hashes))
        connection.execute(delete(_timers).where(_timers.c.shop_id == shop_id, _timers.c.id.in_(of_them)))

    def bought_at(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> datetime | None:
        """The last purchase under any of these names."""
        query = select(func.max(_purchases.c.bought_at))
        query = query.where(_purchases.c.shop_id == shop_id, _purchases.c.hash.in_(hashes))
        return connection.execute(query).scalar()

    def _set(
        self, connection: Connection, shop_id: int, hashes: Sequence[str], due_at: datetime, event_id: int, at: datetime
    ) -> None:
        bought_at = self.bought_at(connection, shop_id, hashes)
        if bought_at and at <= bought_at:
            return
        timer_id = self._merged(connection, shop_id, hashes)
        moved = {"due_at": due_at, "event_id": event_id, "happened_at": at}
        if timer_id is None:
            row = moved | {"shop_id": shop_id}
            timer_id = connection.execute(insert(_timers).values(row).returning(_timers.c.id)).scalar_one()
        else:
            is_newer = (_timers.c.id == timer_id) & (_timers.c.happened_at <= at)
            # The fence grows, so that a worker that is about to ring the old wait no longer can.
            values = moved | NOT_HELD | {"fence": _timers.c.fence + 1}
            connection.execute(update(_timers).where(is_newer).values(values))
        rows = [{"shop_id": shop_id, "hash": hash, "timer_id": timer_id} for hash in hashes]
        connection.execute(self._database.insert(_keys).values(rows).on_conflict_do_nothing())

    def _merged(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> int | None:
        """The one timer under these names, made of all there are: the newest stays."""
        query = select(_timers.c.id).join(_keys).where(_has(shop_id, hashes)).distinct()
        query = query.add_columns(_timers.c.happened_at).order_by(_timers.c.happened_at.desc(), _timers.c.id.desc())
        found = connection.execute(query).scalars().all()
        if not found:
            return None
        kept, *others = found
        if others:
            connection.execute(update(_keys).where(_keys.c.timer_id.in_(others)).values(timer_id=kept))
            connection.execute(delete(_timers).where(_timers.c.shop_id == shop_id, _timers.c.id.in_(others)))
        return int(kept)

    def _note_purchase(self, connection: Connection, shop_id: int, hashes: Sequence[str], bought_at: datetime) -> None:
        for hash in hashes:
            statement = self._database.insert(_purchases).values(shop_id=shop_id, hash=hash, bought_at=bought_at)
            is_later = _purchases.c.bought_at < statement.excluded.bought_at
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["shop_id", "hash"], set_={"bought_at": statement.excluded.bought_at}, where=is_later
                )
            )


def _skip_carts(connection: Connection, shop_id: int, hashes: Sequence[str]) -> None:
    """What was about to be said of this cart is not said any more: the purchase leaves before it."""
    columns = tables.deliveries.c
    _skip(connection, (columns.shop_id == shop_id) & columns.basket.in_(hashes) & columns.due_at.is_not(None))


def skip_bought(connection: Connection, delivery_ids: Sequence[int]) -> None:
    """The same for carts that were on their way when they were bought, and would be sent again."""
    columns = tables.deliveries.c
    is_bought = exists().where(_purchases.c.shop_id == columns.shop_id, _purchases.c.hash == columns.basket)
    _skip(connection, columns.id.in_(delivery_ids) & is_bought)


def _skip(connection: Connection, chosen: ColumnElement[bool]) -> None:
    columns = tables.deliveries.c
    waits = chosen & (columns.state == State.WAITING.value) & columns.kind.in_(CARTS)
    values = CLOSED | {"state": State.SKIPPED.value, "reason": "The buyer ordered before this could be sent."}
    connection.execute(update(tables.deliveries).where(waits).values(values))


def _has(shop_id: int, hashes: Sequence[str]) -> ColumnElement[bool]:
    return (_keys.c.shop_id == shop_id) & _keys.c.hash.in_(hashes)
