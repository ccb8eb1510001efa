"""Carts that have been quiet long enough, and the `cart_abandoned` event each becomes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, bindparam, case, func, or_, select, tuple_, update

from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import DueCarts, DueTimer, WaitingCart, WaitingCarts
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.queue import leases
from plugin.storage.queue.event_rows import event_row, insert_events
from plugin.storage.queue.timer_facts import TIMED
from plugin.storage.queue.timer_rows import REDELIVERY, TimerRows
from plugin.storage.queue.timer_writes import due
from plugin.storage.shops import shop_locks
from plugin.storage.shops.shops import ShopContext, SqlShops

log = structlog.get_logger()

CARTS_AT_ONCE: Final = 50  #: of one shop: its store is asked about them together
FOLLOWING_AT_ONCE: Final = 200  #: carts that follow changed settings in one transaction
UNREAD_TRIES: Final = 10  #: what stopped the workers more often is put aside, and nothing waits for it
LONGEST_HOLD: Final = timedelta(days=1)  #: after that only what arrived before a cart was due holds it back
JUST_NOW: Final = timedelta(seconds=2)  #: what usually is read in that time holds nothing back
A_MINUTE: Final = timedelta(minutes=1)
AWAY: Final = timedelta(minutes=2)  #: without any worker for longer, the stores' webhooks may have found nobody

_events, _timers, _people, _webhooks = tables.events, tables.timers, cart_tables.timer_people, tables.webhooks
_beats = cart_tables.worker_beats


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTimer(DueTimer):
    """A timer with the fence it was claimed at; moving the timer moves its fence."""

    fence: int


class SqlTimers:
    """`ports.Timers` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, shops: SqlShops) -> None:
        self._database, self._crypto, self._shops = database, crypto, shops
        self._rows = TimerRows(database, crypto)
        self._after = 0  #: the shop the last claim ended with

    def beat(self, *, now: datetime) -> int:
        with self._database.write() as connection:
            connection.execute(self._database.insert(_beats).values(id=1, at=now).on_conflict_do_nothing())
            before = connection.execute(select(_beats.c.at).where(_beats.c.id == 1).with_for_update()).scalar_one()
            connection.execute(update(_beats).where(_beats.c.id == 1, _beats.c.at < now).values(at=now))
            count = self._came_back(connection, now) if now - before > AWAY else 0
        if count:
            log.warning(
                "carts wait for what the stores send again", carts=count, minutes=REDELIVERY // A_MINUTE,
                away_seconds=int((now - before).total_seconds()),
            )  # fmt: skip
        return count

    def _came_back(self, connection: Connection, now: datetime) -> int:
        """Put off what waits; what is begun by what nobody has read yet is put off as it is set."""
        connection.execute(update(_beats).where(_beats.c.id == 1).values(back_at=now))
        return connection.execute(_PUT_OFF, {"until": now + REDELIVERY}).rowcount

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[DueCarts]:
        if leases.nothing_is_due(self._database, _timers, now):
            return ()
        due = _select_due_shops(now, self._shops.suspended.ids())
        with self._database.write() as connection:
            shop_ids = connection.execute(due, {"limit": limit, "after": self._after}).scalars().all()
            self._after = shop_ids[-1] if shop_ids else 0
            contexts = self._shops.contexts(connection, set(shop_ids))
            found = []
            for shop_id in shop_ids:
                context = contexts[shop_id]
                if isinstance(context, ShopContext):
                    rows = self._take(connection, context, now=now, lease=lease)
                    found.append(self._due_carts(connection, context, rows))
                else:
                    _put_aside(connection, shop_id, context, now)
        return [due_carts for due_carts in found if due_carts]

    def expire(self, timer: DueTimer, event: StoreEvent, *, now: datetime) -> bool:
        row = event_row(self._crypto, timer.shop.id, event, webhook_id=None, now=now)
        with self._database.write() as connection:
            is_held = leases.delete_held(connection, _timers, timer)
            if is_held:
                self._rows.note_end(connection, timer.shop.id, timer.event, timer.changed_at)
                insert_events(connection, [row])
        return is_held

    def postpone(self, timers: Iterable[DueTimer], *, until: datetime, now: datetime) -> None:
        with self._database.write() as connection:
            for timer in timers:
                values = {"due_at": until, "lease_until": None, "asked_at": timer.asked_at or now}
                leases.change_held(connection, _timers, timer, values)

    def follow(self, shop_id: int, *, now: datetime) -> int:
        count, last_id, number = 0, 0, FOLLOWING_AT_ONCE
        while number == FOLLOWING_AT_ONCE:
            with self._database.write() as connection:
                shop_locks.lock(connection, shop_id)
                context = self._shops.contexts(connection, {shop_id}).get(shop_id)
                its = {"its_shop": shop_id, "after_id": last_id}
                rows = connection.execute(_SELECT_TIMERS_OF_SHOP, its).mappings().all()
                if isinstance(context, ShopContext):
                    count += self._follow(connection, context, rows, now)
            number, last_id = len(rows), rows[-1]["id"] if rows else 0
        return count

    def waiting(self, shop_id: int, *, limit: int) -> WaitingCarts:
        with self._database.read() as connection:
            number = connection.execute(_COUNT_TIMERS, {"its_shop": shop_id}).scalar_one()
            rows = connection.execute(_SELECT_NEXT_TIMERS, {"its_shop": shop_id, "limit": limit}).mappings().all()

        def read(row: RowMapping) -> WaitingCart:
            event = self._crypto.open_event(row["body"])
            return WaitingCart(event=event, changed_at=row["happened_at"], due_at=row["due_at"])

        return WaitingCarts(number=number, carts=tuple(leases.each_readable(rows, "timer", read)))

    def _take(self, connection: Connection, context: ShopContext, *, now: datetime, lease: timedelta) -> Sequence[RowMapping]:
        """Lease due carts of one shop, but for those whose buyer has a newer one that rings soon: they wait for it."""
        shop_id = context.shop.id
        due_carts = leases.all_due(_timers, _timers.c.shop_id == shop_id, ~_is_blocked(now))
        rows = leases.take(connection, _timers, limit=CARTS_AT_ONCE, now=now, lease=lease, due=due_carts)
        route = context.settings.table.routes.get(EventKind.CART_ABANDONED)
        soon = now + timedelta(hours=route.window_hours if route else 0)
        newer = {
            id: due_at
            for id, due_at in connection.execute(_SELECT_NEWER_OF_BUYER, {"ids": [row["id"] for row in rows], "soon": soon})
            if due_at
        }
        for id, due_at in newer.items():
            values = {"due_at": max(due_at, now + A_MINUTE), "lease_until": None}
            connection.execute(update(_timers).where(_timers.c.id == id).values(values))
        return [row for row in rows if row["id"] not in newer]

    def _due_carts(self, connection: Connection, context: ShopContext, rows: Sequence[RowMapping]) -> DueCarts | None:
        found = select(_events.c.id, _events.c.body).where(AnyOf(_events.c.id, "ids"))
        bodies = {row.id: row.body for row in connection.execute(found, {"ids": [row["event_id"] for row in rows]})}

        def read(row: RowMapping) -> DueTimer:
            event = self._crypto.open_event(bodies[row["event_id"]])
            return ClaimedTimer(
                id=row["id"], shop=context.shop, event=event, changed_at=row["happened_at"], asked_at=row["asked_at"],
                fence=leases.fence_after(row),
            )  # fmt: skip

        carts = tuple(leases.each_readable(rows, "timer", read))
        if not carts:
            return None
        return DueCarts(shop=context.shop, settings=context.settings, access=context.access, carts=carts)

    def _follow(self, connection: Connection, context: ShopContext, rows: Sequence[RowMapping], now: datetime) -> int:
        route = context.settings.table.routes.get(EventKind.CART_ABANDONED)
        if route is None or not route.enabled:
            self._rows.close(connection, [dict(row) for row in rows], ReasonCode.SWITCHED_OFF, now=now)
            return len(rows)
        wait, moved = timedelta(minutes=route.wait_minutes), 0
        for row in rows:
            due_at = due(row["happened_at"], wait, row["not_before"])
            if due_at != row["due_at"] and row["asked_at"] is None:
                values = {"due_at": due_at, "lease_until": None, "fence": _timers.c.fence + 1}
                connection.execute(update(_timers).where(_timers.c.id == row["id"]).values(values))
                moved += 1
        return moved


