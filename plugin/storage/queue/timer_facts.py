"""What is known of carts whose events were just planned, read once for all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, RowMapping, Select, Text, and_, case, func, select

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.states import EventState
from plugin.ports import SetTimer
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkSelect, Cells
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto
from plugin.storage.queue.cart_marks import CartMarks, Name, latest
from plugin.storage.queue.event_rows import object_keys

TIMED = tuple(kind.value for kind, traits in KINDS.items() if traits.starts_timer)

_events, _timers, _keys, _people = tables.events, tables.timers, tables.timer_keys, cart_tables.timer_people


@dataclass(frozen=True, slots=True, kw_only=True)
class CartChange:
    """What a planned event means for the wait of its basket."""

    shop_id: int
    change: SetTimer
    event_id: int
    event: StoreEvent
    hashes: Sequence[str]  #: of the basket's names
    people: Sequence[str]  #: of its buyer's names

    @property
    def names(self) -> Iterable[Name]:
        return ((self.shop_id, hash) for hash in self.hashes)

    @property
    def object(self) -> Name:
        return self.shop_id, self.event.object_id

    @property
    def objects(self) -> Iterable[Name]:
        """Everything that goes by the basket's names."""
        return ((self.shop_id, key.partition(":")[2]) for key in self.change.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFacts:
    """What was stored about the baskets and buyers of some changes."""

    waits: dict[Name, list[RowMapping]]
    bought: dict[Name, datetime]
    over: dict[Name, datetime]
    changed: dict[Name, datetime]
    told: dict[Name, datetime]

    def waits_of(self, one: CartChange) -> list[RowMapping]:
        """The waits under any of the basket's names, the newest first."""
        rows = {row["id"]: row for name in one.names for row in self.waits.get(name, ())}
        return sorted(rows.values(), key=lambda row: (row["happened_at"], row["id"]), reverse=True)

    def changed_at(self, one: CartChange) -> datetime:
        """The newest change that was told of anything that goes by the basket's names."""
        return max([one.event.happened_at, *(self.changed[name] for name in one.objects if name in self.changed)])

    def basket_bought_at(self, one: CartChange) -> datetime | None:
        return latest(self.bought, one.shop_id, one.hashes)

    def ordered_at(self, one: CartChange) -> datetime | None:
        """When the buyer last ordered anything."""
        return latest(self.bought, one.shop_id, one.people)

    def is_old(self, one: CartChange) -> bool:
        """Whether it is older than what ended the basket's last wait, or than what was told of it and began none."""
        over_at, told_at = latest(self.over, one.shop_id, one.hashes), self.told.get(one.object)
        happened_at = one.event.happened_at
        return bool((over_at and happened_at <= over_at) or (told_at and happened_at < told_at))


def read(connection: Connection, crypto: Crypto, marks: CartMarks, changes: Sequence[CartChange]) -> TimerFacts:
    """All of it, in four statements."""
    baskets = {name for one in changes for name in one.names}
    people = {(one.shop_id, hash) for one in changes for hash in one.people}
    objects = {one.object for one in changes}.union(*(one.objects for one in changes))
    changed, told = _last(connection, crypto, objects)
    return TimerFacts(
        waits=named(connection, baskets),
        bought=marks.all_bought(connection, baskets | people),
        over=marks.all_over(connection, baskets),
        changed=changed,
        told=told,
    )


def _last(
    connection: Connection, crypto: Crypto, objects: Collection[Name]
) -> tuple[dict[Name, datetime], dict[Name, datetime]]:
    """When each of these carts last changed, and when what was planned of it last did."""
    its_keys = {name: object_keys(crypto, name[0], EventKind.CART_UPDATED, name[1]) for name in objects}
    asked = {(name[0], key): name for name, keys in its_keys.items() for key in keys}
    changed, told = dict[Name, datetime](), dict[Name, datetime]()
    for row in _SELECT_LAST.run(connection, [{"shop_id": shop_id, "object_id": key} for shop_id, key in sorted(asked)]):
        name = asked[row["shop_id"], row["object_id"]]
        for found, at in ((changed, row["changed_at"]), (told, row["told_at"])):
            if at:
                found[name] = max(found.get(name, at), at)
    return changed, told


def named(connection: Connection, names: Collection[Name]) -> dict[Name, list[RowMapping]]:
    """The waits under each of these names of baskets."""
    return _by_name(_SELECT_BY_KEYS.run(connection, _given(names)))


def of_people(connection: Connection, names: Collection[Name]) -> dict[Name, list[RowMapping]]:
    """The waits of each of these people."""
    return _by_name(_SELECT_BY_PEOPLE.run(connection, _given(names)))


def names_of(connection: Connection, rows: Collection[RowMapping]) -> dict[int, list[Name]]:
    """Every name of the baskets of these waits, by wait."""
    found: dict[int, list[Name]] = defaultdict(list)
    if rows:
        its = {"ids": [row["id"] for row in rows], "shop_ids": sorted({row["shop_id"] for row in rows})}
        for timer_id, shop_id, hash in connection.execute(_SELECT_NAMES, its):
            found[timer_id].append((shop_id, hash))
    return found


def _given(names: Collection[Name]) -> list[dict[str, Any]]:
    return [{"shop_id": shop_id, "hash": hash} for shop_id, hash in sorted(names)]


def _by_name(rows: Iterable[RowMapping]) -> dict[Name, list[RowMapping]]:
    found: dict[Name, list[RowMapping]] = defaultdict(list)
    for row in rows:
        found[row["shop_id"], row["hash"]].append(row)
    return found


def _select_timers(table: Any) -> BulkSelect:
    """The timers a table of names leads to, each with the name that was asked for."""

    def build(said: FromClause, cells: Cells) -> Select[Any]:
        is_named = and_(table.c.shop_id == cells["shop_id"], table.c.hash == cells["hash"])
        its_timer = and_(_timers.c.id == table.c.timer_id, _timers.c.shop_id == table.c.shop_id)
        found = said.join(table, is_named).join(_timers, its_timer).join(_events, _events.c.id == _timers.c.event_id)
        told = (_events.c.basket, _events.c.happened_at.label("told_at"))
        return select(table.c.hash, _timers, *told).select_from(found)

    return BulkSelect({"shop_id": Id, "hash": Text()}, build)


def _select_last(said: FromClause, cells: Cells) -> Select[Any]:
    """When each of these objects last changed, and when what was planned of it last did."""
    is_its = and_(_events.c.shop_id == cells["shop_id"], _events.c.object_id == cells["object_id"], _events.c.kind.in_(TIMED))
    told_at = case((_events.c.state != EventState.NEW.value, _events.c.happened_at))
    moments = (func.max(_events.c.happened_at).label("changed_at"), func.max(told_at).label("told_at"))
    query = select(_events.c.shop_id, _events.c.object_id, *moments).select_from(said.join(_events, is_its))
    return query.group_by(_events.c.shop_id, _events.c.object_id)


_SELECT_BY_KEYS = _select_timers(_keys)
_SELECT_BY_PEOPLE = _select_timers(_people)
_SELECT_LAST = BulkSelect({"shop_id": Id, "object_id": Text()}, _select_last)
_SELECT_NAMES = select(_keys.c.timer_id, _keys.c.shop_id, _keys.c.hash).where(
    AnyOf(_keys.c.timer_id, "ids"), AnyOf(_keys.c.shop_id, "shop_ids")
)
_SELECT_BODIES = select(_events.c.id, _events.c.body).where(AnyOf(_events.c.id, "ids"))


def bodies(connection: Connection, rows: Collection[RowMapping]) -> dict[int, bytes]:
    """What these waits' newest events say, sealed, by event."""
    return {row.id: row.body for row in connection.execute(_SELECT_BODIES, {"ids": [row["event_id"] for row in rows]})}
