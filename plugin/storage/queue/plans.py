"""What becomes of events that were decided about at the same time, kept by one commit."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, LargeBinary, Text, select, update

from plugin.domain.delivery import Hold, Skip, State
from plugin.domain.errors import ChangedMeanwhile
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS
from plugin.domain.states import EventState
from plugin.pipeline.hold import people_of
from plugin.ports import EndTimers, Overtaken, Plan, SetTimer, StoredEvent
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkInsert, BulkUpdate, Types, types_of
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.together import Changes
from plugin.storage.queue import destinations, leases
from plugin.storage.queue.cart_marks import Mark
from plugin.storage.queue.delivery_rows import DELIVERY_COLUMNS, delivery_rows
from plugin.storage.queue.event_rows import event_facts
from plugin.storage.queue.seen import SeenSnapshot
from plugin.storage.queue.timer_rows import TimerRows
from plugin.storage.shops import shop_locks

Row = dict[str, Any]
Answer = Plan | ChangedMeanwhile
"""What was kept of an event, or why nothing was."""

_events, _deliveries = tables.events, tables.deliveries


class DeliveryIndex(Protocol):
    """What the log finds new deliveries by; it stands above the queue, so the queue is given it."""

    def write(self, changes: Changes, new: Sequence[tuple[int, StoreEvent, Sequence[int]]], *, now: datetime) -> None:
        """Let the new deliveries of these shops' events be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An event and what is to become of it."""

    stored: StoredEvent
    event: StoreEvent
    plan: Plan
    timers: Sequence[SetTimer | EndTimers]
    now: datetime
    unless: Overtaken | None
    facts: Row = field(default_factory=dict)  #: the completed event as its row; none where it is as it was
    rows: Sequence[Row] = ()

    def sealed(self, crypto: Crypto) -> "Decided":
        """With its rows, made by whoever brings it: sealing takes long, and a transaction should not."""
        is_changed = self.event is not self.stored.event
        facts = event_facts(crypto, self.shop_id, self.event) if is_changed else {}
        return replace(self, facts=facts, rows=self._rows(crypto))

    def overtaken(self, late: Plan, crypto: Crypto) -> "Decided":
        """The same with another end."""
        changed = replace(self, plan=late)
        return replace(changed, rows=changed._rows(crypto))

    @property
    def shop_id(self) -> int:
        return self.stored.shop.id

    @property
    def needs_lock(self) -> bool:
        """Whether it depends on what others write, or others on it."""
        return bool(self.timers or self.unless)

    @property
    def names(self) -> Iterator[tuple[int, str]]:
        """What no other event may share that is decided about in the same step."""
        yield self.shop_id, f"object:{self.event.object_id}"
        for key in self.event.basket.keys if self.event.basket else ():
            yield self.shop_id, key
        if KINDS[self.event.kind].is_computed:  # one reminder leaves another nothing to say
            yield self.shop_id, "reminder"

    @property
    def rates(self) -> dict[tuple[int, str], float]:
        """The pace of each account something is to be sent to, by shop and key."""
        rate = self.stored.settings.account.rate_per_second
        return {(self.shop_id, row["destination"]): rate for row in self.rows if row["state"] == State.WAITING.value}

    def _rows(self, crypto: Crypto) -> Sequence[Row]:
        return delivery_rows(crypto, self.stored, self.event, self.plan, now=self.now)


