"""What is known of carts whose events were just planned, read once for all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, Select, Text, and_, case, func, select

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.states import EventState
from plugin.ports import SetTimer
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkSelect, Cells
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.together import Found, look
from plugin.storage.queue.cart_marks import Name, by_name, ends_of, latest, purchases_of
from plugin.storage.queue.event_rows import object_keys

Wait = Mapping[str, Any]
"""A timer's row, with the basket of its event, when that was told, and the name that led to it."""
TIMED = tuple(kind.value for kind, traits in KINDS.items() if traits.starts_timer)

_events, _timers, _keys = tables.events, tables.timers, tables.timer_keys
_people, _beats = cart_tables.timer_people, cart_tables.worker_beats


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

    back_at: datetime | None  #: when there was a worker again after a time without any
    waits: dict[Name, list[Wait]]
    bought: dict[Name, datetime]
    over: dict[Name, datetime]
    changed: dict[Name, datetime]
    told: dict[Name, datetime]

    def waits_of(self, one: CartChange) -> list[Wait]:
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


def read(connection: Connection, crypto: Crypto, changes: Sequence[CartChange]) -> TimerFacts:
    """All of it, in one look."""
    baskets = {name for one in changes for name in one.names}
    people = {(one.shop_id, hash) for one in changes for hash in one.people}
    objects = {one.object for one in changes}.union(*(one.objects for one in changes))
    asked = _by_key(crypto, objects)
    back, last, waits, bought, over = look(
        connection,
        (_SELECT_BACK_AT, [{"its_id": 1}]),
        (_SELECT_LAST, [{"shop_id": shop_id, "object_id": key} for shop_id, key in sorted(asked)]),
        (_SELECT_BY_KEYS, _given(baskets)),
        purchases_of(baskets | people),
        ends_of(baskets),
    )
    return TimerFacts(
        back_at=back[0]["back_at"] if back else None,
        waits=_by_name(waits),
        bought=by_name(bought),
        over=by_name(over),
        changed=_latest(last, "changed_at", asked),
        told=_latest(last, "told_at", asked),
    )


def _by_key(crypto: Crypto, objects: Iterable[Name]) -> dict[Name, Name]:
    """These carts by how they are stored."""
    its_keys = {name: object_keys(crypto, name[0], EventKind.CART_UPDATED, name[1]) for name in objects}
    return {(name[0], key): name for name, keys in its_keys.items() for key in keys}


def _latest(last: Found, moment: str, asked: Mapping[Name, Name]) -> dict[Name, datetime]:
    """The last such moment of each cart that has one."""
    found: dict[Name, datetime] = {}
    for row in last:
        if at := row[moment]:
            name = asked[row["shop_id"], row["object_id"]]
            found[name] = max(found.get(name, at), at)
    return found


def named(connection: Connection, names: Collection[Name]) -> dict[Name, list[Wait]]:
    """The waits under each of these names of baskets."""
    [found] = look(connection, (_SELECT_BY_KEYS, _given(names)))
    return _by_name(found)


def of_both(
    connection: Connection, baskets: Collection[Name], people: Collection[Name]
) -> tuple[dict[Name, list[Wait]], dict[Name, list[Wait]]]:
    """The waits under each of these names of baskets, and those of each of these people."""
    of_baskets, of_people = look(connection, (_SELECT_BY_KEYS, _given(baskets)), (_SELECT_BY_PEOPLE, _given(people)))
    return _by_name(of_baskets), _by_name(of_people)


def names_of(connection: Connection, rows: Collection[Wait]) -> dict[int, list[Name]]:
    """Every name of the baskets of these waits, by wait."""
    found: dict[int, list[Name]] = defaultdict(list)
    if rows:
        its = {"ids": [row["id"] for row in rows], "shop_ids": sorted({row["shop_id"] for row in rows})}
        for timer_id, shop_id, hash in connection.execute(_SELECT_NAMES, its):
            found[timer_id].append((shop_id, hash))
    return found


def _given(names: Collection[Name]) -> list[dict[str, Any]]:
    return [{"shop_id": shop_id, "hash": hash} for shop_id, hash in sorted(names)]


def _by_name(rows: Iterable[Wait]) -> dict[Name, list[Wait]]:
    found: dict[Name, list[Wait]] = defaultdict(list)
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


_SELECT_BACK_AT = BulkSelect(
    {"its_id": Id},
    lambda said, cells: select(_beats.c.back_at).select_from(said.join(_beats, _beats.c.id == cells["its_id"])),
)
_SELECT_BY_KEYS = _select_timers(_keys)
_SELECT_BY_PEOPLE = _select_timers(_people)
_SELECT_LAST = BulkSelect({"shop_id": Id, "object_id": Text()}, _select_last)
_SELECT_NAMES = select(_keys.c.timer_id, _keys.c.shop_id, _keys.c.hash).where(
    AnyOf(_keys.c.timer_id, "ids"), AnyOf(_keys.c.shop_id, "shop_ids")
)
_SELECT_BODIES = select(_events.c.id, _events.c.body).where(AnyOf(_events.c.id, "ids"))


def bodies(connection: Connection, rows: Collection[Wait]) -> dict[int, bytes]:
    """What these waits' newest events say, sealed, by event."""
    return {row.id: row.body for row in connection.execute(_SELECT_BODIES, {"ids": [row["event_id"] for row in rows]})}
