"""Last stage: one attempt, written before it is made and after it was answered."""

from collections.abc import Callable
from datetime import datetime

import structlog

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.destination import MERCHANT_PAUSE
from plugin.domain.retry import wait_before_next
from plugin.metrics import ATTEMPT_SECONDS, ATTEMPTS
from plugin.ports import Finished, Parcel, Post, Store

log = structlog.get_logger()


class Deliverer:
    """Makes attempts, from any number of threads."""

    def __init__(self, store: Store, post: Post, *, clock: Callable[[], datetime], chance: Callable[[], float]) -> None:
        self._store, self._post, self._clock, self._chance = store, post, clock, chance

    def deliver(self, parcel: Parcel) -> None:
        """Make the attempt this parcel was claimed for, and store what came of it; nothing when its lease has run out."""
        began_at = self._clock()
        if parcel.leased_until is not None and began_at >= parcel.leased_until:
            log.warning("too late to send", **parcel.delivery.log_context())
            return
        outcome = self._post(parcel)
        ended_at = self._clock()
        next_at = next_attempt(parcel, outcome, now=ended_at, chance=self._chance())
        finished = Finished(parcel=parcel, outcome=outcome, sent_at=began_at, next_at=next_at)
        is_ours = self._store.deliveries.finish(finished, now=ended_at)
        if not is_ours:
            log.warning("answered too late", **parcel.delivery.log_context())
        took = (ended_at - began_at).total_seconds()
        ATTEMPTS.labels(outcome.verdict.value).inc()
        ATTEMPT_SECONDS.observe(took)
        log.info(outcome.verdict.value, **parcel.delivery.log_context(), status=outcome.status, took_ms=int(took * 1000))


def next_attempt(parcel: Parcel, outcome: Outcome, *, now: datetime, chance: float) -> datetime | None:
    """When to try again by the published schedule; None when it is over.

    What fails because the merchant must act is not the event's fault: it waits for as long as that takes.
    """
    if outcome.needs_merchant:
        return now + MERCHANT_PAUSE
    if outcome.verdict not in (Verdict.TRY_AGAIN, Verdict.UNCERTAIN):
        return None
    wait = wait_before_next(parcel.delivery.attempts + 1, asked=outcome.after, chance=chance)
    return now + wait if wait else None
