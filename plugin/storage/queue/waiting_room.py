"""How much a shop has here: known well enough to say no, and cheaply enough to be asked for every webhook.

A process adds up what it takes. Only after a fiftieth of what a shop may have are its rows counted, beside the traffic
and some at a time; nearly no shop ever gets so far. A shop that has too much is counted again every few seconds, so that it is
let in by itself once its backlog was read. Each web process may take a fiftieth more than the limit before it notices.

Bodies that were read are kept for a while, for whoever looks into them. Where they are so many that what comes would soon be
turned away, the oldest are let go first.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from threading import Lock, Thread
from typing import Final, Self

import structlog
from sqlalchemy import bindparam, select, update

from plugin.config import Settings
from plugin.domain.errors import StorageDown
from plugin.storage.db import tables
from plugin.storage.db.engine import Database
from plugin.storage.queue.shop_bodies import Bodies, ShopBodies

log = structlog.get_logger()

PART: Final = 50  #: of the limits: what a process takes of a shop between two counts
AGAIN: Final = timedelta(seconds=5)  #: between two counts of a shop that has too much
CLOSING_SECONDS: Final = 5.0
SAID: Final = timedelta(minutes=1)  #: between two notes that a shop is turned away
MEGABYTE: Final = 1_000_000
RESERVED: Final = 10  #: the part of the limits that is let in beyond them of what is never to be turned away
LEAST_RESERVE, LEAST_RESERVE_BYTES = 1_000, 10 * MEGABYTE
CROWDED, ROOMY = 0.9, 0.8  #: of the bytes a shop may have: from the one on, kept bodies are let go down to the other

_shops = tables.shops


class Fullness(IntEnum):
    """How much more a shop may have."""

    ROOM = 0
    FULL = 1  #: only what is never to be turned away
    CRAMMED = 2  #: nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one shop may have."""

    most: int  #: webhooks that wait to be read
    most_bytes: int  #: of all its bodies, as they are stored: compressed and sealed
    reserve: int = LEAST_RESERVE  #: more, for what is never to be turned away
    reserve_bytes: int = LEAST_RESERVE_BYTES

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the operator set it."""
        most, most_bytes = settings.waiting_webhooks, settings.waiting_megabytes * MEGABYTE
        reserves = max(most // RESERVED, LEAST_RESERVE), max(most_bytes // RESERVED, LEAST_RESERVE_BYTES)
        return cls(most=most, most_bytes=most_bytes, reserve=reserves[0], reserve_bytes=reserves[1])

    def fullness(self, has: Bodies) -> Fullness:
        if has.waiting >= self.most + self.reserve or has.size >= self.most_bytes + self.reserve_bytes:
            return Fullness.CRAMMED
        return Fullness.FULL if has.waiting >= self.most or has.size >= self.most_bytes else Fullness.ROOM

    def too_many_bytes(self, has: Bodies) -> int:
        """How many are to be let go."""
        return has.size - int(self.most_bytes * ROOMY) if has.size >= self.most_bytes * CROWDED else 0


@dataclass(slots=True)
class _Known:
    """What this process knows of one shop."""

    taken: int = 0  #: since its last count began
    bytes_taken: int = 0
    has: Bodies = field(default_factory=Bodies)
    fullness: Fullness = Fullness.ROOM
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
        self._bodies = ShopBodies(database, is_closing=lambda: self._is_closing)
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

    def has_room(self, shop_id: int, *, now: datetime, is_urgent: bool = False) -> bool:
        has_room = self._fullness(shop_id, now) < (Fullness.CRAMMED if is_urgent else Fullness.FULL)
        if not has_room:
            self._note_full(shop_id, now)
        return has_room

    def turned_away_at(self, shop_id: int) -> datetime | None:
        row = next(iter(self._database.read_once(_SELECT_FULL_AT, {"its_id": shop_id})), None)
        return row.full_at if row else None

    def _fullness(self, shop_id: int, now: datetime) -> Fullness:
        """As it was counted last; a shop that had too much is counted again when that was a while ago."""
        known = self._known.get(shop_id)
        if known is None or known.fullness is Fullness.ROOM:
            return Fullness.ROOM
        if known.counted_at is None or not timedelta(0) <= now - known.counted_at < AGAIN:
            self._count_beside(shop_id, now)
        return known.fullness

    def _note_full(self, shop_id: int, now: datetime) -> None:
        known = self._known[shop_id]
        if known.noted_at is not None and timedelta(0) <= now - known.noted_at < SAID:
            return
        known.noted_at = now
        log.warning("too much of a shop waits", shop=shop_id, webhooks=known.has.waiting, bytes=known.has.size)
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
            known.has = self._counted(shop_id)
            known.fullness = self._room.fullness(known.has)
            self._make_room(shop_id, known.has)
        except StorageDown:
            log.warning("cannot count what waits", shop=shop_id)
        finally:
            known.counted_at, known.is_being_counted = now, False

    def _counted(self, shop_id: int) -> Bodies:
        has = Bodies()
        for has in self._bodies.count(shop_id):
            if self._room.fullness(has) is Fullness.CRAMMED:
                break
        return has

    def _make_room(self, shop_id: int, has: Bodies) -> None:
        too_many = self._room.too_many_bytes(has)
        if too_many and (freed := self._bodies.let_go(shop_id, too_many)):
            log.info("kept bodies let go", shop=shop_id, bytes=freed)

    def _beside(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, name="count what waits", daemon=True)
        self._threads = [*filter(Thread.is_alive, self._threads), thread]
        thread.start()


_SELECT_FULL_AT = select(_shops.c.full_at).where(_shops.c.id == bindparam("its_id"))
