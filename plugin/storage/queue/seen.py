"""What is known of a shop's baskets, people and objects, within one transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, RowMapping, Select, Text, and_, func, select, true

from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.states import EventState
from plugin.pipeline.hold import people_of
from plugin.pipeline.relate import what_is_asked
from plugin.ports import KnownEvent
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkSelect, Cells, Types
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.together import Found, Look, look
from plugin.storage.queue.cart_marks import CartMarks, Mark, Name, by_name, latest, purchases_of
from plugin.storage.queue.event_rows import object_keys

MOST_KNOWN = 20  #: events of one object that are looked at to see what was told of it

Words = tuple[str, ...]
StateName = tuple[int, EventKind, str]
"""A shop, a kind that tells states, and the object whose state it is."""


@dataclass(frozen=True, slots=True)
class ObjectQuery:
    """The events of these kinds in these states that happened to one object."""

    shop_id: int
    object_keys: Words  #: as it is indexed
    kinds: Words
    states: Words


def query_of(
    crypto: Crypto, shop_id: int, object_id: str, kinds: Collection[EventKind], states: Collection[EventState]
) -> ObjectQuery:
    """The same question is equal, however its kinds, which are of one family, and its states were ordered."""
    asked = (tuple(sorted(kind.value for kind in kinds)), tuple(sorted(state.value for state in states)))
    return ObjectQuery(shop_id, object_keys(crypto, shop_id, next(iter(kinds)), object_id), *asked)


Known = Mapping[ObjectQuery, Sequence[RowMapping]]


def rows_of(connection: Connection, queries: Collection[ObjectQuery]) -> Known:
    """What is found for each of these, newest first: one statement for all that ask for the same kinds and states."""
    found: dict[ObjectQuery, list[RowMapping]] = {query: [] for query in queries}
    for kinds, states in sorted({(query.kinds, query.states) for query in queries}):
        same = (query for query in queries if (query.kinds, query.states) == (kinds, states))
        asked = {(query.shop_id, key): query for query in same for key in query.object_keys}
        objects = [{"shop_id": shop_id, "object_id": object_id} for shop_id, object_id in sorted(asked)]
        for row in _SELECT_KNOWN.run(connection, objects, {"kinds": list(kinds), "states": list(states)}):
            found[asked[row["shop_id"], row["object_id"]]].append(row)
    return found


def opened(crypto: Crypto, rows: Iterable[RowMapping]) -> Iterator[KnownEvent]:
    """These events, each opened as it is taken."""
    for row in rows:
        yield KnownEvent(id=row["id"], kind=EventKind(row["kind"]), event=_content(crypto, row))


@dataclass(frozen=True, slots=True)
class SeenSnapshot:
    """`ports.PurchaseHistory` within one transaction; what was read in advance is not asked for again."""

    connection: Connection
    marks: CartMarks
    crypto: Crypto
    _asked: set[Name] = field(default_factory=set)  #: the names whose purchases, if any, are in `_bought`
    _bought: dict[Name, datetime] = field(default_factory=dict)
    _known: dict[ObjectQuery, Sequence[RowMapping]] = field(default_factory=dict)
    _newest: dict[StateName, datetime | None] = field(default_factory=dict)

    def read_ahead(self, events: Collection[tuple[int, StoreEvent]]) -> None:
        """Read what will be asked about these events of these shops, in a few statements for all of them."""
        names = {(shop_id, hash) for shop_id, event in events for hash in self.marks.hashes(shop_id, _names_asked_for(event))}
        self._asked.update(names)
        states = [(shop_id, event.kind, event.object_id) for shop_id, event in events if _is_state(event)]
        asked_of = self._asked_of(states)
        bought, newest = look(self.connection, purchases_of(names), _newest_of(asked_of))
        self._bought.update(by_name(bought))
        self._note_newest(asked_of, newest)
        asked = [(shop_id, event.object_id, *asked) for shop_id, event in events for asked in what_is_asked(event)]
        self._known.update(rows_of(self.connection, {query_of(self.crypto, *one) for one in asked}))

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        hashes = self.marks.hashes(shop_id, keys)
        if all((shop_id, hash) in self._asked for hash in hashes):
            return latest(self._bought, shop_id, hashes)
        return self.marks.bought_at(self.connection, shop_id, hashes)

    def reminded_at(self, shop_id: int, keys: Iterable[str], *, besides: int) -> datetime | None:
        hashes = self.marks.hashes(shop_id, keys)
        return self.marks.last(self.connection, shop_id, hashes, Mark.REMINDED, besides=besides)

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        its = (shop_id, kind, object_id)
        if its not in self._newest:
            asked_of = self._asked_of([its])
            [found] = look(self.connection, _newest_of(asked_of))
            self._note_newest(asked_of, found)
        return self._newest[its]

    def _asked_of(self, states: Collection[StateName]) -> dict[tuple[int, str, str], StateName]:
        """These states by how their objects are stored; of each nothing is known until something is noted."""
        self._newest.update(dict.fromkeys(states))
        return {
            (shop_id, key, kind.value): (shop_id, kind, object_id)
            for shop_id, kind, object_id in states
            for key in object_keys(self.crypto, shop_id, kind, object_id)
        }

    def _note_newest(self, asked_of: Mapping[tuple[int, str, str], StateName], found: Found) -> None:
        for row in found:
            its = asked_of[row["shop_id"], row["object_id"], row["kind"]]
            self._newest[its] = max(self._newest[its] or row["newest"], row["newest"])

    def known(
        self, shop_id: int, object_id: str, kinds: Collection[EventKind], states: Collection[EventState]
    ) -> Iterator[KnownEvent]:
        query = query_of(self.crypto, shop_id, object_id, kinds, states)
        rows = self._known.get(query)
        return opened(self.crypto, rows_of(self.connection, [query])[query] if rows is None else rows)


def _names_asked_for(event: StoreEvent) -> tuple[str, ...]:
    """The names under which a purchase would leave this event with nothing to say."""
    traits = KINDS[event.kind]
    if event.basket is None or not (traits.is_cart or traits.is_computed):
        return ()
    return (*event.basket.keys, *(people_of(event) if traits.is_computed else ()))


def _newest_of(asked_of: Iterable[tuple[int, str, str]]) -> Look:
    """Asks for the newest state of each that was told."""
    return _SELECT_NEWEST_AT, [dict(zip(_STATE, state, strict=True)) for state in sorted(asked_of)]


def _is_state(event: StoreEvent) -> bool:
    return KINDS[event.kind].is_snapshot


def _content(crypto: Crypto, row: RowMapping) -> StoreEvent | None:
    try:
        return None if row["emptied_at"] else crypto.open_event(row["body"])
    except Misconfigured:  # another version wrote it
        return None


_events = tables.events
_FOUND = (_events.c.shop_id, _events.c.object_id, _events.c.id, _events.c.kind, _events.c.body, _events.c.emptied_at)
_NEWEST_FIRST = (_events.c.happened_at.desc(), _events.c.id.desc())


def _newest(columns: Sequence[Any], said: FromClause, cells: Cells) -> Select[Any]:
    """Of one object, the newest."""
    is_its = (_events.c.shop_id == cells["shop_id"]) & (_events.c.object_id == cells["object_id"])
    query = select(*columns).where(is_its, AnyOf(_events.c.kind, "kinds"), AnyOf(_events.c.state, "states"))
    return query.order_by(*_NEWEST_FIRST).limit(MOST_KNOWN).correlate(said)


def _on_postgresql(said: FromClause, cells: Cells) -> Select[Any]:
    found = _newest((*_FOUND, _events.c.happened_at), said, cells).lateral("found")
    query = select(*(found.c[column.name] for column in _FOUND)).select_from(said.join(found, true()))
    return query.order_by(found.c.happened_at.desc(), found.c.id.desc())


def _on_sqlite(said: FromClause, cells: Cells) -> Select[Any]:
    """SQLite has no LATERAL: the rows are found by their numbers."""
    outer = _events.alias("found")
    is_newest = outer.c.id.in_(_newest((_events.c.id,), said, cells))
    query = select(*(outer.c[column.name] for column in _FOUND)).select_from(said.join(outer, is_newest))
    return query.order_by(outer.c.happened_at.desc(), outer.c.id.desc())


_SELECT_KNOWN = BulkSelect({"shop_id": Id, "object_id": Text()}, _on_postgresql, on_sqlite=_on_sqlite)
_STATE: Types = {"shop_id": Id, "object_id": Text(), "kind": Text()}
_SELECT_NEWEST_AT = BulkSelect(
    _STATE,
    lambda said, cells: (
        select(_events.c.shop_id, _events.c.object_id, _events.c.kind, func.max(_events.c.happened_at).label("newest"))
        .select_from(
            said.join(
                _events,
                and_(
                    _events.c.shop_id == cells["shop_id"],
                    _events.c.object_id == cells["object_id"],
                    _events.c.kind == cells["kind"],
                    _events.c.state == EventState.PLANNED.value,
                ),
            )
        )
        .group_by(_events.c.shop_id, _events.c.object_id, _events.c.kind)
    ),
)
