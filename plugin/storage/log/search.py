"""Finding deliveries, newest first, in bounded time: what matches, and from where to look further."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select

from plugin.domain.contact import tidy_contact
from plugin.ports import DeliveryFilter
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.db.log_tables import delivery_words
from plugin.storage.log.id_ranges import IdRange, id_ranges
from plugin.storage.log.log_rows import matches
from plugin.storage.log.search_terms import SearchTerms
from plugin.storage.queue.event_rows import person_hash

PATIENCE_SECONDS = 0.15  #: of one look; what it did not reach is looked through when somebody asks to go on
CANDIDATES = 400  #: found by their words at a time
MOST_EVENTS = 5_000  #: of one person or one object, the newest

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

    def look(self, connection: Connection, filter: DeliveryFilter, *, patience: float | None = None) -> Found:
        """The newest that match, as many as the filter's limit."""
        if "\0" in f"{filter.search}{filter.locale}":
            return Found([], None, False)  # PostgreSQL stores no such text, and refuses to compare with it
        until, found, wanted = (
            time.monotonic() + (PATIENCE_SECONDS if patience is None else patience),
            list[int](),
            filter.limit + 1,
        )
        for reached, ids in self._steps(connection, filter, wanted):
            found += ids
            if len(found) >= wanted:
                return Found(found[: filter.limit], found[filter.limit - 1], False)
            if reached and time.monotonic() > until:
                return Found(found, reached, True)
        return Found(found, None, False)

    def _steps(self, connection: Connection, filter: DeliveryFilter, wanted: int) -> Iterator[tuple[int, Sequence[int]]]:
        """Where each step came to, and what it found there."""
        text = filter.search.strip()
        if "@" in text:
            yield from self._by_person(connection, filter, text, wanted)
        elif text:
            yield from self._by_words(connection, filter, text)
        else:
            for span, is_last in _with_last(id_ranges(connection, filter)):
                ids = connection.execute(_within(filter, span).limit(wanted)).scalars().all()
                yield 0 if is_last else span.first, ids

    def _by_person(
        self, connection: Connection, filter: DeliveryFilter, text: str, wanted: int
    ) -> Iterator[tuple[int, Sequence[int]]]:
        contact = tidy_contact(emails=[text], phones=[])
        if contact is None:
            return
        of_person = _events.c.email_hash == person_hash(self._crypto, filter.shop_id, contact.email)
        yield 0, _of_events(connection, filter, of_person)[:wanted]

    def _by_words(self, connection: Connection, filter: DeliveryFilter, text: str) -> Iterator[tuple[int, Sequence[int]]]:
        """Candidates from every word the text may stand for, in steps down to where all of them are known."""
        words = self._words.meant_by(connection, filter.shop_id, text)
        cursor = filter.before_id if filter.before_id is not None else 2**62
        fitting = select(_deliveries.c.id).where(matches(filter, is_named=True), AnyOf(_deliveries.c.id, "ids"))
        by_name = self._named(connection, filter, text)
        while cursor:
            named: list[tuple[int, Sequence[int]]] = [(0, [id for id in by_name if id < cursor])]
            named += [_with_word(connection, filter.shop_id, word, cursor, CANDIDATES // len(words)) for word in words]
            cursor = max(floor for floor, _ in named)
            ids = sorted({id for _, some in named for id in some if id >= cursor})
            yield cursor, sorted(connection.execute(fitting, {"ids": ids}).scalars(), reverse=True)

    def _named(self, connection: Connection, filter: DeliveryFilter, text: str) -> Sequence[int]:
        """Those of events that happened to this object or to the person with this phone."""
        contact = tidy_contact(emails=[], phones=[text])
        phone = person_hash(self._crypto, filter.shop_id, contact.phone if contact else None)
        found = _of_events(connection, filter, _events.c.object_id == index_key(text))
        return found + (_of_events(connection, filter, _events.c.phone_hash == phone) if phone else [])


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


def _of_events(connection: Connection, filter: DeliveryFilter, is_it: ColumnElement[bool]) -> list[int]:
    """The deliveries of these events, newest first."""
    # The events first and by themselves: asked for both at once, SQLite walks along all deliveries instead.
    newest = select(_events.c.id).where(_events.c.shop_id == filter.shop_id, is_it).order_by(_events.c.id.desc())
    event_ids = connection.execute(newest.limit(MOST_EVENTS)).scalars().all()
    query = select(_deliveries.c.id).where(matches(filter, is_named=True), AnyOf(_deliveries.c.event_id, "events"))
    return sorted(connection.execute(query, {"events": event_ids}).scalars(), reverse=True)


_SELECT_IDS_BY_TERM = (
    select(_words.delivery_id)
    .where(_words.shop_id == bindparam("shop"), _words.word == bindparam("its_word"), _words.delivery_id < bindparam("before"))
    .order_by(_words.delivery_id.desc())
    .limit(bindparam("most"))
)


def _with_word(connection: Connection, shop_id: int, word: int, before: int, most: int) -> tuple[int, Sequence[int]]:
    values = {"shop": shop_id, "its_word": word, "before": before, "most": most}
    ids = connection.execute(_SELECT_IDS_BY_TERM, values).scalars().all()
    return _floor(ids, most), ids


def _floor(ids: Sequence[int], most: int) -> int:
    """Down to where they are all there are: 0 when there are no more."""
    return ids[-1] if len(ids) >= most else 0
