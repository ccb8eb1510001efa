"""When a failed attempt is made again: the published schedule."""

from datetime import timedelta

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
JITTER = 0.1  #: a tenth earlier or later, so that a recovered SendPulse is not hit by everybody at once
LONGEST_WAIT = timedelta(hours=24)  #: a longer Retry-After is not believed


def wait_before_next(attempts_made: int, *, asked: timedelta | None, chance: float) -> timedelta | None:
    """The time until the next attempt, or None when there is none.

    `asked` is what the answer's Retry-After said; `chance` is a random number from 0 to 1.
    """
    if not 1 <= attempts_made <= len(SCHEDULE):
        return None
    wait = SCHEDULE[attempts_made - 1] * (1 + JITTER * (2 * chance - 1))
    return max(wait, min(asked, LONGEST_WAIT)) if asked else wait
