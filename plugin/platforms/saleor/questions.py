"""Who asks a shop for its keys now: one delivery at a time, with a pause between, while the others wait for the answer."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition, Lock
from typing import Any, Final

PLACE: Final = 64 * 1024  #: bytes; a connection of ours that waits counts as so many, whatever it has sent
WAIT_SECONDS: Final = 10.0  #: Saleor hangs up after 18


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question."""

    number: int  #: of the question, counted from 1
    keys: Mapping[str, Any] | None  #: None: no answer, or none with a key in it


class Questions:
    """The questions to one shop; at most one is open."""

    def __init__(self) -> None:
        self._closed = Condition()  # under gevent's patching this is one among greenlets
        self._is_open = False
        self._opened_at: datetime | None = None
        self._last = Answer(0, None)
        self.count = 0  #: opened so far

    def open(self, now: datetime, *, pause: timedelta) -> bool:
        """Whether the caller shall ask now, and `close` afterwards; not while one is open, nor so soon after the last."""
        with self._closed:
            # A clock that was set back must not stop the questions until it has caught up.
            is_soon = self._opened_at is not None and timedelta(0) <= now - self._opened_at < pause
            if self._is_open or is_soon:
                return False
            self._is_open, self._opened_at = True, now
            self.count += 1
            return True

    def close(self, keys: Mapping[str, Any] | None) -> Answer:
        """Tell everybody who waits."""
        with self._closed:
            self._is_open, self._last = False, Answer(self.count, keys)
            self._closed.notify_all()
            return self._last

    def wait(self, seconds: float = WAIT_SECONDS) -> Answer | None:
        """The answer to the open question, or to the last; None when it takes too long."""
        with self._closed:
            number = self.count
            if self._is_open and not self._closed.wait_for(lambda: self._last.number >= number, seconds):
                return None
            return self._last


class Room:
    """What may wait for the answers of shops, all together in this process: bytes nobody has checked yet, and places.

    A host may have as much of it as is left for the others. So a few that never answer leave room for each that does, and
    one alone is not turned away for its size.
    """

    def __init__(self, most: int) -> None:
        self._most = most  #: bytes
        self._held: Counter[str] = Counter()  #: by host
        self._guard = Lock()

    @contextmanager
    def place(self, host: str, size: int) -> Iterator[bool]:
        """Whether so many bytes may wait for this host, which they do until the end of the block."""
        cost = size + PLACE
        is_in = self._enters(host, cost)
        try:
            yield is_in
        finally:
            if is_in:
                self._leaves(host, cost)

    def _enters(self, host: str, cost: int) -> bool:
        with self._guard:
            held = self._held.total()
            is_in = not held or self._held[host] + cost <= self._most - held - cost
            if is_in:
                self._held[host] += cost
            return is_in

    def _leaves(self, host: str, cost: int) -> None:
        with self._guard:
            self._held[host] -= cost
            self._held += Counter()  # without those that hold nothing