def _put_aside(connection: Connection, shop_id: int, error: Misconfigured, now: datetime) -> None:
    """Come back to the carts of a shop that cannot be read: they must not stand before those of others."""
    log.error("cannot read what was stored", what="timer", shop=shop_id, reason=str(error))
    is_due = (_timers.c.shop_id == shop_id) & (_timers.c.due_at <= now)
    connection.execute(update(_timers).where(is_due).values(due_at=now + A_MINUTE))


def _is_blocked(now: datetime) -> ColumnElement[bool]:
    """Whether something of the shop is unread that arrived before this was due: an order, or a change of this cart.

    For a day also what arrived since then, unless that was just now: where much is unread, an order may be.
    """
    of_shop, is_lately_due = _timers.c.shop_id, _timers.c.due_at > now - LONGEST_HOLD

    def matters(arrived_at: ColumnElement[datetime]) -> ColumnElement[bool]:
        return or_(arrived_at <= _timers.c.due_at, and_(is_lately_due, arrived_at <= now - JUST_NOW))

    unread = select(_webhooks.c.id).where(
        _webhooks.c.shop_id == of_shop,
        _webhooks.c.due_at.is_not(None),
        _webhooks.c.tries <= UNREAD_TRIES,
        matters(_webhooks.c.received_at),
    )
    told_at = select(_webhooks.c.received_at).where(_webhooks.c.id == _events.c.webhook_id).scalar_subquery()
    unplanned = select(_events.c.id).where(
        _events.c.shop_id == of_shop,
        _events.c.due_at.is_not(None),
        _events.c.kind.in_(TIMED),
        _events.c.tries <= UNREAD_TRIES,
        matters(func.coalesce(told_at, _events.c.created_at)),
    )
    return or_(unread.exists(), unplanned.exists())


