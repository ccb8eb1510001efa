"""Pace, order, breaker and uncertainty: what a destination promises, on both databases."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugin.domain.contact import Consent
from plugin.domain.delivery import Outcome, State, Verdict
from plugin.domain.destination import DISABLED_AFTER
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.ports import ClaimedDelivery, DeliveryFilter
from plugin.sendpulse.outcomes import understand
from plugin.worker import SENDING_LEASE
from tests.pipeline.conftest import BUSY, SILENT, Plant
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


def route_for(plant: Plant, *kinds: str, **route: Any) -> None:
    """Send these kinds by JSON to one event URL."""
    way = {"enabled": True, "send": "json", "event_url": EVENT_URL, **route}
    document = a_settings_document(events=dict.fromkeys(kinds, way))
    plant.store.shops.write_settings(plant.shop.id, document, who="test", now=NOON)


def orders(plant: Plant, count: int, *, first: int = 0) -> None:
    for number in range(first, first + count):
        basket = a_basket(keys=(f"order:{number}",))
        plant.happen(an_event(object_id=str(number), basket=basket), key=f"o{number}", topic=f"o{number}")


def run_for(plant: Plant, seconds: float, *, step: float = 0.05) -> None:
    for _ in range(round(seconds / step)):
        drain(plant.worker)
        plant.clock.move(seconds=step)


def times(plant: Plant) -> list[float]:
    """Seconds since noon at which attempts were made, in order."""
    found = [attempt.started_at for row in plant.log(limit=1000) for attempt in row.attempts]
    return sorted((at - NOON).total_seconds() for at in found)


# ------------------------------------------------------------------ pace


def test_no_second_sees_more_than_the_accounts_rate(plant: Plant) -> None:
    orders(plant, 30)

    run_for(plant, 6)

    made = times(plant)
    assert len(made) == 30
    assert max(sum(1 for other in made if at <= other < at + 1) for at in made) <= 8


def test_one_accounts_flood_does_not_delay_another_account(plant: Plant) -> None:
    route_for(plant, "order_paid")
    orders(plant, 40)
    other = EVENT_URL.replace("7043663", "7000001")
    route_for(plant, "order_created", event_url=other)
    plant.happen(an_event(kind=EventKind.ORDER_CREATED, object_id="x", basket=a_basket(keys=("order:x",))), key="x")
    prepare(plant.worker)

    drain(plant.worker)

    assert "order_created" in [body["event_name"] for body in plant.sent()]


# ------------------------------------------------------------------ order


def test_what_happens_to_a_basket_leaves_in_the_order_it_happened(plant: Plant) -> None:
    route_for(plant, "order_created", "order_paid", "order_fulfilled")
    story = [(EventKind.ORDER_FULFILLED, 2), (EventKind.ORDER_PAID, 1), (EventKind.ORDER_CREATED, 0)]
    for kind, minute in story:
        plant.happen(an_event(kind=kind, happened_at=NOON + timedelta(minutes=minute)), key=kind.value, topic=kind.value)

    run_for(plant, 2)

    assert [body["event_name"] for body in plant.sent()] == ["order_created", "order_paid", "order_fulfilled"]


def test_nothing_of_a_basket_overtakes_what_must_be_tried_again(plant: Plant) -> None:
    route_for(plant, "order_created", "order_paid")
    plant.sendpulse.answers = [BUSY]
    plant.happen(an_event(kind=EventKind.ORDER_CREATED), key="created", topic="created")
    drain(plant.worker)
    plant.happen(an_event(happened_at=NOON + timedelta(seconds=1)), key="paid", topic="paid")

    run_for(plant, 8)

    assert [body["event_name"] for body in plant.sent()] == ["order_created", "order_created", "order_paid"]


def test_another_basket_goes_on_meanwhile(plant: Plant) -> None:
    plant.sendpulse.answers = [BUSY]
    orders(plant, 2)

    run_for(plant, 1)

    assert sorted(row.state for row in plant.log()) == ["delivered", "waiting"]


def test_an_older_state_of_a_cart_never_leaves_after_a_newer(plant: Plant) -> None:
    route_for(plant, "cart_updated")
    plant.happen(a_cart(version="2", happened_at=NOON + timedelta(minutes=2)), key="2", topic="2")
    drain(plant.worker)
    plant.happen(a_cart(version="1", happened_at=NOON + timedelta(minutes=1)), key="1", topic="1")

    run_for(plant, 1)

    assert len(plant.sent()) == 1
    assert plant.log()[0].reason == "The store told a newer state before this older one arrived."


def test_a_purchase_leaves_before_a_cart_event_that_waits(plant: Plant) -> None:
    route_for(plant, "cart_updated", "order_created")
    plant.sendpulse.answers = [BUSY]
    plant.happen(a_cart(), key="cart", topic="cart")
    drain(plant.worker)
    plant.happen(an_event(kind=EventKind.ORDER_CREATED, happened_at=NOON + timedelta(seconds=2)), key="order", topic="order")

    run_for(plant, 40, step=1)

    assert [body["event_name"] for body in plant.sent()] == ["cart_updated", "order_created"]
    assert {row.kind: row.state for row in plant.log()} == {"cart_updated": "skipped", "order_created": "delivered"}


# ------------------------------------------------------------------ breaker


def test_a_failing_account_is_paused_and_loses_nothing(plant: Plant) -> None:
    plant.sendpulse.answers = [BUSY] * 12
    orders(plant, 15)

    run_for(plant, 4)

    assert len(plant.sent()) == 10
    [told] = [one for one in plant.store.deliveries.destinations(plant.shop.id) if one.health != "closed"]
    assert (told.health, told.reason) == ("open", "SendPulse is busy.")
    run_for(plant, 3000, step=5)
    assert {row.state for row in plant.log()} == {"delivered"}
    assert {one.health for one in plant.store.deliveries.destinations(plant.shop.id)} == {"closed"}


def test_a_dead_account_costs_one_attempt_a_pause(plant: Plant) -> None:
    plant.sendpulse.answers = [SILENT] * 1000
    orders(plant, 40)
    run_for(plant, 5)
    before = len(plant.sent())

    run_for(plant, 25, step=1)
    assert len(plant.sent()) == before
    run_for(plant, 10, step=1)

    assert len(plant.sent()) == before + 1


def test_an_account_the_merchant_must_mend_is_paused_with_the_reason(plant: Plant) -> None:
    plant.sendpulse.answers = [DENIED]
    orders(plant, 5)

    run_for(plant, 60, step=1)

    assert len(plant.sent()) == 1
    assert {row.state for row in plant.log()} == {"waiting"}
    [told] = [one for one in plant.store.deliveries.destinations(plant.shop.id) if one.health != "closed"]
    assert (told.health, told.fix) == ("needs_merchant", "Enter a new one.")


def test_events_leave_again_when_the_merchant_has_acted(plant: Plant) -> None:
    plant.sendpulse.answers = [DENIED]
    orders(plant, 5)
    run_for(plant, 2, step=0.5)

    assert plant.store.deliveries.reopen(plant.shop.id, now=plant.clock()) == 1
    run_for(plant, 3700, step=20)

    assert {row.state for row in plant.log()} == {"delivered"}


def test_after_five_days_of_failures_an_account_is_disabled(plant: Plant) -> None:
    plant.sendpulse.answers = [BUSY] * 10_000
    orders(plant, 12)

    for day in range(1, DISABLED_AFTER.days + 2):
        orders(plant, 3, first=100 * day)
        run_for(plant, 86400, step=1200)

    [told] = [one for one in plant.store.deliveries.destinations(plant.shop.id) if one.health != "closed"]
    assert told.health == "disabled"
    made = len(plant.sent())
    orders(plant, 2, first=1000)
    run_for(plant, 86400, step=1200)
    assert len(plant.sent()) == made
    assert plant.log(state=State.WAITING)


# ------------------------------------------------------------------ uncertainty


@pytest.mark.parametrize("answer", [SILENT, understand(504, {}, b"", now=NOON)], ids=["silence", "a gateway's"])
def test_an_event_whose_answer_never_came_is_held_when_the_merchant_wants_that(plant: Plant, answer: Outcome) -> None:
    route_for(plant, "order_paid", on_uncertain="hold")
    plant.sendpulse.answers = [answer]
    orders(plant, 1)

    run_for(plant, 600, step=10)

    [row] = plant.log()
    assert (row.state, len(plant.sent())) == ("held", 1)
    assert "not known whether SendPulse has this event" in row.reason


def test_an_event_of_a_killed_worker_is_held_when_the_merchant_wants_that(plant: Plant) -> None:
    route_for(plant, "order_paid", on_uncertain="hold")
    orders(plant, 1)
    prepare(plant.worker)
    assert plant.store.deliveries.claim(limit=1, now=plant.clock(), lease=SENDING_LEASE)

    run_for(plant, 30, step=1)

    [row] = plant.log()
    assert (row.state, plant.sent()) == ("held", [])
    assert [attempt.verdict for attempt in row.attempts] == ["uncertain"]


def test_a_held_uncertain_event_is_sent_again_by_hand(plant: Plant) -> None:
    route_for(plant, "order_paid", on_uncertain="hold")
    plant.sendpulse.answers = [SILENT]
    orders(plant, 1)
    run_for(plant, 1)

    plant.store.log.replay(DeliveryFilter(shop_id=plant.shop.id, state=State.HELD), now=plant.clock())
    run_for(plant, 1)

    assert [row.state for row in plant.log()] == ["delivered"]


def test_an_hour_of_outage_delays_and_loses_nothing(plant: Plant) -> None:
    outage = NOON + timedelta(hours=1)
    answered: list[str] = []

    class Down:
        def __call__(self, claimed: Any) -> Outcome:
            if plant.clock() < outage:
                return BUSY
            answered.append(json.loads(claimed.body)["order_id"])
            return plant.sendpulse(claimed)

    plant.worker._deliverer._post = Down()
    for number in range(30):
        basket = a_basket(keys=(f"order:{number}",), order_id=str(number))
        contact = replace(a_contact(), consent=Consent.SUBSCRIBED)
        plant.happen(an_event(object_id=str(number), basket=basket, contact=contact), key=f"{number}", topic=f"{number}")
    run_for(plant, 5 * 3600, step=20)

    assert sorted(answered, key=int) == [str(number) for number in range(30)]
    assert {row.state for row in plant.log()} == {"delivered"}


@pytest.mark.parametrize("verdict", [Verdict.TRY_AGAIN, Verdict.UNCERTAIN])
def test_a_retry_after_is_heeded(plant: Plant, verdict: Verdict) -> None:
    plant.sendpulse.answers = [
        Outcome(verdict=verdict, code=ReasonCode.RATE_LIMITED, reason=worded("busy"), status=429, after=timedelta(minutes=5))
    ]
    orders(plant, 1)

    run_for(plant, 299, step=1)
    assert len(plant.sent()) == 1
    run_for(plant, 5, step=1)

    assert len(plant.sent()) == 2


def test_hours_in_which_the_merchant_must_act_do_not_use_up_the_schedule(plant: Plant) -> None:
    plant.sendpulse.answers = [DENIED] * 11 + [BUSY]
    orders(plant, 1)

    run_for(plant, 13 * 3600, step=600)

    assert [row.state for row in plant.log()] == ["delivered"]


def test_an_account_that_is_reopened_at_once_keeps_its_pace(plant: Plant) -> None:
    plant.sendpulse.answers = [DENIED]
    orders(plant, 2)
    drain(plant.worker)

    plant.clock.move(milliseconds=5)
    plant.store.deliveries.reopen(plant.shop.id, now=plant.clock())
    run_for(plant, 1, step=0.005)

    first, second = times(plant)
    assert second - first >= 1 / 8


def test_an_older_state_of_a_customer_never_leaves_after_a_newer(plant: Plant) -> None:
    route_for(plant, "customer_updated")
    plant.sendpulse.answers = [BUSY]
    for minute in (1, 2):
        at = NOON + timedelta(minutes=minute)
        customer = an_event(
            kind=EventKind.CUSTOMER_UPDATED, object_id="u1", version=str(minute), happened_at=at, basket=None,
            contact=a_contact(first_name=f"Name {minute}"),
        )  # fmt: skip
        plant.happen(customer, key=str(minute), topic=str(minute))
        drain(plant.worker)

    run_for(plant, 10)

    assert [body["first_name"] for body in plant.sent()] == ["Name 1", "Name 1", "Name 2"]


def a_bought_cart_on_its_way(plant: Plant) -> ClaimedDelivery:
    """A worker has the cart in hand; its purchase has been received."""
    route_for(plant, "cart_updated", "order_created")
    plant.happen(a_cart(), key="cart", topic="cart")
    translate, planning = plant.worker.translating, plant.worker.planning
    work_once(translate)
    work_once(planning)
    [claimed] = plant.store.deliveries.claim(limit=1, now=plant.clock(), lease=SENDING_LEASE)
    plant.happen(an_event(kind=EventKind.ORDER_CREATED, happened_at=NOON + timedelta(seconds=2)), key="order", topic="order")
    return claimed


def test_a_cart_that_was_bought_while_it_was_on_its_way_is_not_sent_again(plant: Plant) -> None:
    claimed = a_bought_cart_on_its_way(plant)
    translate, planning = plant.worker.translating, plant.worker.planning
    work_once(translate)
    work_once(planning)
    plant.sendpulse.answers = [BUSY]
    plant.worker._deliverer.deliver(claimed)

    run_for(plant, 10)

    assert [body["event_name"] for body in plant.sent()] == ["cart_updated", "order_created"]


def test_a_cart_that_was_bought_while_its_worker_died_is_not_sent_again(plant: Plant) -> None:
    a_bought_cart_on_its_way(plant)

    run_for(plant, 30, step=1)

    assert [body["event_name"] for body in plant.sent()] == ["order_created"]


def test_what_was_tried_before_it_was_held_stays_in_the_log(plant: Plant) -> None:
    route_for(plant, "order_paid", on_uncertain="hold")
    plant.sendpulse.answers = [SILENT]
    orders(plant, 1)
    run_for(plant, 1)

    plant.store.log.replay(DeliveryFilter(shop_id=plant.shop.id, state=State.HELD), now=plant.clock())
    run_for(plant, 1)

    [row] = plant.log()
    assert [attempt.verdict for attempt in row.attempts] == ["uncertain", "delivered"]


def test_what_was_tried_before_it_was_skipped_stays_in_the_log(plant: Plant) -> None:
    a_bought_cart_on_its_way(plant)
    run_for(plant, 30, step=1)

    plant.store.log.replay(DeliveryFilter(shop_id=plant.shop.id, state=State.SKIPPED), now=plant.clock())
    run_for(plant, 1)

    [row] = plant.log(kind=EventKind.CART_UPDATED)
    assert [attempt.verdict for attempt in row.attempts] == ["uncertain", "delivered"]
