"""The carts that wait to be called abandoned, and what ends their wait.

One basket has one timer, under every name the basket goes by; its buyer's names lead to all timers of theirs. The callers
hold the shops' rows (`shops.lock`), so that two workers never make two timers of one basket.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, delete

from plugin.domain.carts import Purchase, is_settled_by
from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.reason_codes import ReasonCode
from plugin.pipeline.hold import abandoned
from plugin.ports import EndTimers, SetTimer
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.together import Changes
from plugin.storage.queue import timer_facts, unsent_carts
from plugin.storage.queue.cart_marks import CartMarks, Mark, Name
from plugin.storage.queue.event_rows import event_row, insert_events
from plugin.storage.queue.timer_facts import CartChange, TimerFacts, Wait
from plugin.storage.queue.timer_writes import TimerWrites, join

log = structlog.get_logger()

REDELIVERY: Final = timedelta(minutes=15)  #: by then the stores have sent again what found nobody

_events, _timers = tables.events, tables.timers


class TimerRows:
    """Sets, moves and ends timers within a caller's transaction."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self.marks = CartMarks(crypto)

    def change_of(self, shop_id: int, change: SetTimer, *, event_id: int, event: StoreEvent) -> CartChange:
        """The change with the hashes of its names."""
        hashes, people = self.marks.hashes(shop_id, change.keys), self.marks.hashes(shop_id, change.people)
        return CartChange(shop_id=shop_id, change=change, event_id=event_id, event=event, hashes=hashes, people=people)

    def apply(self, connection: Connection, changes: Sequence[CartChange], *, last: Changes, now: datetime) -> None:
        """Do what these events mean for the carts that wait. No two of them are of one basket.

        What nothing here depends on is left to the caller's last changes.
        """
        if not changes:
            return
        facts, writes = timer_facts.read(connection, self._crypto, changes), TimerWrites()
        for one in changes:
            put_off = replace(one, change=_put_off(one.change, facts.back_at, now))
            if one.change.only_moves:
                for row in facts.waits_of(one):
                    writes.advance(row, put_off.change, one.event.happened_at)
            else:
                self._apply(connection, put_off, facts, writes, now)
        writes.run(connection, last)

    def _apply(self, connection: Connection, one: CartChange, facts: TimerFacts, writes: TimerWrites, now: datetime) -> None:
        waits = facts.waits_of(one)
        # The storefront may have told a newer change, of a cart nobody was known to wait for yet.
        changed_at = facts.changed_at(one)
        begun_at = min([one.event.begun_at or one.event.happened_at, *map(_begun, waits)])
        if bought_at := facts.basket_bought_at(one):
            self.marks.bought(connection, dict.fromkeys(one.names, bought_at))  # under every name it goes by
        if bought_at or _is_settled(facts, one, waits, begun_at, changed_at):
            self.close(connection, waits, ReasonCode.BOUGHT, now=now)
        elif waits:
            join(connection, waits[0], waits[1:])
            writes.tell(one, waits, begun_at=begun_at)
            writes.advance(waits[0], one.change, changed_at)
        elif not facts.is_old(one):
            writes.begin(one, begun_at=begun_at, changed_at=changed_at)

    def end(self, connection: Connection, shop_id: int, change: EndTimers, *, now: datetime) -> None:
        """End the wait of a basket that is none any more, unless something that could begin one was told of it since.

        What only moves a wait keeps none: else it would matter in which order the two are read.
        """
        hashes = self.marks.hashes(shop_id, change.keys)
        rows = _each_once(timer_facts.named(connection, {(shop_id, hash) for hash in hashes}).values())
        older = [row for row in rows if row["told_at"] <= change.at]
        # A deleted checkout takes a cart with it only where no other checkout of that cart has been begun.
        is_deleted = change.code is ReasonCode.CHECKOUT_CLOSED
        ended = [row for row in older if not is_deleted or row["basket"] in hashes or _is_a_cart(change)]
        self.close(connection, ended, change.code, now=now, until=change.at)
        self.marks.note(connection, shop_id, hashes, Mark.OVER, at=change.at, event_id=None)

    def buy(self, connection: Connection, purchases: Sequence[tuple[int, Purchase]], *, now: datetime) -> None:
        """End the waits of what was bought in these shops and of what its buyers had begun before; remember both."""
        if not purchases:
            return
        named = [
            _Named(*one, self.marks.hashes(one[0], one[1].keys), self.marks.hashes(one[0], one[1].people)) for one in purchases
        ]
        of_baskets, of_people = timer_facts.of_both(
            connection, {name for one in named for name in one.names}, {name for one in named for name in one.people}
        )
        bought = {row["id"]: row for rows in of_baskets.values() for row in rows}
        settled = {row["id"]: row for one in named for row in one.settled(of_people)}
        baskets: dict[Name, datetime] = {}
        names_of = timer_facts.names_of(connection, bought.values())
        for one in named:
            ids = {row["id"] for name in one.names for row in of_baskets.get(name, ())}
            names = [*one.names, *(name for timer_id in ids for name in names_of.get(timer_id, ()))]
            _note_latest(baskets, names, one.purchase.placed_at or now)
        self.close(connection, (bought | settled).values(), ReasonCode.BOUGHT, now=now)
        moments = dict(baskets)
        for one in named:
            if one.purchase.placed_at:
                _note_latest(moments, one.people, one.purchase.placed_at)
        self.marks.bought(connection, moments)
        # What was about to be said of these carts is not said any more: the purchase leaves before it.
        unsent_carts.skip_of_baskets(connection, baskets)

    def close(
        self,
        connection: Connection,
        rows: Collection[Wait],
        why_not: ReasonCode,
        *,
        now: datetime,
        until: datetime | None = None,
    ) -> None:
        """End these waits; the event each becomes says in the log why no reminder leaves.

        `until`: what ended them happened then, and what is newer may begin another.
        """
        if not rows:
            return
        told, bodies = [], timer_facts.bodies(connection, rows)
        for row in rows:
            shop_id = row["shop_id"]
            try:
                newest = self._crypto.open_event(bodies[row["event_id"]])
            except Misconfigured:  # another version wrote it
                log.error("cannot read what was stored", what="timer", id=row["id"], shop=shop_id)
                continue
            changed_at = min(row["happened_at"], until or row["happened_at"])
            event = abandoned(newest, changed_at=changed_at, why_not=why_not)
            told.append(event_row(self._crypto, shop_id, event, webhook_id=None, now=now))
            self.note_end(connection, shop_id, event, changed_at)
        its = {"shop_ids": sorted({row["shop_id"] for row in rows}), "ids": [row["id"] for row in rows]}
        connection.execute(_DELETE_TIMERS, its)
        insert_events(connection, told)

    def note_end(self, connection: Connection, shop_id: int, event: StoreEvent, changed_at: datetime) -> None:
        """Remember up to which change the wait of this event's basket knew it: an older one begins no other."""
        hashes = self.marks.hashes(shop_id, event.basket.keys if event.basket else ())
        self.marks.note(connection, shop_id, hashes, Mark.OVER, at=changed_at, event_id=None)


