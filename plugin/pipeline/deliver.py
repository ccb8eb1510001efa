"""Last stage: one attempt, written before it is made and after it was answered."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.destination import MERCHANT_PAUSE
from plugin.domain.errors import StorageDown
from plugin.domain.retry import wait_before_next
from plugin.metrics import ATTEMPT_SECONDS, ATTEMPTS, REASONS
from plugin.ports import AttemptResult, ClaimedDelivery, Post, Store

log = structlog.get_logger()

STORING_PAUSE_SECONDS = 0.5  #: between two tries to store an answer


class Deliverer:
    """Makes attempts, from any number of threads."""

    def __init__(
        self,
        store: Store,
        post: Post,
        *,
        clock: Callable[[], datetime],
        chance: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store, self._post, self._clock, self._chance, self._sleep = store, post, clock, chance, sleep

    def deliver(self, claimed: ClaimedDelivery) -> None:
        """Make the attempt this delivery was claimed for, and store what came of it; nothing when its lease has run out."""
        began_at = self._clock()
        if claimed.leased_until is not None and began_at >= claimed.leased_until:
            log.warning("too late to send", **claimed.delivery.log_context())
            return
        outcome = self._post(claimed)
        ended_at = self._clock()
        next_at = next_attempt(claimed, outcome, now=ended_at, chance=self._chance())
        finished = AttemptResult(claimed=claimed, outcome=of_this_event(claimed, outcome), sent_at=began_at, next_at=next_at)
        self._keep(finished, now=ended_at)
        took = (ended_at - began_at).total_seconds()
        ATTEMPTS.labels(outcome.verdict.value).inc()
        if outcome.verdict is not Verdict.DELIVERED:
            REASONS.labels(outcome.code.value).inc()
        ATTEMPT_SECONDS.observe(took)
        said = {"status": outcome.status, "reason_code": outcome.code.value, "took_ms": int(took * 1000)}
        log.info(outcome.verdict.value, **claimed.delivery.log_context(), **said)

    def _keep(self, finished: AttemptResult, *, now: datetime) -> None:
        """Store what came of it, for as long as nobody else may send it: what is not stored is sent again."""
        claimed = finished.claimed
        while True:
            try:
                if not self._store.deliveries.finish(finished, now=now):
                    log.warning("answered too late", **claimed.delivery.log_context())
                return
            except StorageDown:
                if claimed.leased_until is None or self._clock() >= claimed.leased_until:
                    log.exception("answer not stored", **claimed.delivery.log_context())
                    return
            self._sleep(STORING_PAUSE_SECONDS)


def next_attempt(claimed: ClaimedDelivery, outcome: Outcome, *, now: datetime, chance: float) -> datetime | None:
    """When to try again by the published schedule; None when it is over.

    What fails because the merchant must act is not the event's fault: it waits for as long as that takes. What alone
    fails so while its account takes others has the schedule to be taken, like anything else.
    """
    if outcome.needs_merchant and not claimed.delivery.is_denied_alone:
        return now + MERCHANT_PAUSE
    if outcome.verdict not in (Verdict.TRY_AGAIN, Verdict.UNCERTAIN) and not outcome.needs_merchant:
        return None
    wait = wait_before_next(claimed.delivery.attempts + 1, asked=outcome.after, chance=chance)
    return now + wait if wait else None


def of_this_event(claimed: ClaimedDelivery, outcome: Outcome) -> Outcome:
    """The outcome without what it says of the account, where the account has taken other events since it said so first."""
    return replace(outcome, needs_merchant=outcome.needs_merchant and not claimed.delivery.is_denied_alone)
