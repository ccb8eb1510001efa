"""The carts that wait to be called abandoned, and what ends their wait.

One basket has one timer, under every name the basket goes by; its buyer's names lead to all timers of theirs. The callers
hold the shop's row (`shops.lock`), so that two workers never make two timers of one basket.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from plugin.domain.carts import Purchase, is_settled_by
from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import EventState
from plugin.pipeline.hold import abandoned
from plugin.ports import EndTimers, SetTimer
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.claim_columns import NOT_HELD
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.db.engine import Database
from plugin.storage.queue import unsent_carts
from plugin.storage.queue.cart_marks import CartMarks, Mark
from plugin.storage.queue.event_rows import event_row

log = structlog.get_logger()

REDELIVERY: Final = timedelta(minutes=15)  #: by then the stores have sent again what found nobody

TIMED = tuple(kind.value for kind, traits in KINDS.items() if traits.starts_timer)

_events, _timers, _keys, _people = tables.events, tables.timers, tables.timer_keys, cart_tables.timer_people


class TimerRows:
    """Sets, moves and ends timers within a caller's transaction."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self.marks = CartMarks(database, crypto)

    def apply(
        self,
        connection: Connection,
        shop_id: int,
        change: SetTimer | EndTimers,
        *,
        event_id: int,
        event: StoreEvent,
        now: datetime,
    ) -> None:
        """Do what this event means for the carts that wait."""
        hashes = self.marks.hashes(shop_id, change.keys)
        if isinstance(change, EndTimers):
            self.end(connection, shop_id, change, now=now)
            return
        change = _put_off(connection, change, now)
        if change.only_moves:
            for row in self._named(connection, shop_id, hashes):
                self._advance(connection, row, change, event.happened_at)
            return
        waits = self._named(connection, shop_id, hashes)
        # The storefront may have told a newer change, of a cart nobody was known to wait for yet.
        changed_at = max(event.happened_at, self._changed_at(connection, shop_id, change.keys) or event.happened_at)
        if self._is_bought(connection, shop_id, hashes, change.people, event, waits, changed_at):
            self.close(connection, shop_id, waits, ReasonCode.BOUGHT, now=now)
        elif waits or not self._is_old(connection, shop_id, hashes, event):
            self._set(connection, shop_id, hashes, change, event_id, event, waits, changed_at)

    def end(self, connection: Connection, shop_id: int, change: EndTimers, *, now: datetime) -> None:
        """End the wait of a basket that is none any more, unless it changed since."""
        hashes = self.marks.hashes(shop_id, change.keys)
        older = [row for row in self._named(connection, shop_id, hashes) if row["happened_at"] <= change.at]
        # A deleted checkout takes a cart with it only where no other checkout of that cart has been begun.
        is_deleted = change.code is ReasonCode.CHECKOUT_CLOSED
        ended = [row for row in older if not is_deleted or row["basket"] in hashes or _is_a_cart(change)]
        self.close(connection, shop_id, ended, change.code, now=now)
        self.marks.note(connection, shop_id, hashes, Mark.OVER, at=change.at, event_id=None)

    def buy(self, connection: Connection, shop_id: int, purchase: Purchase, *, now: datetime) -> None:
        """End the wait of what was bought and of what its buyer had begun before; remember both."""
        hashes, people = self.marks.hashes(shop_id, purchase.keys), self.marks.hashes(shop_id, purchase.people)
        bought = self._named(connection, shop_id, hashes)
        names = [*hashes, *(_names_of(connection, shop_id, [row["id"] for row in bought]) if bought else ())]
        settled = self._settled(connection, shop_id, people, purchase.placed_at) if purchase.placed_at else []
        self.close(connection, shop_id, {row["id"]: row for row in (*bought, *settled)}.values(), ReasonCode.BOUGHT, now=now)
        self.marks.bought(connection, shop_id, names, at=purchase.placed_at or now)
        if purchase.placed_at:
            self.marks.bought(connection, shop_id, people, at=purchase.placed_at)
        # What was about to be said of this cart is not said any more: the purchase leaves before it.
        unsent_carts.skip_of_baskets(connection, shop_id, names)

    def close(
        self,
        connection: Connection,
        shop_id: int,
        rows: Collection[RowMapping],
        why_not: ReasonCode,
        *,
        now: datetime,
    ) -> None:
        """End these waits; the event each becomes says in the log why no reminder leaves."""
        told = []
        for row in rows:
            try:
                event = abandoned(self._crypto.open_event(row["body"]), changed_at=row["happened_at"], why_not=why_not)
            except Misconfigured:  # another version wrote it
                log.error("cannot read what was stored", what="timer", id=row["id"], shop=shop_id)
                continue
            told.append(event_row(self._crypto, shop_id, event, webhook_id=None, now=now))
            self.note_end(connection, shop_id, event, row["happened_at"])
        if rows:
            connection.execute(_DELETE_TIMERS, {"its_shop": shop_id, "ids": [row["id"] for row in rows]})
            self._database.insert_new(connection, _events, told)

    def note_end(self, connection: Connection, shop_id: int, event: StoreEvent, changed_at: datetime) -> None:
        """Remember up to which change the wait of this event's basket knew it: an older one begins no other."""
        hashes = self.marks.hashes(shop_id, event.basket.keys if event.basket else ())
        self.marks.note(connection, shop_id, hashes, Mark.OVER, at=changed_at, event_id=None)

    def _settled(
        self, connection: Connection, shop_id: int, people: Sequence[str], placed_at: datetime
    ) -> Sequence[RowMapping]:
        """The waits of this person's baskets that were begun before they placed that order."""
        rows = connection.execute(_SELECT_TIMERS_OF_PEOPLE, {"its_shop": shop_id, "hashes": people}).mappings().all()
        return [row for row in rows if is_settled_by(placed_at, begun_at=_begun(row), changed_at=row["happened_at"])]

    def _is_old(self, connection: Connection, shop_id: int, hashes: Sequence[str], event: StoreEvent) -> bool:
        """Whether this change is older than what ended the basket's last wait, or than what was told of it and began none."""
        over_at = self.marks.last(connection, shop_id, hashes, Mark.OVER)
        its = {"its_shop": shop_id, "its_object": index_key(event.object_id)}
        told_at = connection.execute(_SELECT_LAST_TOLD, its).scalar()
        return bool((over_at and event.happened_at <= over_at) or (told_at and event.happened_at < told_at))

    def _is_bought(
        self,
        connection: Connection,
        shop_id: int,
        hashes: Sequence[str],
        people: Sequence[str],
        event: StoreEvent,
        waits: Sequence[RowMapping],
        changed_at: datetime,
    ) -> bool:
        """Whether the basket was bought, or its buyer, by names that may be new, has ordered since they began it."""
        if bought_at := self.marks.bought_at(connection, shop_id, hashes):
            self.marks.bought(connection, shop_id, hashes, at=bought_at)  # under every name it goes by
            return True
        placed_at = self.marks.bought_at(connection, shop_id, self.marks.hashes(shop_id, people))
        begun_at = min([event.begun_at or event.happened_at, *map(_begun, waits)])
        newest = max([changed_at, *(row["happened_at"] for row in waits)])
        return placed_at is not None and is_settled_by(placed_at, begun_at=begun_at, changed_at=newest)

    def _set(
        self,
        connection: Connection,
        shop_id: int,
        hashes: Sequence[str],
        change: SetTimer,
        event_id: int,
        event: StoreEvent,
        found: Sequence[RowMapping],
        changed_at: datetime,
    ) -> None:
        known = found[0] if found else None
        begun_at = min([event.begun_at or event.happened_at, *(_begun(row) for row in found)])
        if known is None:
            due_at = due(changed_at, change.wait, change.not_before)
            row = {"shop_id": shop_id, "event_id": event_id, "begun_at": begun_at, "happened_at": changed_at}
            row |= {"due_at": due_at, "not_before": change.not_before}
            timer_id = connection.execute(insert(_timers).values(row).returning(_timers.c.id)).scalar_one()
        else:
            timer_id = known["id"]
            self._join(connection, shop_id, timer_id, [row["id"] for row in found[1:]])
            newest = event_id if event.happened_at >= known["told_at"] else known["event_id"]
            connection.execute(_UPDATE_TIMER, {"its_id": timer_id, "new_event": newest, "new_begun": begun_at})
            self._advance(connection, known, change, changed_at)
        self._name(connection, shop_id, timer_id, hashes, self.marks.hashes(shop_id, change.people))

    def _name(self, connection: Connection, shop_id: int, timer_id: int, hashes: Sequence[str], people: Sequence[str]) -> None:
        for table, names in ((_keys, hashes), (_people, people)):
            rows = [{"shop_id": shop_id, "hash": hash, "timer_id": timer_id} for hash in names]
            if rows:
                connection.execute(self._database.insert(table).values(rows).on_conflict_do_nothing())

    def _advance(self, connection: Connection, row: RowMapping, change: SetTimer, changed_at: datetime) -> None:
        """Let a wait go on longer, if this is newer than what it knows."""
        if changed_at <= row["happened_at"]:
            return
        not_before = max((moment for moment in (row["not_before"], change.not_before) if moment), default=None)
        values = {"happened_at": changed_at, "due_at": due(changed_at, change.wait, not_before), "not_before": not_before}
        # The fence grows, so that a worker that is about to expire the old wait no longer can.
        values |= NOT_HELD | {"asked_at": None, "fence": _timers.c.fence + 1}
        connection.execute(update(_timers).where(_timers.c.id == row["id"]).values(values))

    def _join(self, connection: Connection, shop_id: int, kept: int, others: Sequence[int]) -> None:
        """Make one wait of those that turn out to be of one basket."""
        if not others:
            return
        connection.execute(update(_keys).where(_keys.c.timer_id.in_(others)).values(timer_id=kept))
        people = select(_people.c.hash).where(_people.c.timer_id.in_(others)).distinct()
        self._name(connection, shop_id, kept, (), connection.execute(people).scalars().all())
        connection.execute(delete(_timers).where(_timers.c.id.in_(others)))

    def _named(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> Sequence[RowMapping]:
        """The waits under any of these names of a basket, the newest first."""
        return connection.execute(_SELECT_TIMERS_BY_NAME, {"its_shop": shop_id, "hashes": hashes}).mappings().all()

    def _changed_at(self, connection: Connection, shop_id: int, keys: Sequence[str]) -> datetime | None:
        """The newest change that was told of anything that goes by these names."""
        ids = [index_key(key.partition(":")[2]) for key in keys]
        return connection.execute(_SELECT_LAST_CHANGE, {"its_shop": shop_id, "ids": ids}).scalar()


def due(changed_at: datetime, wait: timedelta, not_before: datetime | None) -> datetime:
    """When a cart that changed then rings."""
    return max(changed_at + wait, not_before or changed_at)


def _put_off(connection: Connection, change: SetTimer, now: datetime) -> SetTimer:
    """The same, after a time without any worker no sooner than what the stores send again may have arrived."""
    back_at = connection.execute(_SELECT_BACK_AT).scalar()
    if back_at is None or back_at + REDELIVERY <= now:
        return change
    return replace(change, not_before=max(back_at + REDELIVERY, change.not_before or now))


def _begun(row: RowMapping) -> datetime:
    begun_at: datetime = row["begun_at"] or row["happened_at"]
    return begun_at


def _is_a_cart(change: EndTimers) -> bool:
    return all(not key.startswith("checkout:") for key in change.keys)


def _names_of(connection: Connection, shop_id: int, timer_ids: Sequence[int]) -> Sequence[str]:
    """Every name of the baskets of these waits."""
    return connection.execute(_SELECT_NAMES, {"its_shop": shop_id, "ids": timer_ids}).scalars().all()


_SHOWN = (_timers, _events.c.body, _events.c.basket, _events.c.happened_at.label("told_at"))
_DELETE_TIMERS = delete(_timers).where(_timers.c.shop_id == bindparam("its_shop"), AnyOf(_timers.c.id, "ids"))
_UPDATE_TIMER = (
    update(_timers)
    .where(_timers.c.id == bindparam("its_id"))
    .values(event_id=bindparam("new_event"), begun_at=bindparam("new_begun"))
)
_SELECT_TIMERS_BY_NAME = (
    select(*_SHOWN)
    .join(_events, _events.c.id == _timers.c.event_id)
    .where(
        _timers.c.id.in_(
            select(_keys.c.timer_id).where(_keys.c.shop_id == bindparam("its_shop"), AnyOf(_keys.c.hash, "hashes"))
        )
    )
    .order_by(_timers.c.happened_at.desc(), _timers.c.id.desc())
)
_SELECT_TIMERS_OF_PEOPLE = (
    select(*_SHOWN)
    .join(_events, _events.c.id == _timers.c.event_id)
    .where(
        _timers.c.id.in_(
            select(_people.c.timer_id).where(_people.c.shop_id == bindparam("its_shop"), AnyOf(_people.c.hash, "hashes"))
        )
    )
    .order_by(_timers.c.id)
)
_SELECT_NAMES = select(_keys.c.hash).where(_keys.c.shop_id == bindparam("its_shop"), AnyOf(_keys.c.timer_id, "ids"))
_SELECT_BACK_AT = select(cart_tables.worker_beats.c.back_at).where(cart_tables.worker_beats.c.id == 1)
_SELECT_LAST_TOLD = select(func.max(_events.c.happened_at)).where(
    _events.c.shop_id == bindparam("its_shop"),
    _events.c.object_id == bindparam("its_object"),
    _events.c.kind.in_(TIMED),
    _events.c.state != EventState.NEW.value,
)
_SELECT_LAST_CHANGE = select(func.max(_events.c.happened_at)).where(
    _events.c.shop_id == bindparam("its_shop"), AnyOf(_events.c.object_id, "ids"), _events.c.kind.in_(TIMED)
)
