"""What was asked a moment ago, kept in this process only."""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """So many answers for so long; the oldest makes way. Threads may share it."""

    def __init__(self, *, seconds: float, most: int, seconds_now: Callable[[], float] = monotonic) -> None:
        self._seconds, self._most, self._now = seconds, most, seconds_now
        self._kept: dict[K, tuple[float, V]] = {}  # the oldest first
        self._lock = Lock()

    def read(self, key: K) -> V | None:
        """What is kept, unless it is too old."""
        kept = self._kept.get(key)
        return kept[1] if kept and self._now() - kept[0] < self._seconds else None

    def keep(self, key: K, answer: V) -> None:
        with self._lock:
            self._kept.pop(key, None)
            while len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (self._now(), answer)
