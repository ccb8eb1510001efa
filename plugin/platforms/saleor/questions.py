"""Who asks a shop for its keys now: one delivery at a time, with a pause between, while the others wait for the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Condition
from typing import Any, Final

MOST_WAITING: Final = 100  #: of one shop in this process; each holds a connection of ours and a body nobody has checked yet
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
        self._waiting = 0
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
        """The answer to the open question, or to the last; None when it takes too long or too many wait already."""
        with self._closed:
            number = self.count
            if self._is_open and not self._is_answered(number, seconds):
                return None
            return self._last

    def _is_answered(self, number: int, seconds: float) -> bool:
        if self._waiting >= MOST_WAITING:
            return False
        self._waiting += 1
        try:
            return self._closed.wait_for(lambda: self._last.number >= number, seconds)
        finally:
            self._waiting -= 1
