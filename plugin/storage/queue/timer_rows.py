"""The carts that wait to be called abandoned, and the purchases that end their wait.

One cart has one timer, under every name the cart or its person goes by. The callers hold the shop's row
(`shops.lock`), so that two workers never make two timers of one cart.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, bindparam, delete, exists, func, insert, select, update

from plugin.domain.delivery import State
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.ports import EndTimers, SetTimer
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.claim_columns import CLOSED, NOT_HELD
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database

CARTS = tuple(kind.value for kind, traits in KINDS.items() if traits.is_cart)
BOUGHT = worded("The buyer ordered before this could be sent.")

_timers, _keys, _purchases = tables.timers, tables.timer_keys, tables.purchases


class TimerRows:
    """Sets, moves and ends timers within a caller's transaction."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        noted = database.insert(_purchases)
        later = {"bought_at": noted.excluded.bought_at}
        noted = noted.on_conflict_do_update(
            index_elements=["shop_id", "hash"], set_=later, where=_purchases.c.bought_at < noted.excluded.bought_at
        )
        self._note = noted.returning(_purchases.c.hash)

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
            if change.only_moves:
                self._move(connection, shop_id, hashes, change.due_at, event.happened_at)
            else:
                self._set(connection, shop_id, hashes, change.due_at, event_id, event.happened_at)

    def end_all(self, connection: Connection, shop_id: int, change: EndTimers) -> None:
        """End the waits; remember a purchase, so that no older cart begins one."""
        hashes = self.hashes(shop_id, change.keys)
        self.end(connection, shop_id, hashes)
        if change.bought_at:
            rows = [{"shop_id": shop_id, "hash": hash, "bought_at": change.bought_at} for hash in hashes]
            connection.execute(self._note, rows)
            # What was about to be said of this cart is not said any more: the purchase leaves before it.
            connection.execute(_SKIP_CARTS_OF_BASKETS, {"its_shop": shop_id, "hashes": hashes})

    def end(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> None:
        """End every wait under any of these names."""
        connection.execute(_DELETE_TIMERS, {"its_shop": shop_id, "hashes": hashes})

    def bought_at(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> datetime | None:
        """The last purchase under any of these names."""
        return connection.execute(_SELECT_LAST_PURCHASE, {"its_shop": shop_id, "hashes": hashes}).scalar()

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
            self._update(connection, timer_id, moved)
        rows = [{"shop_id": shop_id, "hash": hash, "timer_id": timer_id} for hash in hashes]
        connection.execute(self._database.insert(_keys).values(rows).on_conflict_do_nothing())

    def _update(self, connection: Connection, timer_id: int, moved: dict[str, Any]) -> None:
        is_newer = (_timers.c.id == timer_id) & (_timers.c.happened_at <= moved["happened_at"])
        # The fence grows, so that a worker that is about to expire the old wait no longer can.
        values = moved | NOT_HELD | {"fence": _timers.c.fence + 1}
        connection.execute(update(_timers).where(is_newer).values(values))

    def _move(self, connection: Connection, shop_id: int, hashes: Sequence[str], due_at: datetime, at: datetime) -> None:
        """Let the waits under these names go on longer; what each becomes is still its newest event."""
        found = connection.execute(_SELECT_TIMERS_BY_NAME, {"its_shop": shop_id, "hashes": hashes}).scalars().all()
        for timer_id in found:
            self._update(connection, timer_id, {"due_at": due_at, "happened_at": at})

    def _merged(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> int | None:
        """The one timer under these names, made of all there are: the newest stays."""
        found = connection.execute(_SELECT_TIMERS_BY_NAME, {"its_shop": shop_id, "hashes": hashes}).scalars().all()
        if not found:
            return None
        kept, *others = found
        if others:
            connection.execute(update(_keys).where(_keys.c.timer_id.in_(others)).values(timer_id=kept))
            connection.execute(delete(_timers).where(_timers.c.shop_id == shop_id, _timers.c.id.in_(others)))
        return int(kept)


def skip_bought(connection: Connection, delivery_ids: Sequence[int]) -> None:
    """Skip carts that were on their way when they were bought, and would be sent again."""
    connection.execute(_SKIP_BOUGHT_CARTS, {"ids": delivery_ids})


def _skip(*chosen: ColumnElement[bool]) -> Update:
    columns = tables.deliveries.c
    values = CLOSED | {"state": State.SKIPPED.value, "reason_code": ReasonCode.BOUGHT.value, "reason": BOUGHT}
    waits = (columns.due_at.is_not(None), columns.state == State.WAITING.value, columns.kind.in_(CARTS))
    return update(tables.deliveries).where(*chosen, *waits).values(values)


_HAS_NAME = (_keys.c.shop_id == bindparam("its_shop")) & AnyOf(_keys.c.hash, "hashes")
_IS_BOUGHT = exists().where(
    _purchases.c.shop_id == tables.deliveries.c.shop_id, _purchases.c.hash == tables.deliveries.c.basket
)
_DELETE_TIMERS = delete(_timers).where(
    _timers.c.shop_id == bindparam("its_shop"), _timers.c.id.in_(select(_keys.c.timer_id).where(_HAS_NAME))
)
_SELECT_LAST_PURCHASE = select(func.max(_purchases.c.bought_at)).where(
    _purchases.c.shop_id == bindparam("its_shop"), AnyOf(_purchases.c.hash, "hashes")
)
_SELECT_TIMERS_BY_NAME = (
    select(_timers.c.id, _timers.c.happened_at)
    .join(_keys)
    .where(_HAS_NAME)
    .distinct()
    .order_by(_timers.c.happened_at.desc(), _timers.c.id.desc())
)
_SKIP_CARTS_OF_BASKETS = _skip(
    tables.deliveries.c.shop_id == bindparam("its_shop"), AnyOf(tables.deliveries.c.basket, "hashes")
)
_SKIP_BOUGHT_CARTS = _skip(AnyOf(tables.deliveries.c.id, "ids"), _IS_BOUGHT)
