"""Finding deliveries, newest first, in bounded time: what matches, and from where to look further."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select

from plugin.domain.contact import tidy_contact
from plugin.domain.kinds import EventKind
from plugin.ports import DeliveryFilter
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.log_tables import delivery_words
from plugin.storage.log.id_ranges import IdRange, id_ranges
from plugin.storage.log.log_rows import matches
from plugin.storage.log.search_terms import SearchTerms
from plugin.storage.queue.event_rows import object_keys, person_hash

PATIENCE_SECONDS = 0.15  #: of one look; what it did not reach is looked through when somebody asks to go on
CANDIDATES = 400  #: found by their words at a time
MOST_EVENTS = 5_000  #: of one person or one object, the newest
LARGEST_ID = 2**62

_deliveries, _events, _words = tables.deliveries, tables.events, delivery_words.c


class Found(NamedTuple):
    """What one look found."""

    ids: list[int]  #: newest first
    older: int | None  #: the `before_id` to look further with; None when there is nothing older
    is_cut: bool  #: the time was over before there were as many as wanted


class Search:
    """Looks through one shop's deliveries."""

    def __init__(self, crypto: Crypto, words: SearchTerms) -> None:
        self._crypto, self._words = crypto, words

    def look(
        self,
        connection: Connection,
        filter: DeliveryFilter,
        *,
        patience: float | None = None,
        by_name: Sequence[int] | None = None,
    ) -> Found:
        """The newest that match, as many as the filter's limit; `by_name` when it is known, with nothing left out."""
        if not can_be_stored(filter):
            return Found([], None, False)
        until = time.monotonic() + (PATIENCE_SECONDS if patience is None else patience)
        found, wanted = list[int](), filter.limit + 1
        for reached, ids in self._steps(connection, filter, wanted, by_name):
            found += ids
            if len(found) >= wanted:
                return Found(found[: filter.limit], found[filter.limit - 1], False)
            if reached and time.monotonic() > until:
                return Found(found, reached, True)
        return Found(found, None, False)

    def by_name(self, connection: Connection, filter: DeliveryFilter, *, before: int) -> tuple[list[int], int]:
        """What happened to those whom the text names whole: a person, an object of the store.

        The deliveries of their newest `MOST_EVENTS` events among those before this one, and where to go on; 0 at the end.
        """
        found, reached = set[int](), 0
        for is_it in self._named(filter):
            ids, floor = _of_events(connection, filter, is_it, before)
            found.update(ids)
            reached = max(reached, floor)
        return sorted(found), reached

    def _steps(
        self, connection: Connection, filter: DeliveryFilter, wanted: int, by_name: Sequence[int] | None
    ) -> Iterator[tuple[int, Sequence[int]]]:
        """Where each step came to, and what it found there."""
        text = filter.search.strip()
        if not text:
            for span, is_last in _with_last(id_ranges(connection, filter)):
                ids = connection.execute(_within(filter, span).limit(wanted)).scalars().all()
                yield 0 if is_last else span.first, ids
            return
        named = self.by_name(connection, filter, before=LARGEST_ID)[0] if by_name is None else by_name
        words = [] if "@" in text else self._words.meant_by(connection, filter.shop_id, text)
        most = CANDIDATES // max(1, len(words))
        sources = [partial(_below, named), *(partial(_with_word, connection, filter.shop_id, word, most) for word in words)]
        yield from _from_all(connection, filter, sources)

    def _named(self, filter: DeliveryFilter) -> list[ColumnElement[bool]]:
        """The events of the person with this address, or of this object and of the person with this phone."""
        text = filter.search.strip()
        if "@" in text:
            contact = tidy_contact(emails=[text], phones=[])
            return [_events.c.email_hash == self._person(filter, contact.email)] if contact else []
        contact = tidy_contact(emails=[], phones=[text])
        phone = self._person(filter, contact.phone if contact else None)
        cart, order = object_keys(self._crypto, filter.shop_id, EventKind.CART_UPDATED, text)
        return [_events.c.object_id.in_((cart, order)), *([_events.c.phone_hash == phone] if phone else [])]

    def _person(self, filter: DeliveryFilter, address: str | None) -> str:
        return person_hash(self._crypto, filter.shop_id, address)


def can_be_stored(filter: DeliveryFilter) -> bool:
    """Whether anything can have such texts: PostgreSQL stores no zero byte, and refuses to compare with one."""
    return "\0" not in f"{filter.search}{filter.locale}"


Source = Callable[[int], tuple[int, Sequence[int]]]
"""Below this id: down to where all it knows are here, and which those are."""


def _from_all(connection: Connection, filter: DeliveryFilter, sources: Sequence[Source]) -> Iterator[tuple[int, Sequence[int]]]:
    """Candidates from every source, in steps down to where all of them are known."""
    cursor = filter.before_id if filter.before_id is not None else LARGEST_ID
    fitting = select(_deliveries.c.id).where(matches(filter, is_named=True), AnyOf(_deliveries.c.id, "ids"))
    while cursor:
        found = [source(cursor) for source in sources]
        cursor = max(floor for floor, _ in found)
        ids = sorted({id for _, some in found for id in some if id >= cursor})
        yield cursor, sorted(connection.execute(fitting, {"ids": ids}).scalars(), reverse=True)


def _with_last(found: Iterator[IdRange]) -> Iterator[tuple[IdRange, bool]]:
    """Each with whether it is the last: after that one nothing is left to look through, however long it took."""
    span = next(found, None)
    while span:
        following = next(found, None)
        yield span, following is None
        span = following


def _within(filter: DeliveryFilter, span: IdRange) -> Select[Any]:
    query = select(_deliveries.c.id).where(matches(filter), _deliveries.c.id.between(span.first, span.last))
    return query.order_by(_deliveries.c.id.desc())


def _of_events(
    connection: Connection, filter: DeliveryFilter, is_it: ColumnElement[bool], before: int
) -> tuple[Sequence[int], int]:
    """The deliveries of the newest of these events, and the last of them; 0 when it was all."""
    # The events first and by themselves: asked for both at once, SQLite walks along all deliveries instead.
    newest = select(_events.c.id).where(_events.c.shop_id == filter.shop_id, is_it, _events.c.id < before)
    event_ids = connection.execute(newest.order_by(_events.c.id.desc()).limit(MOST_EVENTS)).scalars().all()
    query = select(_deliveries.c.id).where(matches(filter, is_named=True), AnyOf(_deliveries.c.event_id, "events"))
    return connection.execute(query, {"events": event_ids}).scalars().all(), _floor(event_ids, MOST_EVENTS)


def _below(ids: Sequence[int], before: int) -> tuple[int, Sequence[int]]:
    """Of these, which stand in order, the next."""
    end = bisect_left(ids, before)
    start = max(0, end - CANDIDATES)
    return ids[start] if start else 0, ids[start:end]


_SELECT_IDS_BY_TERM = (
    select(_words.delivery_id)
    .where(_words.shop_id == bindparam("shop"), _words.word == bindparam("its_word"), _words.delivery_id < bindparam("before"))
    .order_by(_words.delivery_id.desc())
    .limit(bindparam("most"))
)


def _with_word(connection: Connection, shop_id: int, word: int, most: int, before: int) -> tuple[int, Sequence[int]]:
    values = {"shop": shop_id, "its_word": word, "before": before, "most": most}
    ids = connection.execute(_SELECT_IDS_BY_TERM, values).scalars().all()
    return _floor(ids, most), ids


def _floor(ids: Sequence[int], most: int) -> int:
    """Down to where they are all there are: 0 when there are no more."""
    return ids[-1] if len(ids) >= most else 0
