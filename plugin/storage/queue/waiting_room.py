"""How much of a shop waits to be read: known well enough to say no, and cheaply enough to be asked for every webhook.

A process adds up what it takes. Only after a fiftieth of what a shop may have are its rows counted, beside the traffic
and some at a time; nearly no shop ever gets so far. A shop that has too much is counted again every few seconds, so that it is
let in by itself once its backlog was read. Each web process may take a fiftieth more than the limit before it notices.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread
from time import sleep
from typing import Any, Final

import structlog
from sqlalchemy import Select, bindparam, func, select, tuple_, update

from plugin.domain.errors import StorageDown
from plugin.storage.db import tables
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.engine import Database

log = structlog.get_logger()

PART: Final = 50  #: of the limits: what a process takes of a shop between two counts
AT_ONCE: Final = 2_000  #: rows counted in one look
REST_SECONDS: Final = 0.01  #: between two looks
AGAIN: Final = timedelta(seconds=5)  #: between two counts of a shop that has too much
CLOSING_SECONDS: Final = 5.0
SAID: Final = timedelta(minutes=1)  #: between two notes that a shop is turned away

_webhooks, _shops = tables.webhooks, tables.shops


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one shop's unread webhooks may be."""

    most: int
    most_bytes: int  #: as they are stored: compressed and sealed


@dataclass(slots=True)
class _Known:
    """What this process knows of one shop."""

    taken: int = 0  #: since its last count began
    bytes_taken: int = 0
    is_full: bool = False
    counted_at: datetime | None = None
    is_being_counted: bool = False
    noted_at: datetime | None = None


class SqlWaitingRoom:
    """`ports.WaitingRoom` on our tables."""

    def __init__(self, database: Database, room: Room, *, start: Callable[[Callable[[], None]], None] | None = None) -> None:
        """`start` has work done beside the traffic; without one, in a thread of its own."""
        self._database, self._room, self._start = database, room, start or self._beside
        self._threads: list[Thread] = []
        self._is_closing = False
        self._known: defaultdict[int, _Known] = defaultdict(_Known)
        self._lock = Lock()

    def close(self) -> None:
        """Let what is counted come to an end."""
        self._is_closing = True
        for thread in self._threads:
            thread.join(CLOSING_SECONDS)

    def took(self, shop_id: int, size: int, *, now: datetime) -> None:
        with self._lock:
            known = self._known[shop_id]
            known.taken += 1
            known.bytes_taken += size
            is_much = known.taken * PART >= self._room.most or known.bytes_taken * PART >= self._room.most_bytes
        if is_much:
            self._count_beside(shop_id, now)

    def has_room(self, shop_id: int, *, now: datetime) -> bool:
        is_full = self._is_full(shop_id, now)
        if is_full:
            self._note_full(shop_id, now)
        return not is_full

    def turned_away_at(self, shop_id: int) -> datetime | None:
        row = next(iter(self._database.read_once(_SELECT_FULL_AT, {"its_id": shop_id})), None)
        return row.full_at if row else None

    def _is_full(self, shop_id: int, now: datetime) -> bool:
        """Whether it had too much when it was counted last; it is counted again when that was a while ago."""
        known = self._known.get(shop_id)
        if known is None or not known.is_full:
            return False
        if known.counted_at is None or not timedelta(0) <= now - known.counted_at < AGAIN:
            self._count_beside(shop_id, now)
        return known.is_full

    def _note_full(self, shop_id: int, now: datetime) -> None:
        known = self._known[shop_id]
        if known.noted_at is not None and timedelta(0) <= now - known.noted_at < SAID:
            return
        known.noted_at = now
        log.warning("too much of a shop waits", shop=shop_id)
        self._start(lambda: self._note(shop_id, now))

    def _note(self, shop_id: int, now: datetime) -> None:
        with suppress(StorageDown), self._database.write() as connection:  # the next note says it too
            connection.execute(update(_shops).where(_shops.c.id == shop_id).values(full_at=now))

    def _count_beside(self, shop_id: int, now: datetime) -> None:
        with self._lock:
            known = self._known[shop_id]
            if known.is_being_counted:
                return
            known.is_being_counted, known.taken, known.bytes_taken = True, 0, 0
        self._start(lambda: self._count(shop_id, known, now))

    def _count(self, shop_id: int, known: _Known, now: datetime) -> None:
        try:
            known.is_full = self._has_too_much(shop_id)
        except StorageDown:
            log.warning("cannot count what waits", shop=shop_id)
        finally:
            known.counted_at, known.is_being_counted = now, False

    def _beside(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, name="count what waits", daemon=True)
        self._threads = [*filter(Thread.is_alive, self._threads), thread]
        thread.start()

    def _has_too_much(self, shop_id: int) -> bool:
        number, size, after = 0, 0, None
        while number < self._room.most and size < self._room.most_bytes and not self._is_closing:
            its = {"its_shop": shop_id, "at_once": AT_ONCE} | ({"due_at": after.due_at, "id": after.id} if after else {})
            found = self._database.read_once(_SELECT_NEXT if after else _SELECT_FIRST, its)
            number, size = number + len(found), size + sum(row.size or 0 for row in found)
            if len(found) < AT_ONCE:
                break
            after = found[-1]
            sleep(REST_SECONDS)
        return number >= self._room.most or size >= self._room.most_bytes


def _select(*after: Any) -> Select[Any]:
    """The next of what waits in a shop, by an index."""
    columns = _webhooks.c
    query = select(columns.due_at, columns.id, func.length(columns.body).label("size"))
    query = query.where(columns.shop_id == bindparam("its_shop"), columns.due_at.is_not(None), *after)
    return query.order_by(columns.due_at, columns.id).limit(bindparam("at_once"))


_AFTER = tuple_(_webhooks.c.due_at, _webhooks.c.id) > tuple_(bindparam("due_at", type_=Moment()), bindparam("id", type_=Id))
_SELECT_FIRST, _SELECT_NEXT = _select(), _select(_AFTER)
_SELECT_FULL_AT = select(_shops.c.full_at).where(_shops.c.id == bindparam("its_id"))
