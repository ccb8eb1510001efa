"""Store events between translation and planning."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, RowMapping, select, tuple_

from plugin.domain.delivery import Hold, Skip, State
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.states import EventState
from plugin.pipeline.hold import people_of
from plugin.ports import EndTimers, KnownEvent, Overtaken, PastEvent, Plan, SetTimer, StoredEvent
from plugin.storage.db import tables
from plugin.storage.db.claim_columns import CLOSED, NOT_HELD
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.queue import destinations, leases
from plugin.storage.queue.cart_marks import Mark
from plugin.storage.queue.delivery_rows import delivery_rows
from plugin.storage.queue.event_rows import event_facts
from plugin.storage.queue.seen import SeenSnapshot
from plugin.storage.queue.shop_contexts import context_of, skip_uninstalled
from plugin.storage.queue.timer_rows import TimerRows
from plugin.storage.queue.unsent_carts import CARTS
from plugin.storage.shops import shops
from plugin.storage.shops.shops import SqlShops

_events = tables.events


class DeliveryIndex(Protocol):
    """What the log finds new deliveries by; it stands above the queue, so the queue is given it."""

    def write(
        self, connection: Connection, shop_id: int, event: StoreEvent, delivery_ids: Sequence[int], *, now: datetime
    ) -> None:
        """Let these new deliveries of an event be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEvent(StoredEvent):
    """An event with the fence it was claimed at."""

    fence: int


class SqlEvents:
    """`ports.Events` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops, *, index: DeliveryIndex) -> None:
        self._database, self._crypto, self._shops, self._index = database, crypto, shops, index
        self._timers = TimerRows(database, crypto)

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[StoredEvent]:
        if leases.nothing_is_due(self._database, _events, now):
            return ()
        # What nobody can read stays leased, however much of it is due: behind it may be what somebody can.
        return leases.first_readable(lambda: self._take(limit=limit, now=now, lease=lease))

    def _take(self, *, limit: int, now: datetime, lease: timedelta) -> tuple[int, Sequence[StoredEvent]]:
        """How many were taken, and those of them that can be read."""
        with self._database.write() as connection:
            rows = leases.take(connection, _events, limit=limit, now=now, lease=lease, due=_SELECT_DUE_FOR_UPDATE)
            contexts = self._shops.contexts(connection, {row["shop_id"] for row in rows})
            rows = skip_uninstalled(connection, _events, rows, contexts, now=now)

        def read(row: RowMapping) -> StoredEvent:
            context = context_of(row, contexts)
            return ClaimedEvent(
                id=row["id"], shop=context.shop, settings=context.settings, access=context.access,
                event=self._crypto.open_event(row["body"]), created_at=row["created_at"], tries=row["tries"] + 1,
                fence=leases.fence_after(row), is_poison_suspect=leases.is_poison_suspect(row),
            )  # fmt: skip

        return len(rows), leases.each_readable(rows, "event", read)

    def past(self, shop_id: int, kind: EventKind | None = None, *, limit: int = 10) -> Sequence[PastEvent]:
        query = select(_events.c.id, _events.c.body)
        query = query.where(_events.c.shop_id == shop_id, _events.c.body.is_not(None), _events.c.emptied_at.is_(None))
        query = query if kind is None else query.where(_events.c.kind == kind.value)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_events.c.id.desc()).limit(limit)).all()
        return [PastEvent(id=id, event=self._crypto.open_event(body)) for id, body in rows]

    def planned(
        self, stored: StoredEvent, event: StoreEvent, plan: Plan, *,
        timers: Sequence[SetTimer | EndTimers], now: datetime, unless: Overtaken | None = None,
    ) -> Plan:  # fmt: skip
        shop_id = stored.shop.id
        facts = event_facts(self._crypto, shop_id, event)
        rows = delivery_rows(self._crypto, stored, event, plan, now=now)
        with self._database.write() as connection:
            if timers or unless:
                shops.lock(connection, shop_id)
            if late := unless(self._seen(connection)) if unless else None:
                plan, rows = late, delivery_rows(self._crypto, stored, event, late, now=now)
            if not self._update_held(connection, stored, facts | {"state": _state(plan).value} | CLOSED):
                return plan
            new = self._database.insert_new(connection, tables.deliveries, rows)
            self._index.write(connection, shop_id, event, new, now=now)
            rates = {
                row["destination"]: stored.settings.account.rate_per_second
                for row in rows
                if row["state"] == State.WAITING.value
            }
            for change in timers:
                self._timers.apply(connection, shop_id, change, event_id=stored.id, event=event, now=now)
            if rates and KINDS[event.kind].is_computed:
                self._remember_reminder(connection, stored, event, now)
            destinations.wake(connection, self._database, rates, now=now)
        return plan

    def _remember_reminder(self, connection: Connection, stored: StoredEvent, event: StoreEvent, now: datetime) -> None:
        """Neither this basket nor, for a while, its buyer is reminded again."""
        names = (*(event.basket.keys if event.basket else ()), *people_of(event))
        hashes = self._timers.marks.hashes(stored.shop.id, names)
        self._timers.marks.note(connection, stored.shop.id, hashes, Mark.REMINDED, at=now, event_id=stored.id)

    def postpone(self, stored: StoredEvent, *, until: datetime, is_try: bool = True) -> None:
        tries = stored.tries if is_try else stored.tries - 1
        with self._database.write() as connection:
            self._update_held(connection, stored, NOT_HELD | {"due_at": until, "tries": tries})

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        with self._database.read() as connection:
            return self._seen(connection).bought_at(shop_id, keys)

    def reminded_at(self, shop_id: int, keys: Iterable[str], *, besides: int) -> datetime | None:
        with self._database.read() as connection:
            return self._seen(connection).reminded_at(shop_id, keys, besides=besides)

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        with self._database.read() as connection:
            return self._seen(connection).newest_at(shop_id, kind, object_id)

    def known(
        self, shop_id: int, object_id: str, kinds: Collection[EventKind], states: Collection[EventState]
    ) -> Sequence[KnownEvent]:
        with self._database.read() as connection:
            return self._seen(connection).known(shop_id, object_id, kinds, states)

    def _seen(self, connection: Connection) -> SeenSnapshot:
        return SeenSnapshot(connection, self._timers.marks, self._crypto)

    def _update_held(self, connection: Connection, stored: StoredEvent, values: dict[str, Any]) -> bool:
        return leases.change_held(connection, _events, stored, values)


def _nothing_older_is_open() -> ColumnElement[bool]:
    """Nothing of an event's basket that happened earlier is still to be prepared: it would arrive after this one.

    An order waits for no cart: the purchase skips it, wherever it is.
    """
    older = _events.alias("older")
    in_its_basket = (older.c.shop_id == _events.c.shop_id) & (older.c.basket == _events.c.basket) & (_events.c.basket != "")
    is_older = tuple_(older.c.happened_at, older.c.id) < tuple_(_events.c.happened_at, _events.c.id)
    matters = older.c.kind.not_in(CARTS) | _events.c.kind.in_(CARTS)
    return ~select(older.c.id).where(in_its_basket, older.c.due_at.is_not(None), is_older, matters).exists()


_SELECT_DUE_FOR_UPDATE = leases.all_due(_events, _nothing_older_is_open())


def _state(plan: Plan) -> EventState:
    if plan is None:
        return EventState.TIMED
    if isinstance(plan, Skip):
        return EventState.SKIPPED
    return EventState.HELD if isinstance(plan, Hold) else EventState.PLANNED