@dataclass(frozen=True, slots=True)
class _Named:
    """A purchase with the hashes of its names."""

    shop_id: int
    purchase: Purchase
    keys: Sequence[str]
    buyers: Sequence[str]

    @property
    def names(self) -> list[Name]:
        return [(self.shop_id, hash) for hash in self.keys]

    @property
    def people(self) -> list[Name]:
        """None where it settles only the basket itself."""
        return [(self.shop_id, hash) for hash in self.buyers] if self.purchase.placed_at else []

    def settled(self, of_people: Mapping[Name, Sequence[Wait]]) -> Iterable[Wait]:
        """The waits of its buyer's baskets that were begun before they placed this order."""
        placed_at = self.purchase.placed_at
        rows = (row for name in self.people for row in of_people.get(name, ()))
        return (
            row for row in rows if placed_at and is_settled_by(placed_at, begun_at=_begun(row), changed_at=row["happened_at"])
        )


def _is_settled(facts: TimerFacts, one: CartChange, waits: Sequence[Wait], begun_at: datetime, changed_at: datetime) -> bool:
    """Whether the buyer, by names that may be new, has ordered since they began this basket."""
    placed_at = facts.ordered_at(one)
    newest = max([changed_at, *(row["happened_at"] for row in waits)])
    return placed_at is not None and is_settled_by(placed_at, begun_at=begun_at, changed_at=newest)


def _put_off(change: SetTimer, back_at: datetime | None, now: datetime) -> SetTimer:
    """The same, after a time without any worker no sooner than what the stores send again may have arrived."""
    if back_at is None or back_at + REDELIVERY <= now:
        return change
    return replace(change, not_before=max(back_at + REDELIVERY, change.not_before or now))


def _begun(row: Wait) -> datetime:
    begun_at: datetime = row["begun_at"] or row["happened_at"]
    return begun_at


def _is_a_cart(change: EndTimers) -> bool:
    return all(not key.startswith("checkout:") for key in change.keys)


def _each_once(rows: Iterable[Sequence[Wait]]) -> list[Wait]:
    return list({row["id"]: row for some in rows for row in some}.values())


def _note_latest(moments: dict[Name, datetime], names: Iterable[Name], at: datetime) -> None:
    for name in names:
        moments[name] = max(at, moments.get(name, at))


_DELETE_TIMERS = delete(_timers).where(AnyOf(_timers.c.shop_id, "shop_ids"), AnyOf(_timers.c.id, "ids"))
