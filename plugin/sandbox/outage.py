"""A time in which a pretend store's API answers nobody."""

import time
from collections.abc import Callable


class Outage:
    """Over until it is begun. The store goes on selling, and sends its webhooks."""

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._until = float("-inf")

    def begin(self, seconds: float = float("inf")) -> None:
        """Let every question be answered 503 for so many seconds, or until `end`."""
        self._until = self._seconds() + seconds

    def end(self) -> None:
        self._until = float("-inf")

    @property
    def is_on(self) -> bool:
        return self._seconds() < self._until
