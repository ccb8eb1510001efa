"""What the merchant must mend: an account that takes nothing, or one event that alone is refused, on both databases."""

import json
from datetime import datetime, timedelta
from typing import cast

from plugin.domain.delivery import Outcome, State
from plugin.domain.retry import SCHEDULE
from plugin.ports import ClaimedDelivery, DeliveryFilter
from tests.pipeline.conftest import Harness
from tests.pipeline.test_destinations import DENIED, orders, run_for
from tests.support.builders import a_basket, an_event
from tests.support.fake_platform import DELIVERED
from tests.support.working import drain

HOUR = 3600
HOURS = 38  #: the schedule's 28, each wait a tenth longer at most, and what comes before it
UNCOUNTED = 2  #: attempts before the account took another order, an hour after the first


def denies_the_first(harness: Harness) -> None:
    """SendPulse takes every order but the first, for which the merchant would have to act."""

    def post(claimed: ClaimedDelivery) -> Outcome:
        harness.sendpulse.posted.append(claimed)
        return DENIED if json.loads(claimed.body)["order_id"] == "0" else DELIVERED

    harness.worker._deliverer._post = post


def order(harness: Harness, number: int) -> None:
    basket = a_basket(keys=(f"order:{number}",), order_id=str(number))
    harness.happen(an_event(object_id=str(number), basket=basket), key=f"o{number}", topic=f"o{number}")


def minutes_taken(harness: Harness) -> list[float]:
    """From planning to the end, in the order of planning."""
    rows = reversed(harness.log(state=State.DELIVERED))
    took = [cast(datetime, row.finished_at) - row.created_at for row in rows]
    return [each / timedelta(minutes=1) for each in took]


def test_one_event_that_alone_needs_the_merchant_is_given_up_with_what_to_mend(harness: Harness) -> None:
    denies_the_first(harness)

    for number in range(HOURS):
        order(harness, number)
        run_for(harness, HOUR, step=1200)

    [row] = harness.log(state=State.FAILED)
    assert (row.reason, row.fix) == (DENIED.reason, DENIED.fix)
    assert len(row.attempts) == UNCOUNTED + 1 + len(SCHEDULE)
    assert len(harness.log(state=State.DELIVERED)) == HOURS - 1


def test_one_event_that_alone_needs_the_merchant_delays_the_others_once(harness: Harness) -> None:
    denies_the_first(harness)

    for number in range(12):
        order(harness, number)
        run_for(harness, HOUR, step=600)

    assert max(minutes_taken(harness)[3:]) <= 10
    assert {one.health for one in harness.store.deliveries.destinations(harness.shop.id)} == {"closed"}


def test_an_account_that_took_nothing_since_keeps_every_event(harness: Harness) -> None:
    order(harness, 1)
    drain(harness.worker)
    harness.sendpulse.answers = [DENIED] * 30
    orders(harness, 2, first=2)

    for _ in range(14):
        run_for(harness, HOUR, step=1200)
        harness.store.deliveries.reopen(harness.shop.id, now=harness.clock())

    assert len(harness.log(state=State.WAITING)) == 2
    assert not harness.log(state=State.FAILED)


def test_an_event_that_is_sent_again_is_no_longer_the_one_that_was_refused(harness: Harness) -> None:
    denies_the_first(harness)
    for number in range(HOURS):
        order(harness, number)
        run_for(harness, HOUR, step=1200)
    harness.store.log.replay(DeliveryFilter(shop_id=harness.shop.id, state=State.FAILED), now=harness.clock())

    run_for(harness, 60, step=1)

    [row] = harness.log(state=State.WAITING)
    assert len(row.attempts) == UNCOUNTED + 1 + len(SCHEDULE) + 1
