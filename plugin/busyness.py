"""How busy this process is, and how long its pools therefore wait for company before they claim.

A claim costs some ten statements whether it finds one webhook or fifty, and so does every group of what it found. Who is
idle looks at once. Who computes most of the time looks seldom, finds more each time, and has less to compute.
"""

import time
from typing import Final

SPAN_SECONDS: Final = 1.0  #: over which the share of a core is measured
AT_EASE, BUSY = 0.4, 0.5  #: shares of a core: up to the first nobody waits, from the second on as long as ever
LONGEST_SECONDS: Final = 0.1  #: between two claims of a pool


class Busyness:
    """Measures the process by its own clock of computing. Threads may share it."""

    def __init__(self) -> None:
        self._measured_at, self._computed = time.monotonic(), time.process_time()
        self._share = 0.0

    def pause_seconds(self) -> float:
        """From one claim's beginning to the next one's, at least."""
        return LONGEST_SECONDS * min(1.0, max(0.0, (self._share_of_a_core() - AT_EASE) / (BUSY - AT_EASE)))

    def _share_of_a_core(self) -> float:
        """Over the last second, or for as long as nobody asked."""
        now = time.monotonic()
        if now - self._measured_at >= SPAN_SECONDS:
            computed = time.process_time()
            self._share = (computed - self._computed) / (now - self._measured_at)
            self._measured_at, self._computed = now, computed
        return self._share
