"""Last stage: one attempt, written before it is made and after it was answered."""

from collections.abc import Callable
from datetime import datetime

import structlog

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.retry import wait_before_next
from plugin.metrics import ATTEMPT_SECONDS, ATTEMPTS
from plugin.ports import Parcel, Post, Store

log = structlog.get_logger()


def deliver(parcel: Parcel, store: Store, post: Post, *, clock: Callable[[], datetime], chance: Callable[[], float]) -> None:
    """Make one attempt, unless another worker has taken the delivery over."""
    began_at = clock()
    attempt_id = store.deliveries.begin(parcel, now=began_at)
    if attempt_id is None:
        return
    outcome = post(parcel)
    ended_at = clock()
    store.deliveries.finish(
        parcel, attempt_id, outcome, next_at=next_attempt(parcel, outcome, now=ended_at, chance=chance()), now=ended_at
    )
    took = (ended_at - began_at).total_seconds()
    ATTEMPTS.labels(outcome.verdict.value).inc()
    ATTEMPT_SECONDS.observe(took)
    log.info(outcome.verdict.value, **parcel.delivery.log_context(), status=outcome.status, took_ms=int(took * 1000))


def next_attempt(parcel: Parcel, outcome: Outcome, *, now: datetime, chance: float) -> datetime | None:
    """When to try again by the published schedule; None when it is over."""
    if outcome.verdict not in (Verdict.TRY_AGAIN, Verdict.UNCERTAIN):
        return None
    wait = wait_before_next(parcel.delivery.attempts + 1, asked=outcome.after, chance=chance)
    return now + wait if wait else None
