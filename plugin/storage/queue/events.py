"""Store events between translation and planning."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select, tuple_

from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.share import WHOLE, Share
from plugin.domain.states import EventState
from plugin.ports import EndTimers, KnownEvent, Overtaken, PastEvent, Plan, SetTimer, StoredEvent
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.group_commit import GroupCommit
from plugin.storage.queue import leases
from plugin.storage.queue.cart_marks import CartMarks
from plugin.storage.queue.plans import Decided, DeliveryIndex, Plans
from plugin.storage.queue.postponing import Postponed, postpone
from plugin.storage.queue.seen import ObjectQuery, SeenSnapshot, opened, query_of, rows_of
from plugin.storage.queue.shop_contexts import context_of, skip_uninstalled, unreadable
from plugin.storage.queue.shops_in_turn import ShopsInTurn
from plugin.storage.queue.unsent_carts import CARTS
from plugin.storage.shops.shops import SqlShops
from plugin.turns import giving_way

PATIENCE_SECONDS = 15.0  #: for what comes back when its lease has run out
PAUSE_SECONDS = 0.02  #: what is decided so close together shares a commit

LOOKED_AT = 50  #: the newest events of a kind whose webhooks may be gone before one is found that is there

_events, _deliveries, _webhooks = tables.events, tables.deliveries, tables.webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEvent(StoredEvent):
    """An event with the fence it was claimed at."""

    fence: int


class SqlEvents:
    """`ports.Events` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops, *, index: DeliveryIndex) -> None:
        self._database, self._crypto, self._shops = database, crypto, shops
        self._marks = CartMarks(crypto)
        self._turns = ShopsInTurn(database, _events, _nothing_older_is_open())
        patience = {"patience_seconds": PATIENCE_SECONDS}
        self._plans = GroupCommit(Plans(database, crypto, index=index).keep, **patience, pause_seconds=PAUSE_SECONDS)
        self._postpone = GroupCommit(self._postpone_together, **patience)
        self._look = GroupCommit(self._look_together, **patience)

    def claim(self, *, limit: int, now: datetime, lease: timedelta, share: Share = WHOLE) -> Sequence[StoredEvent]:
        # What nobody can read stays leased, however much of it is due: behind it may be what somebody can.
        return leases.first_readable(lambda: self._take(limit=limit, now=now, lease=lease, share=share))

    def _take(self, *, limit: int, now: datetime, lease: timedelta, share: Share) -> tuple[int, Sequence[StoredEvent]]:
        """How many were taken, and those of them that can be read."""
        share = share.without(self._shops.suspended.ids())
        with self._turns.taking(limit=limit, now=now, lease=lease, share=share) as (connection, rows):
            if not rows:
                return 0, ()
            contexts = self._shops.contexts(connection, {row["shop_id"] for row in rows})
            rows = skip_uninstalled(connection, _events, rows, contexts, now=now)
            leases.not_tried(connection, _events, unreadable(rows, contexts))

        def read(row: Mapping[Any, Any]) -> StoredEvent:
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

    def lately(self, shop_id: int, *, since: datetime, most: int) -> Sequence[StoreEvent]:
        newest = select(_deliveries.c.event_id, _deliveries.c.created_at).where(_deliveries.c.shop_id == shop_id)
        newest_ids = newest.order_by(_deliveries.c.id.desc()).limit(most).subquery()
        # No condition but the number: however few of a million fit, no more than so many rows are looked at.
        query = select(_events.c.id, _events.c.body).join_from(newest_ids, _events, _events.c.id == newest_ids.c.event_id)
        query = query.where(_events.c.shop_id == shop_id, _events.c.body.is_not(None), _events.c.emptied_at.is_(None))
        with self._database.read() as connection:
            rows = connection.execute(query.where(newest_ids.c.created_at >= since)).all()
        bodies = {row.id: row.body for row in rows}  # an event may have a delivery for each line
        return [event for body in giving_way(bodies.values()) if (event := self._readable(body))]

    def _readable(self, body: bytes) -> StoreEvent | None:
        try:
            return self._crypto.open_event(body)
        except Misconfigured:
            return None

    def body_of(self, shop_id: int, event_id: int) -> bytes | None:
        return self._body_of_newest(shop_id, _events.c.id == event_id)

    def newest_body(self, shop_id: int, kinds: Collection[EventKind]) -> bytes | None:
        return self._body_of_newest(shop_id, _events.c.kind.in_([kind.value for kind in kinds]))

    def _body_of_newest(self, shop_id: int, is_it: ColumnElement[bool]) -> bytes | None:
        """The newest webhook that is still there of those that told these events."""
        newest = select(_events.c.webhook_id).where(_events.c.shop_id == shop_id, is_it, _events.c.webhook_id.is_not(None))
        newest = newest.order_by(_events.c.id.desc()).limit(LOOKED_AT)
        with self._database.read() as connection:
            ids = connection.execute(newest).scalars().all()
            is_there = (_webhooks.c.id.in_(ids), _webhooks.c.shop_id == shop_id, _webhooks.c.body.is_not(None))
            query = select(_webhooks.c.body).where(*is_there).order_by(_webhooks.c.id.desc()).limit(1)
            sealed = connection.execute(query).scalar()
        return self._crypto.open(sealed) if sealed else None

    def planned(
        self, stored: StoredEvent, event: StoreEvent, plan: Plan, *,
        timers: Sequence[SetTimer | EndTimers], now: datetime, unless: Overtaken | None = None,
    ) -> Plan:  # fmt: skip
        decided = Decided(stored=stored, event=event, plan=plan, timers=timers, now=now, unless=unless)
        kept = self._plans(decided.sealed(self._crypto))
        if isinstance(kept, Exception):
            raise kept
        return kept

    def postpone(self, stored: StoredEvent, *, until: datetime, is_try: bool = True) -> None:
        self._postpone(Postponed(stored, until=until, tries=stored.tries if is_try else stored.tries - 1))

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        with self._database.read() as connection:
            return SeenSnapshot(connection, self._marks, self._crypto).bought_at(shop_id, keys)

    def reminded_at(self, shop_id: int, keys: Iterable[str], *, besides: int) -> datetime | None:
        with self._database.read() as connection:
            return SeenSnapshot(connection, self._marks, self._crypto).reminded_at(shop_id, keys, besides=besides)

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        with self._database.read() as connection:
            return SeenSnapshot(connection, self._marks, self._crypto).newest_at(shop_id, kind, object_id)

    def known(
        self, shop_id: int, object_id: str, kinds: Collection[EventKind], states: Collection[EventState]
    ) -> Iterator[KnownEvent]:
        return opened(self._crypto, self._look(query_of(self._crypto, shop_id, object_id, kinds, states)))

    def _postpone_together(self, group: Sequence[Postponed]) -> Sequence[None]:
        with self._database.write() as connection:
            postpone(connection, group)
        return [None] * len(group)

    def _look_together(self, queries: Sequence[ObjectQuery]) -> Sequence[Sequence[RowMapping]]:
        with self._database.read() as connection:
            found = rows_of(connection, set(queries))
        return [found[query] for query in queries]


def _nothing_older_is_open() -> ColumnElement[bool]:
    """Nothing of an event's basket that happened earlier is still to be prepared: it would arrive after this one.

    An order waits for no cart: the purchase skips it, wherever it is.
    """
    older = _events.alias("older")
    in_its_basket = (older.c.shop_id == _events.c.shop_id) & (older.c.basket == _events.c.basket) & (_events.c.basket != "")
    is_older = tuple_(older.c.happened_at, older.c.id) < tuple_(_events.c.happened_at, _events.c.id)
    matters = older.c.kind.not_in(CARTS) | _events.c.kind.in_(CARTS)
    return ~select(older.c.id).where(in_its_basket, older.c.due_at.is_not(None), is_older, matters).exists()
