"""How busy this process is, and how long its pools therefore wait for company before they claim.

A claim costs some ten statements whether it finds one webhook or fifty, and so does every group of what it found. Who is
idle looks at once. Who computes most of the time, or would if others left it a core, looks seldom, finds more each time,
and has less to compute.
"""

import time
from pathlib import Path
from typing import Final

SPAN_SECONDS: Final = 1.0  #: over which the share of a core is measured
AT_EASE, BUSY = 0.4, 0.5  #: shares of a core: up to the first nobody waits, from the second on as long as ever
LONGEST_SECONDS: Final = 0.1  #: between two claims of a pool

#: Nanoseconds that the main thread, the only one under gevent, has run and has stood ready to run; then a number of times.
#: https://docs.kernel.org/scheduler/sched-stats.html
SCHEDULED: Final = Path("/proc/self/schedstat")


class Busyness:
    """Measures the process by its own clock of computing, and by how long it waited for a core. Threads may share it."""

    def __init__(self) -> None:
        self._measured_at, self._wanted = time.monotonic(), _wanted_seconds()
        self._share = 0.0

    def pause_seconds(self) -> float:
        """From one claim's beginning to the next one's, at least."""
        return LONGEST_SECONDS * min(1.0, max(0.0, (self._share_of_a_core() - AT_EASE) / (BUSY - AT_EASE)))

    def _share_of_a_core(self) -> float:
        """Over the last second, or for as long as nobody asked."""
        now = time.monotonic()
        if now - self._measured_at >= SPAN_SECONDS:
            wanted = _wanted_seconds()
            self._share = (wanted - self._wanted) / (now - self._measured_at)
            self._measured_at, self._wanted = now, wanted
        return self._share


def _wanted_seconds() -> float:
    """How long this process has computed or stood ready to; where the system does not tell the second, without it."""
    try:
        waited = int(SCHEDULED.read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        waited = 0.0
    return time.process_time() + waited
