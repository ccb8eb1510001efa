"""Store events between translation and planning, and the timers that become events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, bindparam, func, select, tuple_

from plugin.domain.delivery import Hold, Skip
from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.ports import DueTimer, EndTimers, Overtaken, PastEvent, Plan, SetTimer, StoredEvent
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.db.engine import Database
from plugin.storage.log.search_terms import SearchTerms
from plugin.storage.queue import destinations, leases
from plugin.storage.queue.delivery_rows import delivery_rows
from plugin.storage.queue.event_rows import event_facts, event_row
from plugin.storage.queue.timers import CARTS, Timers
from plugin.storage.shops import shops
from plugin.storage.shops.shops import ShopContext, SqlShops

_events, _timers = tables.events, tables.timers


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEvent(StoredEvent):
    """An event with the fence it was claimed at."""

    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTimer(DueTimer):
    """A timer with the fence it was claimed at; moving the timer moves its fence."""

    fence: int


@dataclass(frozen=True, slots=True)
class SeenSnapshot:
    """`ports.PurchaseHistory` within one transaction."""

    connection: Connection
    timers: Timers

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        return self.timers.bought_at(self.connection, shop_id, self.timers.hashes(shop_id, keys))

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        its = {"its_shop": shop_id, "its_object": index_key(object_id), "its_kind": kind.value}
        newest: datetime | None = self.connection.execute(_NEWEST_AT, its).scalar()
        return newest


class SqlEvents:
    """`ports.Events` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops) -> None:
        self._database, self._crypto, self._shops = database, crypto, shops
        self._timers, self._words = Timers(database, crypto), SearchTerms(database, crypto)

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[StoredEvent]:
        if leases.nothing_is_due(self._database, _events, now):
            return ()
        # What nobody can read is let be, however much of it is due: behind it may be what somebody can.
        return leases.first_readable(lambda: self._take(limit=limit, now=now, lease=lease))

    def _take(self, *, limit: int, now: datetime, lease: timedelta) -> tuple[int, Sequence[StoredEvent]]:
        """How many were taken, and those of them that can be read."""
        with self._database.write() as connection:
            rows = leases.take(connection, _events, limit=limit, now=now, lease=lease, due=_DUE)
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
        query = select(_events.c.id, _events.c.body, _events.c.created_at)
        query = query.where(_events.c.shop_id == shop_id, _events.c.body.is_not(None), _events.c.emptied_at.is_(None))
        query = query if kind is None else query.where(_events.c.kind == kind.value)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_events.c.id.desc()).limit(limit)).all()
        return [PastEvent(id=row.id, event=self._crypto.open_event(row.body), created_at=row.created_at) for row in rows]

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
            if not self._update_held(connection, stored, facts | {"state": _state(plan)} | leases.CLOSED):
                return plan
            new = self._database.insert_new(connection, tables.deliveries, rows)
            self._words.write(connection, shop_id, event, new, now=now)
            rates = {row["destination"]: stored.settings.account.rate_per_second for row in rows if row["state"] == "waiting"}
            for change in timers:
                self._timers.apply(connection, shop_id, change, event_id=stored.id, event=event)
            destinations.wake(connection, self._database, rates, now=now)
        return plan

    def postpone(self, stored: StoredEvent, *, until: datetime) -> None:
        with self._database.write() as connection:
            self._update_held(connection, stored, leases.NOT_HELD | {"due_at": until})

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        with self._database.read() as connection:
            return self._seen(connection).bought_at(shop_id, keys)

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        with self._database.read() as connection:
            return self._seen(connection).newest_at(shop_id, kind, object_id)

    def due_timers(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[DueTimer]:
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

    def ring(self, timer: DueTimer, event: StoreEvent, *, now: datetime) -> None:
        shop_id = timer.shop.id
        row = event_row(self._crypto, shop_id, event, webhook_id=None, now=now)
        with self._database.write() as connection:
            if leases.delete_held(connection, _timers, timer):
                self._database.insert_new(connection, _events, [row])

    def _seen(self, connection: Connection) -> "SeenSnapshot":
        return SeenSnapshot(connection, self._timers)

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


# Said once, because putting such a statement together costs more than running it.
_DUE = leases.all_due(_events, _nothing_older_is_open())
_NEWEST_AT = select(func.max(_events.c.happened_at)).where(
    _events.c.shop_id == bindparam("its_shop"),
    _events.c.object_id == bindparam("its_object"),
    _events.c.kind == bindparam("its_kind"),
    _events.c.state == "planned",
)


def context_of(row: RowMapping, contexts: dict[int, ShopContext | Misconfigured]) -> ShopContext:
    """The shop a claimed row belongs to; raises what was wrong with it."""
    context = contexts[row["shop_id"]]
    if isinstance(context, Misconfigured):
        raise context
    return context


def skip_uninstalled(
    connection: Connection,
    table: Table,
    rows: Sequence[RowMapping],
    contexts: dict[int, ShopContext | Misconfigured],
    *,
    now: datetime,
) -> Sequence[RowMapping]:
    """Close the rows of shops that are gone; those that stay."""
    gone = [row["id"] for row in rows if isinstance(context := contexts[row["shop_id"]], ShopContext) and context.has_left]
    if gone:
        shops.skip_left(connection, table, table.c.id.in_(gone), now=now)
    return [row for row in rows if row["id"] not in gone]


def _state(plan: Plan) -> str:
    if plan is None:
        return "timed"
    if isinstance(plan, Skip):
        return "skipped"
    return "held" if isinstance(plan, Hold) else "planned"
