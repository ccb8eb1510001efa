"""Whether a shop has been silent for longer than it ever is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

FEWEST = 10  #: busy hours before anything is concluded
SHORTEST = timedelta(hours=6)  #: a silence that may be a night
FACTOR = 2  #: times the longest silence so far


def unusual_silence(busy_hours: Sequence[datetime], now: datetime) -> timedelta | None:
    """How long nothing has come, when that is unusual; `busy_hours` are the beginnings of hours in order."""
    if len(busy_hours) < FEWEST:
        return None
    silence = now - busy_hours[-1]
    longest = max(later - earlier for earlier, later in pairwise(busy_hours))
    return silence if silence >= max(SHORTEST, FACTOR * longest) else None
