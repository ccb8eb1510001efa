"""What becomes of some waits, written at once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Text, delete, select, update

from plugin.ports import SetTimer
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.bulk import BulkInsert, BulkUpdate, Types, types_of
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.together import Changes
from plugin.storage.queue.timer_facts import CartChange, Wait

_timers, _keys, _people = tables.timers, tables.timer_keys, cart_tables.timer_people


class TimerWrites:
    """Gathers what is to be written about the waits of different baskets."""

    def __init__(self) -> None:
        self._new: list[tuple[CartChange, dict[str, Any]]] = []
        self._moved: list[dict[str, Any]] = []
        self._told: list[dict[str, Any]] = []
        self._named: list[tuple[CartChange, int]] = []

    def begin(self, one: CartChange, *, begun_at: datetime, changed_at: datetime) -> None:
        """A basket begins to wait."""
        due_at = due(changed_at, one.change.wait, one.change.not_before)
        row = {"shop_id": one.shop_id, "event_id": one.event_id, "begun_at": begun_at, "happened_at": changed_at}
        self._new.append((one, row | {"due_at": due_at, "not_before": one.change.not_before}))

    def tell(self, one: CartChange, waits: Sequence[Wait], *, begun_at: datetime) -> None:
        """A basket that waits has news: the first of these waits, with which the others were joined, keeps the newest."""
        its_id, last = waits[0]["id"], max(waits, key=lambda row: (row["told_at"], row["id"]))
        newest = one.event_id if one.event.happened_at >= last["told_at"] else last["event_id"]
        self._told.append({"its_id": its_id, "new_event": newest, "new_begun": begun_at})
        self._named.append((one, its_id))

    def advance(self, row: Wait, change: SetTimer, changed_at: datetime) -> None:
        """Let a wait go on longer, if this is newer than what it knows."""
        if changed_at <= row["happened_at"]:
            return
        not_before = max((moment for moment in (row["not_before"], change.not_before) if moment), default=None)
        due_at = due(changed_at, change.wait, not_before)
        self._moved.append({"its_id": row["id"], "new_at": changed_at, "new_due": due_at, "new_not_before": not_before})

    def run(self, connection: Connection, last: Changes) -> None:
        """Write all of it, now or with the last changes of the transaction."""
        _TELL.run(connection, self._told)  # what is told may be moved as well
        last.add(_MOVE, self._moved)
        named = [*self._named, *self._begun(connection)]
        last.add(_NAME_KEYS, _rows(named, "hashes"))
        last.add(_NAME_PEOPLE, _rows(named, "people"))

    def _begun(self, connection: Connection) -> list[tuple[CartChange, int]]:
        ids = {row.event_id: row.id for row in _INSERT.run(connection, [row for _, row in self._new])}
        return [(one, ids[one.event_id]) for one, _ in self._new]


def join(connection: Connection, kept: Wait, others: Sequence[Wait]) -> None:
    """Make one wait of those that turn out to be of one basket."""
    if not others:
        return
    ids = [row["id"] for row in others]
    connection.execute(update(_keys).where(_keys.c.timer_id.in_(ids)).values(timer_id=kept["id"]))
    people = connection.execute(select(_people.c.hash).where(_people.c.timer_id.in_(ids)).distinct()).scalars().all()
    _NAME_PEOPLE.run(connection, [{"shop_id": kept["shop_id"], "hash": hash, "timer_id": kept["id"]} for hash in people])
    connection.execute(delete(_timers).where(_timers.c.id.in_(ids)))


def due(changed_at: datetime, wait: timedelta, not_before: datetime | None) -> datetime:
    """When a cart that changed then rings."""
    return max(changed_at + wait, not_before or changed_at)


def _rows(named: Collection[tuple[CartChange, int]], names: str) -> list[dict[str, Any]]:
    return [
        {"shop_id": one.shop_id, "hash": hash, "timer_id": timer_id}
        for one, timer_id in named
        for hash in sorted(getattr(one, names))
    ]


_NAME: Types = {"shop_id": Id, "hash": Text(), "timer_id": Id}
_NAME_KEYS = BulkInsert(_keys, _NAME, lambda insert: insert.on_conflict_do_nothing(), order=("shop_id", "hash"))
_NAME_PEOPLE = BulkInsert(_people, _NAME, lambda insert: insert.on_conflict_do_nothing(), order=("shop_id", "hash"))
_INSERT = BulkInsert(
    _timers,
    types_of(_timers, "shop_id", "event_id", "begun_at", "happened_at", "due_at", "not_before"),
    lambda insert: insert.returning(_timers.c.id, _timers.c.event_id),
    order=("event_id",),
)
_TELL = BulkUpdate(
    {"its_id": Id, "new_event": Id, "new_begun": Moment()},
    lambda cells: (
        update(_timers).where(_timers.c.id == cells["its_id"]).values(event_id=cells["new_event"], begun_at=cells["new_begun"])
    ),
)
# The fence grows, so that a worker that is about to expire the old wait no longer can.
_MOVE = BulkUpdate(
    {"its_id": Id, "new_at": Moment(), "new_due": Moment(), "new_not_before": Moment()},
    lambda cells: update(_timers)
    .where(_timers.c.id == cells["its_id"])
    .values(
        happened_at=cells["new_at"], due_at=cells["new_due"], not_before=cells["new_not_before"], lease_until=None,
        asked_at=None, fence=_timers.c.fence + 1,
    ),
)  # fmt: skip
