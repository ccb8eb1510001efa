"""Last stage: one attempt, written before it is made and after it was answered."""

import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock

import structlog

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.destination import MERCHANT_PAUSE
from plugin.domain.retry import wait_before_next
from plugin.metrics import ATTEMPT_SECONDS, ATTEMPTS
from plugin.ports import Finished, Parcel, Post, Store

log = structlog.get_logger()


class Deliverer:
    """Makes attempts from any number of threads; answers that come together are stored in one commit."""

    def __init__(self, store: Store, post: Post, *, clock: Callable[[], datetime], chance: Callable[[], float]) -> None:
        self._store, self._post, self._clock, self._chance = store, post, clock, chance
        self._answered: list[Finished] = []
        self._adding, self._storing = Lock(), Lock()

    def deliver(self, parcel: Parcel) -> None:
        """Make the attempt this parcel was claimed for, and store what came of it; nothing when its lease has run out."""
        began_at = self._clock()
        if parcel.leased_until is not None and began_at >= parcel.leased_until:
            log.warning("too late to send", **parcel.delivery.log_context())
            return
        outcome = self._post(parcel)
        ended_at = self._clock()
        next_at = next_attempt(parcel, outcome, now=ended_at, chance=self._chance())
        self._store_with_others(Finished(parcel=parcel, outcome=outcome, next_at=next_at))
        took = (ended_at - began_at).total_seconds()
        ATTEMPTS.labels(outcome.verdict.value).inc()
        ATTEMPT_SECONDS.observe(took)
        log.info(outcome.verdict.value, **parcel.delivery.log_context(), status=outcome.status, took_ms=int(took * 1000))

    def _store_with_others(self, finished: Finished) -> None:
        """Whoever gets the lock stores everybody's answers; the others find theirs stored."""
        with self._adding:
            self._answered.append(finished)
        time.sleep(0)  # lets those that are ready add theirs
        with self._storing:
            with self._adding:
                together, self._answered = self._answered, []
            if together:
                self._store.deliveries.finish(together, now=self._clock())


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
