"""One time for all machines: the database's, which they share."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from plugin import clock
from plugin.domain.errors import StorageDown

log = structlog.get_logger()

MEASURED_EVERY: Final = 60.0  #: seconds
NOTICED: Final = timedelta(milliseconds=250)  #: a smaller difference may be the way to the database and back
REPORTED_SKEW: Final = timedelta(seconds=2)  #: a larger one is for an operator to mend


class SharedClock:
    """Tells the time of the database: a lease or a pace must not depend on which machine looks at it."""

    def __init__(
        self,
        ahead: Callable[[], timedelta],
        *,
        here: Callable[[], datetime] = lambda: clock.now(),  # looked up when asked, so that a test may set it wrong
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ahead` measures how far the database's clock is ahead of this machine's; raises `StorageDown`."""
        self._measure, self._here, self._seconds = ahead, here, seconds
        self._ahead, self._due = timedelta(0), float("-inf")

    def __call__(self) -> datetime:
        if self._seconds() >= self._due:
            self._due = self._seconds() + MEASURED_EVERY
            self._agree()
        return self._here() + self._ahead

    def _agree(self) -> None:
        try:
            ahead = self._measure()
        except StorageDown:  # what was measured last still holds
            return
        if abs(ahead) > REPORTED_SKEW:
            log.warning("clock differs from the database's", seconds=round(ahead.total_seconds(), 1))
        self._ahead = ahead if abs(ahead) > NOTICED else timedelta(0)
