"""An hour in which SendPulse answers 503, in virtual time: every event is delivered once after it."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.ports import ClaimedDelivery, DeliveryFilter, LoggedDelivery
from tests.support.builders import NOON
from tests.support.fake_platform import FakeClock
from tests.support.faults.checker import account_for
from tests.support.faults.harness import Harness

ORDERS = 60
OUTAGE = timedelta(hours=1)
SCHEDULE = (5, 30, 120, 600, 1800, 7200, 18000, 36000, 36000)  #: seconds between attempts, as published, ±10 %


@dataclass
class AwaySendPulse:
    """Says 503 until a moment, then yes."""

    clock: FakeClock
    back_at: datetime
    taken: Counter[str] = field(default_factory=Counter)
    refused: list[datetime] = field(default_factory=list)

    def __call__(self, claimed: ClaimedDelivery) -> Outcome:
        if self.clock() < self.back_at:
            self.refused.append(self.clock())
            return Outcome(
                verdict=Verdict.TRY_AGAIN, code=ReasonCode.SERVER_FAULT, reason=worded("SendPulse is busy."), status=503
            )
        self.taken[str(json.loads(claimed.body)["order_id"])] += 1
        return Outcome(
            verdict=Verdict.DELIVERED, code=ReasonCode.ACCEPTED, reason=worded("SendPulse accepted the event."), status=200
        )


def test_every_event_of_an_hour_of_503_is_delivered_once(harness: Harness) -> None:
    sendpulse = AwaySendPulse(harness.clock, back_at=NOON + OUTAGE)
    worker = harness.worker(sendpulse)
    for number in range(ORDERS):
        harness.order(number)
        harness.run(worker, until=harness.clock.move(seconds=60))
    assert harness.clock() == NOON + OUTAGE
    assert sendpulse.taken == Counter()

    harness.run(worker)

    orders = {str(number) for number in range(ORDERS)}
    account = account_for(harness.store, orders, sendpulse.taken)
    assert account.delivered == orders
    assert sendpulse.taken == Counter(orders)
    assert (account.uncertain, account.unmarked) == (0, frozenset())


def test_an_account_that_answers_503_is_asked_seldom(harness: Harness) -> None:
    sendpulse = AwaySendPulse(harness.clock, back_at=NOON + OUTAGE)
    worker = harness.worker(sendpulse)
    for number in range(ORDERS):
        harness.order(number)

    harness.run(worker, until=NOON + OUTAGE)

    later = [at for at in sendpulse.refused if at > NOON + timedelta(minutes=10)]
    assert len(sendpulse.refused) < ORDERS
    assert len(later) <= 6  # a probe each ten, then each thirty minutes


def test_attempts_of_one_event_are_made_on_the_published_schedule(harness: Harness) -> None:
    sendpulse = AwaySendPulse(harness.clock, back_at=NOON + timedelta(days=30))
    harness.order(1)

    harness.run(harness.worker(sendpulse))

    [row] = harness.store.log.list(DeliveryFilter(shop_id=harness.shop.id))
    assert (row.state, len(row.attempts)) == ("failed", 1 + len(SCHEDULE))
    for wait, planned in zip(_waits(row), SCHEDULE, strict=True):
        assert planned * 0.9 <= wait <= planned * 1.1 + 1


def _waits(row: LoggedDelivery) -> list[float]:
    moments = [attempt.started_at for attempt in row.attempts]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