def _select_due_shops(now: datetime, suspended: Collection[int]) -> Select[Any]:
    """Shops with something that may ring, whose store nobody else is just asking, in turn: from those after one on."""
    asked = _timers.alias("asked")
    is_asked = select(asked.c.id).where(asked.c.shop_id == _timers.c.shop_id, asked.c.lease_until > now).exists()
    is_due = and_(_timers.c.due_at <= now, or_(_timers.c.lease_until.is_(None), _timers.c.lease_until <= now))
    query = (
        select(_timers.c.shop_id)
        .where(is_due, ~is_asked, ~_is_blocked(now), _timers.c.shop_id.not_in(suspended))
        .group_by(_timers.c.shop_id)
    )
    has_been = case((_timers.c.shop_id > bindparam("after"), 0), else_=1)
    return query.order_by(has_been, _timers.c.shop_id).limit(bindparam("limit"))


def _select_newer_of_buyer() -> Select[Any]:
    """For each of these carts, when a newer one of its buyer rings that does so soon; empty without any."""
    own, other, newer = _people.alias("own"), _people.alias("other"), _timers.alias("newer")
    is_newer = tuple_(newer.c.happened_at, newer.c.id) > tuple_(_timers.c.happened_at, _timers.c.id)
    rings = (
        select(newer.c.due_at)
        .select_from(own)
        .join(other, and_(other.c.shop_id == own.c.shop_id, other.c.hash == own.c.hash))
        .join(newer, newer.c.id == other.c.timer_id)
        .where(own.c.timer_id == _timers.c.id, is_newer, newer.c.due_at < bindparam("soon", type_=Moment()))
        .limit(1)
        .correlate(_timers)
    )
    return select(_timers.c.id, rings.scalar_subquery()).where(AnyOf(_timers.c.id, "ids"))


_SELECT_NEWER_OF_BUYER = _select_newer_of_buyer()
_PUT_OFF = (
    update(_timers)
    .where(_timers.c.due_at < bindparam("until", type_=Moment()))
    .values(
        due_at=bindparam("until", type_=Moment()), not_before=bindparam("until", type_=Moment()), lease_until=None,
        fence=_timers.c.fence + 1,
    )
)  # fmt: skip
_WITH_EVENT = select(_timers, _events.c.body).join(_events, _events.c.id == _timers.c.event_id)
_WITH_EVENT = _WITH_EVENT.where(_timers.c.shop_id == bindparam("its_shop"))
_SELECT_TIMERS_OF_SHOP = _WITH_EVENT.where(_timers.c.id > bindparam("after_id")).order_by(_timers.c.id).limit(FOLLOWING_AT_ONCE)
_SELECT_NEXT_TIMERS = _WITH_EVENT.order_by(_timers.c.due_at, _timers.c.id).limit(bindparam("limit"))
_COUNT_TIMERS = select(func.count()).select_from(_timers).where(_timers.c.shop_id == bindparam("its_shop"))