class Plans:
    """Keeps them."""

    def __init__(self, database: Database, crypto: Crypto, *, index: DeliveryIndex) -> None:
        self._database, self._crypto, self._index = database, crypto, index
        self._timers = TimerRows(database, crypto)

    def keep(self, group: Sequence[Decided]) -> Sequence[Answer]:
        """One commit for all of them, where no other worker is at one of their shops; for each, what was kept."""
        answers: dict[int, Answer] = {}

        def keep(connection: Connection, part: Sequence[Decided]) -> None:
            for step in _steps(part):
                answers.update(self._keep(connection, step))

        shop_locks.keep_by_shop(self._database, group, keep)
        return [answers[id(one)] for one in group]

    def _keep(self, connection: Connection, step: Sequence[Decided]) -> dict[int, Answer]:
        held = _held(connection, [one.stored for one in step])
        seen = SeenSnapshot(connection, self._timers.marks, self._crypto)
        seen.read_ahead([(one.shop_id, one.event) for one in step if one.unless])
        answers: dict[int, Answer] = {}
        kept = []
        for one in step:
            try:
                late = one.unless(seen) if one.unless else None
            except ChangedMeanwhile as error:
                answers[id(one)] = error
                continue
            ended = one.overtaken(late, self._crypto) if late else one
            answers[id(one)] = ended.plan
            if one.stored.id in held:
                kept.append(ended)
        self._write(connection, kept)
        return answers

    def _write(self, connection: Connection, kept: Sequence[Decided]) -> None:
        if not kept:
            return
        now = max(one.now for one in kept)
        states: list[Row] = [{"its_id": one.stored.id, "new_state": _state(one.plan).value} for one in kept]
        last = Changes()
        last.add(_CLOSE, [row for one, row in zip(kept, states, strict=True) if not one.facts])
        changed = [(one, row) for one, row in zip(kept, states, strict=True) if one.facts]
        last.add(_COMPLETE, [row | {f"new_{name}": value for name, value in one.facts.items()} for one, row in changed])
        self._write_deliveries(connection, kept, last, now)
        self._move_timers(connection, kept, last, now)
        rates: dict[tuple[int, str], float] = {}
        for one in kept:
            rates |= one.rates
            if one.rates and KINDS[one.event.kind].is_computed:
                self._remember_reminder(connection, one, now)
        destinations.wake(last, rates, now=now)
        last.run(connection)

    def _write_deliveries(self, connection: Connection, kept: Sequence[Decided], last: Changes, now: datetime) -> None:
        new: dict[int, list[int]] = defaultdict(list)
        for delivery_id, event_id in _INSERT.run(connection, [row for one in kept for row in one.rows]):
            new[event_id].append(delivery_id)
        self._index.write(last, [(one.shop_id, one.event, new[one.stored.id]) for one in kept], now=now)

    def _move_timers(self, connection: Connection, kept: Sequence[Decided], last: Changes, now: datetime) -> None:
        changes = []
        for one in kept:
            for timer in one.timers:
                if isinstance(timer, EndTimers):
                    self._timers.end(connection, one.shop_id, timer, now=now)
                else:
                    changes.append(self._timers.change_of(one.shop_id, timer, event_id=one.stored.id, event=one.event))
        self._timers.apply(connection, changes, last=last, now=now)

    def _remember_reminder(self, connection: Connection, one: Decided, now: datetime) -> None:
        """Neither this basket nor, for a while, its buyer is reminded again."""
        names = (*(one.event.basket.keys if one.event.basket else ()), *people_of(one.event))
        hashes = self._timers.marks.hashes(one.shop_id, names)
        self._timers.marks.note(connection, one.shop_id, hashes, Mark.REMINDED, at=now, event_id=one.stored.id)


def _steps(group: Sequence[Decided]) -> Iterable[Sequence[Decided]]:
    """In each step what has nothing to do with each other: what follows sees what the steps before it wrote."""
    left = list(group)
    while left:
        taken: set[tuple[int, str]] = set()
        step: list[Decided] = []
        later: list[Decided] = []
        for one in left:
            names = set(one.names)
            (later if names & taken else step).append(one)
            taken |= names
        yield step
        left = later


def _held(connection: Connection, claimed: Sequence[StoredEvent]) -> set[int]:
    """Those of these events that are still their claimers', locked."""
    its = {"ids": sorted(one.id for one in claimed), "shop_ids": sorted({one.shop.id for one in claimed})}
    rows = {row["id"]: row for row in connection.execute(_SELECT_FOR_UPDATE, its).mappings()}
    return {one.id for one in claimed if leases.is_still_held(rows.get(one.id), one)}


def _state(plan: Plan) -> EventState:
    if plan is None:
        return EventState.TIMED
    if isinstance(plan, Skip):
        return EventState.SKIPPED
    return EventState.HELD if isinstance(plan, Hold) else EventState.PLANNED


_INSERT = BulkInsert(
    _deliveries,
    types_of(_deliveries, *DELIVERY_COLUMNS),
    lambda insert: insert.on_conflict_do_nothing().returning(_deliveries.c.id, _deliveries.c.event_id),
    order=("event_id", "part"),
)
_SELECT_FOR_UPDATE = (
    select(_events.c.id, _events.c.fence, _events.c.lease_until)
    .where(AnyOf(_events.c.id, "ids"), AnyOf(_events.c.shop_id, "shop_ids"))
    .order_by(_events.c.id)
    .with_for_update()
)
_FACTS: Types = {
    "happened_at": Moment(), "body": LargeBinary(), "email_hash": Text(), "phone_hash": Text(), "locale": Text(),
    "consent": Text(), "people": Text(),
}  # fmt: skip
_ENDED: Types = {"its_id": Id, "new_state": Text()}
_CLOSE = BulkUpdate(
    _ENDED,
    lambda cells: update(_events).where(_events.c.id == cells["its_id"]).values(CLOSED | {"state": cells["new_state"]}),
)
_COMPLETE = BulkUpdate(
    _ENDED | {f"new_{name}": type_ for name, type_ in _FACTS.items()},
    lambda cells: (
        update(_events)
        .where(_events.c.id == cells["its_id"])
        .values(CLOSED | {"state": cells["new_state"]} | {name: cells[f"new_{name}"] for name in _FACTS})
    ),
)
