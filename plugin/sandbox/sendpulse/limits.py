"""How often an account may call, counted over sliding windows."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class Limits:
    """The limits of a plan; None switches one off.

    https://sendpulse.com/integrations/api (free plan: 1,000 a minute; every plan: ten a second)
    """

    per_second: int | None = 10
    per_minute: int | None = 1_000
    tokens_per_minute: int | None = None  #: documented only as a warning
    events_per_second: int | None = None  #: no limit is published for event URLs
    flow_starts_per_day: int = 100_000
    retry_after_seconds: int | None = None  #: SendPulse documents no Retry-After


@dataclass(slots=True)
class Window:
    """The calls of the last while."""

    length: timedelta
    calls: deque[datetime] = field(default_factory=deque)

    def is_full(self, limit: int | None, *, now: datetime) -> bool:
        """Whether another call would be one too many; when not, it is counted."""
        while self.calls and now - self.calls[0] >= self.length:
            self.calls.popleft()
        if limit is not None and len(self.calls) >= limit:
            return True
        self.calls.append(now)
        return False
