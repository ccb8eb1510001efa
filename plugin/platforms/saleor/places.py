"""Places that few may have at a time: so many altogether, and so many for one."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Places:
    """Shared in one process; whoever asks for a place waits for it, but not for long."""

    def __init__(self, most: int, *, of_one: int) -> None:
        self._most, self._of_one = most, of_one
        self._taken: Counter[str] = Counter()  #: by whose they are
        self._changed = Condition()  # under gevent's patching this is one among greenlets

    @contextmanager
    def place(self, whose: str, *, seconds: float = 0) -> Iterator[bool]:
        """Whether there was a place within this time; it is theirs until the end of the block."""
        is_in = self._enters(whose, seconds)
        try:
            yield is_in
        finally:
            if is_in:
                self._leaves(whose)

    def _enters(self, whose: str, seconds: float) -> bool:
        with self._changed:
            is_in = self._changed.wait_for(lambda: self._has_room_for(whose), seconds)
            if is_in:
                self._taken[whose] += 1
            return is_in

    def _has_room_for(self, whose: str) -> bool:
        return self._taken.total() < self._most and self._taken[whose] < self._of_one

    def _leaves(self, whose: str) -> None:
        with self._changed:
            self._taken[whose] -= 1
            self._taken += Counter()  # without those that have none
            self._changed.notify_all()
