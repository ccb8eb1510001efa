"""Pace, order, breaker and uncertainty: what a destination promises, on both databases."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from plugin.domain.contact import Consent
from plugin.domain.delivery import Outcome, State, Verdict
from plugin.domain.destination import DISABLED_AFTER
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.ports import ClaimedDelivery, DeliveryFilter
from plugin.sendpulse.outcomes import understand
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.worker import SENDING_LEASE
from tests.pipeline.conftest import BUSY, SILENT, Harness
from tests.support.builders import EVENT_URL, NOON, a_basket, a_cart, a_contact, a_settings_document, an_event
from tests.support.working import drain, prepare, work_once

DENIED = Outcome(
    verdict=Verdict.GIVE_UP,
    code=ReasonCode.BODY_REFUSED,
    reason=worded("SendPulse refuses the key."),
    fix=worded("Enter a new one."),
    status=401,
    needs_merchant=True,
)


def route_for(harness: Harness, *kinds: str, **route: Any) -> None:
    """Send these kinds by JSON to one event URL."""
    way = {"enabled": True, "send": "json", "event_url": EVENT_URL, **route}
    document = a_settings_document(events=dict.fromkeys(kinds, way))
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=NOON)


def orders(harness: Harness, count: int, *, first: int = 0) -> None:
    for number in range(first, first + count):
        basket = a_basket(keys=(f"order:{number}",))
        harness.happen(an_event(object_id=str(number), basket=basket), key=f"o{number}", topic=f"o{number}")


def run_for(harness: Harness, seconds: float, *, step: float = 0.05) -> None:
    """Have the worker look every so many seconds; of the looks before anything can change by itself, one in a hundred."""
    left = round(seconds / step)
    while left:
        drain(harness.worker)
        idle = (next_moment(harness) - harness.clock()).total_seconds()
        steps = min(left, 100, max(1, int(idle / step)))
        harness.clock.move(seconds=steps * step)
        left -= steps


def next_moment(harness: Harness) -> datetime:
    """When something becomes due or a lease runs out, of all that waits."""
    assert isinstance(harness.store, SqlStore)
    now, waiting = harness.clock(), (tables.webhooks, tables.events, tables.timers, tables.deliveries)
    moments = [column for table in waiting for column in (table.c.due_at, table.c.lease_until)]
    moments += [tables.destinations.c.ready_at, tables.destinations.c.lease_until]
    soonest = [select(func.min(column)).where(column > now).scalar_subquery() for column in moments]
    [found] = harness.store.database.read_once(select(*soonest))
    return min((moment for moment in found if moment), default=now + timedelta(days=365))


def times(harness: Harness) -> list[float]:
    """Seconds since noon at which attempts were made, in order."""
    found = [attempt.started_at for row in harness.log(limit=1000) for attempt in row.attempts]
    return sorted((at - NOON).total_seconds() for at in found)


# ------------------------------------------------------------------ pace


def test_no_second_sees_more_than_the_accounts_rate(harness: Harness) -> None:
    orders(harness, 30)

    run_for(harness, 6)

    made = times(harness)
    assert len(made) == 30
    assert max(sum(1 for other in made if at <= other < at + 1) for at in made) <= 8


def test_one_accounts_flood_does_not_delay_another_account(harness: Harness) -> None:
    route_for(harness, "order_paid")
    orders(harness, 40)
    other = EVENT_URL.replace("7043663", "7000001")
    route_for(harness, "order_created", event_url=other)
    harness.happen(an_event(kind=EventKind.ORDER_CREATED, object_id="x", basket=a_basket(keys=("order:x",))), key="x")
    prepare(harness.worker)

    drain(harness.worker)

    assert "order_created" in [body["event_name"] for body in harness.sent()]


# ------------------------------------------------------------------ order


def test_what_happens_to_a_basket_leaves_in_the_order_it_happened(harness: Harness) -> None:
    route_for(harness, "order_created", "order_paid", "order_fulfilled")
    story = [(EventKind.ORDER_FULFILLED, 2), (EventKind.ORDER_PAID, 1), (EventKind.ORDER_CREATED, 0)]
    for kind, minute in story:
        harness.happen(an_event(kind=kind, happened_at=NOON + timedelta(minutes=minute)), key=kind.value, topic=kind.value)

    run_for(harness, 2)

    assert [body["event_name"] for body in harness.sent()] == ["order_created", "order_paid", "order_fulfilled"]


def test_nothing_of_a_basket_overtakes_what_must_be_tried_again(harness: Harness) -> None:
    route_for(harness, "order_created", "order_paid")
    harness.sendpulse.answers = [BUSY]
    harness.happen(an_event(kind=EventKind.ORDER_CREATED), key="created", topic="created")
    drain(harness.worker)
    harness.happen(an_event(happened_at=NOON + timedelta(seconds=1)), key="paid", topic="paid")

    run_for(harness, 8, step=0.25)

    assert [body["event_name"] for body in harness.sent()] == ["order_created", "order_created", "order_paid"]


def test_another_basket_goes_on_meanwhile(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY]
    orders(harness, 2)

    run_for(harness, 1)

    assert sorted(row.state for row in harness.log()) == ["delivered", "waiting"]


def test_an_older_state_of_a_cart_never_leaves_after_a_newer(harness: Harness) -> None:
    route_for(harness, "cart_updated")
    harness.happen(a_cart(version="2", happened_at=NOON + timedelta(minutes=2)), key="2", topic="2")
    drain(harness.worker)
    harness.happen(a_cart(version="1", happened_at=NOON + timedelta(minutes=1)), key="1", topic="1")

    run_for(harness, 1)

    assert len(harness.sent()) == 1
    assert harness.log()[0].reason == "Your store had already sent a newer version when this one arrived."


def test_a_purchase_leaves_before_a_cart_event_that_waits(harness: Harness) -> None:
    route_for(harness, "cart_updated", "order_created")
    harness.sendpulse.answers = [BUSY]
    harness.happen(a_cart(), key="cart", topic="cart")
    drain(harness.worker)
    harness.happen(an_event(kind=EventKind.ORDER_CREATED, happened_at=NOON + timedelta(seconds=2)), key="order", topic="order")

    run_for(harness, 40, step=1)

    assert [body["event_name"] for body in harness.sent()] == ["cart_updated", "order_created"]
    assert {row.kind: row.state for row in harness.log()} == {"cart_updated": "skipped", "order_created": "delivered"}


# ------------------------------------------------------------------ breaker


def test_a_failing_account_is_paused_and_loses_nothing(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY] * 12
    orders(harness, 15)

    run_for(harness, 4)

    assert len(harness.sent()) == 10
    [told] = [one for one in harness.store.deliveries.destinations(harness.shop.id) if one.health != "closed"]
    assert (told.health, told.reason) == ("open", "SendPulse is busy.")
    run_for(harness, 3000, step=20)
    assert {row.state for row in harness.log()} == {"delivered"}
    assert {one.health for one in harness.store.deliveries.destinations(harness.shop.id)} == {"closed"}


def test_a_dead_account_costs_one_attempt_a_pause(harness: Harness) -> None:
    harness.sendpulse.answers = [SILENT] * 1000
    orders(harness, 40)
    run_for(harness, 5)
    before = len(harness.sent())

    run_for(harness, 25, step=1)
    assert len(harness.sent()) == before
    run_for(harness, 10, step=1)

    assert len(harness.sent()) == before + 1


def test_an_account_the_merchant_must_mend_is_paused_with_the_reason(harness: Harness) -> None:
    harness.sendpulse.answers = [DENIED]
    orders(harness, 5)

    run_for(harness, 60, step=1)

    assert len(harness.sent()) == 1
    assert {row.state for row in harness.log()} == {"waiting"}
    [told] = [one for one in harness.store.deliveries.destinations(harness.shop.id) if one.health != "closed"]
    assert (told.health, told.fix) == ("needs_merchant", "Enter a new one.")


def test_events_leave_again_when_the_merchant_has_acted(harness: Harness) -> None:
    harness.sendpulse.answers = [DENIED]
    orders(harness, 5)
    run_for(harness, 2, step=0.5)

    assert harness.store.deliveries.reopen(harness.shop.id, now=harness.clock()) == 1
    run_for(harness, 3700, step=20)

    assert {row.state for row in harness.log()} == {"delivered"}


def test_after_five_days_of_failures_an_account_is_disabled(harness: Harness) -> None:
    harness.sendpulse.answers = [BUSY] * 10_000
    orders(harness, 12)

    for day in range(1, DISABLED_AFTER.days + 2):
        orders(harness, 3, first=100 * day)
        run_for(harness, 86400, step=3600)

    [told] = [one for one in harness.store.deliveries.destinations(harness.shop.id) if one.health != "closed"]
    assert told.health == "disabled"
    made = len(harness.sent())
    orders(harness, 2, first=1000)
    run_for(harness, 86400, step=3600)
    assert len(harness.sent()) == made
    assert harness.log(state=State.WAITING)


# ------------------------------------------------------------------ uncertainty


@pytest.mark.parametrize("answer", [SILENT, understand(504, {}, b"", now=NOON)], ids=["silence", "a gateway's"])
def test_an_event_whose_answer_never_came_is_held_when_the_merchant_wants_that(harness: Harness, answer: Outcome) -> None:
    route_for(harness, "order_paid", on_uncertain="hold")
    harness.sendpulse.answers = [answer]
    orders(harness, 1)

    run_for(harness, 600, step=10)

    [row] = harness.log()
    assert (row.state, len(harness.sent())) == ("held", 1)
    assert "SendPulse may have this event" in row.reason


def test_an_event_of_a_killed_worker_is_held_when_the_merchant_wants_that(harness: Harness) -> None:
    route_for(harness, "order_paid", on_uncertain="hold")
    orders(harness, 1)
    prepare(harness.worker)
    assert harness.store.deliveries.claim(limit=1, now=harness.clock(), lease=SENDING_LEASE)

    run_for(harness, 30, step=1)

    [row] = harness.log()
    assert (row.state, harness.sent()) == ("held", [])
    assert [attempt.verdict for attempt in row.attempts] == ["uncertain"]


def test_a_held_uncertain_event_is_sent_again_by_hand(harness: Harness) -> None:
    route_for(harness, "order_paid", on_uncertain="hold")
    harness.sendpulse.answers = [SILENT]
    orders(harness, 1)
    run_for(harness, 1)

    harness.store.log.replay(DeliveryFilter(shop_id=harness.shop.id, state=State.HELD), now=harness.clock())
    run_for(harness, 1)

    assert [row.state for row in harness.log()] == ["delivered"]


def test_an_hour_of_outage_delays_and_loses_nothing(harness: Harness) -> None:
    outage = NOON + timedelta(hours=1)
    answered: list[str] = []

    class Down:
        def __call__(self, claimed: Any) -> Outcome:
            if harness.clock() < outage:
                return BUSY
            answered.append(json.loads(claimed.body)["order_id"])
            return harness.sendpulse(claimed)

    harness.worker._deliverer._post = Down()
    for number in range(30):
        basket = a_basket(keys=(f"order:{number}",), order_id=str(number))
        contact = replace(a_contact(), consent=Consent.SUBSCRIBED)
        harness.happen(an_event(object_id=str(number), basket=basket, contact=contact), key=f"{number}", topic=f"{number}")
    run_for(harness, 5 * 3600, step=60)

    assert sorted(answered, key=int) == [str(number) for number in range(30)]
    assert {row.state for row in harness.log()} == {"delivered"}


@pytest.mark.parametrize("verdict", [Verdict.TRY_AGAIN, Verdict.UNCERTAIN])
def test_a_retry_after_is_heeded(harness: Harness, verdict: Verdict) -> None:
    harness.sendpulse.answers = [
        Outcome(verdict=verdict, code=ReasonCode.RATE_LIMITED, reason=worded("busy"), status=429, after=timedelta(minutes=5))
    ]
    orders(harness, 1)

    run_for(harness, 299, step=13)
    assert len(harness.sent()) == 1
    run_for(harness, 5, step=1)

    assert len(harness.sent()) == 2


def test_hours_in_which_the_merchant_must_act_do_not_use_up_the_schedule(harness: Harness) -> None:
    harness.sendpulse.answers = [DENIED] * 11 + [BUSY]
    orders(harness, 1)

    run_for(harness, 13 * 3600, step=600)

    assert [row.state for row in harness.log()] == ["delivered"]


def test_an_account_that_is_reopened_at_once_keeps_its_pace(harness: Harness) -> None:
    harness.sendpulse.answers = [DENIED]
    orders(harness, 2)
    drain(harness.worker)

    harness.clock.move(milliseconds=5)
    harness.store.deliveries.reopen(harness.shop.id, now=harness.clock())
    run_for(harness, 0.2, step=0.005)

    first, second = times(harness)
    assert second - first >= 1 / 8


def test_an_older_state_of_a_customer_never_leaves_after_a_newer(harness: Harness) -> None:
    route_for(harness, "customer_updated")
    harness.sendpulse.answers = [BUSY]
    for minute in (1, 2):
        at = NOON + timedelta(minutes=minute)
        customer = an_event(
            kind=EventKind.CUSTOMER_UPDATED, object_id="u1", version=str(minute), happened_at=at, basket=None,
            contact=a_contact(first_name=f"Name {minute}"),
        )  # fmt: skip
        harness.happen(customer, key=str(minute), topic=str(minute))
        drain(harness.worker)

    run_for(harness, 10, step=0.5)

    assert [body["first_name"] for body in harness.sent()] == ["Name 1", "Name 1", "Name 2"]


def a_bought_cart_on_its_way(harness: Harness) -> ClaimedDelivery:
    """A worker has the cart in hand; its purchase has been received."""
    route_for(harness, "cart_updated", "order_created")
    harness.happen(a_cart(), key="cart", topic="cart")
    translate, planning = harness.worker.translating, harness.worker.planning
    work_once(translate)
    work_once(planning)
    [claimed] = harness.store.deliveries.claim(limit=1, now=harness.clock(), lease=SENDING_LEASE)
    harness.happen(an_event(kind=EventKind.ORDER_CREATED, happened_at=NOON + timedelta(seconds=2)), key="order", topic="order")
    return claimed


def test_a_cart_that_was_bought_while_it_was_on_its_way_is_not_sent_again(harness: Harness) -> None:
    claimed = a_bought_cart_on_its_way(harness)
    translate, planning = harness.worker.translating, harness.worker.planning
    work_once(translate)
    work_once(planning)
    harness.sendpulse.answers = [BUSY]
    harness.worker._deliverer.deliver(claimed)

    run_for(harness, 10, step=0.5)

    assert [body["event_name"] for body in harness.sent()] == ["cart_updated", "order_created"]


def test_a_cart_that_was_bought_while_its_worker_died_is_not_sent_again(harness: Harness) -> None:
    a_bought_cart_on_its_way(harness)

    run_for(harness, 30, step=1)

    assert [body["event_name"] for body in harness.sent()] == ["order_created"]


def test_what_was_tried_before_it_was_held_stays_in_the_log(harness: Harness) -> None:
    route_for(harness, "order_paid", on_uncertain="hold")
    harness.sendpulse.answers = [SILENT]
    orders(harness, 1)
    run_for(harness, 1)

    harness.store.log.replay(DeliveryFilter(shop_id=harness.shop.id, state=State.HELD), now=harness.clock())
    run_for(harness, 1)

    [row] = harness.log()
    assert [attempt.verdict for attempt in row.attempts] == ["uncertain", "delivered"]


def test_what_was_tried_before_it_was_skipped_stays_in_the_log(harness: Harness) -> None:
    a_bought_cart_on_its_way(harness)
    run_for(harness, 30, step=1)

    harness.store.log.replay(DeliveryFilter(shop_id=harness.shop.id, state=State.SKIPPED), now=harness.clock())
    run_for(harness, 1)

    [row] = harness.log(kind=EventKind.CART_UPDATED)
    assert [attempt.verdict for attempt in row.attempts] == ["uncertain", "delivered"]
