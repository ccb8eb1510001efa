"""Webhooks, workers, faults and the clock in any order: what the schedule promises is kept at every POST.

FAULT_EXAMPLES says how many stories are played, each run other ones; without it they are the same each time.
"""

import os
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from plugin.domain.delivery import Outcome, State, Verdict
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.pipeline.receive import receive
from plugin.ports import ClaimedDelivery, DeliveryFilter, StoredEvent
from plugin.storage.db import tables
from plugin.worker import LEASE, SENDING_LEASE, Worker
from tests.support.builders import EVENT_URL, NOON, a_basket, a_settings_document, an_event
from tests.support.fake_platform import DELIVERED, a_webhook
from tests.support.faults.harness import STEP, Harness
from tests.support.faults.paused_delivery import PausedDelivery
from tests.support.faults.recorder import Witness
from tests.support.working import prepare

EXAMPLES = int(os.environ.get("FAULT_EXAMPLES", "0"))
USUALLY = {"sqlite": 40, "postgresql": 12}
STEPS = 30
RATE = 8
OTHER_ACCOUNT = EVENT_URL.replace("7043663", "7000001")

ANSWERS = {
    "yes": DELIVERED,
    "busy": Outcome(verdict=Verdict.TRY_AGAIN, code=ReasonCode.SERVER_FAULT, reason=worded("SendPulse is busy."), status=503),
    "too many": Outcome(
        verdict=Verdict.TRY_AGAIN,
        code=ReasonCode.SERVER_FAULT,
        reason=worded("Too many."),
        status=429,
        after=timedelta(minutes=3),
    ),
    "silence": Outcome(verdict=Verdict.UNCERTAIN, code=ReasonCode.NO_ANSWER, reason=worded("No answer came.")),
    "refused": Outcome(
        verdict=Verdict.GIVE_UP, code=ReasonCode.BODY_REFUSED, reason=worded("SendPulse refused it."), status=400
    ),
    "denied": Outcome(
        verdict=Verdict.GIVE_UP,
        code=ReasonCode.BODY_REFUSED,
        reason=worded("The key is wrong."),
        status=401,
        needs_merchant=True,
    ),
}
PAUSES = {
    "a moment": timedelta(milliseconds=5),
    "half a pace": timedelta(milliseconds=60),
    "a pace": timedelta(milliseconds=132),
    "a second": timedelta(seconds=1),
    "the first retry": timedelta(seconds=5.6),
    "a lease": SENDING_LEASE,
    "half a minute": timedelta(seconds=31),
    "ten minutes": timedelta(minutes=11),
    "an hour": timedelta(hours=1),
    "a night": timedelta(hours=11),
    "five days": timedelta(days=5),
}

baskets = st.sampled_from(["c1", "c2"])
minutes = st.integers(0, 4)
answers = st.sampled_from(sorted(ANSWERS))
pauses = st.sampled_from(sorted(PAUSES))
either_worker = st.integers(0, 1)
some = st.integers(0, 100)  #: which of several; counted round


def _happening(kind: EventKind, basket: str, minute: int) -> StoreEvent:
    """Something that happens in a small shop. The same basket and minute is the same happening, told again."""
    at = NOON + timedelta(minutes=minute)
    if kind is EventKind.CUSTOMER_UPDATED:
        return an_event(kind=kind, object_id=f"buyer of {basket}", version=str(minute), happened_at=at, basket=None)
    if kind is EventKind.CART_UPDATED:
        cart = a_basket(keys=(f"checkout:{basket}",), order_id="")
        return an_event(kind=kind, object_id=basket, version=str(minute), happened_at=at, basket=cart)
    version = str(minute) if kind is EventKind.ORDER_REFUNDED else ""
    order = a_basket(keys=(f"checkout:{basket}", f"order:{basket}"), order_id=basket)
    return an_event(kind=kind, object_id=basket, version=version, happened_at=at, basket=order)


TOLD = (
    EventKind.CART_UPDATED, EventKind.ORDER_CREATED, EventKind.ORDER_PAID, EventKind.ORDER_REFUNDED, EventKind.CUSTOMER_UPDATED,
)  # fmt: skip
STATES = (EventKind.CART_UPDATED, EventKind.CUSTOMER_UPDATED)  #: each replaces the one before
kinds = st.sampled_from(TOLD)


class Story(RuleBasedStateMachine):
    """Two workers of one store, and whatever may happen to them."""

    def __init__(self, harness: Harness) -> None:
        super().__init__()
        self.harness = harness
        self.clock, self.store = harness.clock, harness.store
        self.clock.at = NOON
        harness.platform.meanings.clear()
        _empty(harness)
        self.sendpulse = Witness(harness.watch, harness.clock, RATE)
        self.workers = [harness.worker(self.sendpulse) for _ in range(2)]
        self.webhooks = count(1)
        self.told: list[tuple[str, str]] = []  #: topic and delivery key of every webhook
        self.happened: set[str] = set()
        self.paused: list[PausedDelivery] = []  #: at SendPulse
        self.asleep: list[tuple[Worker, ClaimedDelivery]] = []  #: between claim and POST
        self.planning: list[tuple[Worker, StoredEvent]] = []  #: between claim and plan

    # ------------------------------------------------------------------ the store

    @rule(kind=kinds, basket=baskets, minute=minutes)
    def something_happens(self, kind: EventKind, basket: str, minute: int) -> None:
        happening = _happening(kind, basket, minute)
        topic, key = happening.key, f"webhook {next(self.webhooks)}"
        # Told again with another time it is still the same happening.
        self.harness.platform.meanings.setdefault(topic, Translation(events=(happening,)))
        assert self._tell(topic, key)
        self.told.append((topic, key))
        self.happened.add(happening.key)

    @rule(kind=kinds, basket=baskets, minute=minutes, which=either_worker)
    def something_happens_and_is_planned(self, kind: EventKind, basket: str, minute: int, which: int) -> None:
        self.something_happens(kind, basket, minute)
        self.a_worker_prepares(which)

    @rule(basket=baskets, which=either_worker, answer=answers)
    def a_cart_is_bought_while_it_is_on_its_way(self, basket: str, which: int, answer: str) -> None:
        self.something_happens_and_is_planned(EventKind.CART_UPDATED, basket, 0, which)
        before = list(self.paused)
        self.a_worker_sends(which)
        self.something_happens_and_is_planned(EventKind.ORDER_CREATED, basket, 1, which)
        self._answer_new(before, answer)

    @rule(kind=st.sampled_from(STATES), basket=baskets, which=either_worker, answer=answers)
    def a_newer_state_follows_one_that_was_tried(self, kind: EventKind, basket: str, which: int, answer: str) -> None:
        for minute, heard in ((1, answer), (2, "yes")):
            self.something_happens_and_is_planned(kind, basket, minute, which)
            self.clock.at += PAUSES["a pace"]
            self._send_and_hear(which, heard)

    @rule(basket=baskets, minute=minutes, which=either_worker)
    def a_refund_is_sent_and_nothing_heard(self, basket: str, minute: int, which: int) -> None:
        self.something_happens_and_is_planned(EventKind.ORDER_REFUNDED, basket, minute, which)
        self.clock.at += PAUSES["a pace"]
        self._send_and_hear(which, "silence")

    @precondition(lambda self: self.told)
    @rule(which=some)
    def a_webhook_comes_again(self, which: int) -> None:
        topic, key = self.told[which % len(self.told)]
        assert not self._tell(topic, key)

    # ------------------------------------------------------------------ the workers

    @rule(which=either_worker)
    def a_worker_prepares(self, which: int) -> None:
        prepare(self.workers[which])

    @rule(which=either_worker)
    def a_worker_sends(self, which: int) -> None:
        for claimed in self._claimed():
            self._begin(self.workers[which], claimed)

    @rule(which=either_worker)
    def a_worker_falls_asleep_between_claim_and_post(self, which: int) -> None:
        self.asleep += [(self.workers[which], claimed) for claimed in self._claimed()]

    @precondition(lambda self: self.asleep)
    @rule(which=some)
    def a_worker_wakes_before_its_post(self, which: int) -> None:
        worker, claimed = self.asleep.pop(which % len(self.asleep))
        self._begin(worker, claimed)

    @rule(which=either_worker)
    def a_worker_falls_asleep_before_it_plans(self, which: int) -> None:
        stored = self.store.events.claim(limit=1, now=self.clock(), lease=LEASE)
        self.planning += [(self.workers[which], one) for one in stored]

    @precondition(lambda self: self.planning)
    @rule(which=some)
    def a_worker_wakes_before_it_plans(self, which: int) -> None:
        worker, stored = self.planning.pop(which % len(self.planning))
        worker._plan(stored)

    @rule(which=either_worker)
    def a_worker_oversleeps_before_its_post(self, which: int) -> None:
        self.a_worker_falls_asleep_between_claim_and_post(which)
        self.clock.at += SENDING_LEASE
        self.a_worker_sends(1 - which)
        if self.asleep:
            self.a_worker_wakes_before_its_post(-1)

    @rule(which=either_worker, answer=answers)
    def a_worker_is_answered_after_another_took_over(self, which: int, answer: str) -> None:
        late = list(self.paused)
        self.a_worker_sends(which)
        late += [paused_delivery for paused_delivery in self.paused if paused_delivery not in late]
        self.clock.at += SENDING_LEASE
        self.a_worker_sends(1 - which)
        for paused_delivery in late:
            self._answer(paused_delivery, answer)
        self.clock.at += PAUSES["a pace"]
        self.a_worker_sends(which)

    @precondition(lambda self: self.paused)
    @rule(which=some)
    def a_worker_dies_at_its_post(self, which: int) -> None:
        paused_delivery = self.paused.pop(which % len(self.paused))
        paused_delivery.die()
        del self.sendpulse.paused[paused_delivery.claimed.attempt_id]

    @rule(which=either_worker, answer=answers)
    def a_worker_does_all_there_is(self, which: int, answer: str) -> None:
        self.a_worker_prepares(which)
        self._send_and_hear(which, answer)

    @rule(which=either_worker, answer=answers)
    def an_outage(self, which: int, answer: str) -> None:
        """As many answers of one sort as open a breaker, as fast as they may come."""
        for _ in range(11):
            self.a_worker_does_all_there_is(which, answer)
            moment = self.harness.next_moment()
            self.clock.at = max(moment, self.clock.at + STEP) if moment else self.clock.at

    # ------------------------------------------------------------------ SendPulse, the merchant and the time

    @precondition(lambda self: self.paused)
    @rule(which=some, answer=answers)
    def sendpulse_answers(self, which: int, answer: str) -> None:
        self._answer(self.paused[which % len(self.paused)], answer)

    @rule()
    def the_merchant_sends_again_what_did_not_leave(self) -> None:
        for state in (State.FAILED, State.HELD):
            chosen = DeliveryFilter(shop_id=self.harness.shop.id, state=state)
            ids = [row.id for row in self.store.log.list(chosen)]
            assert self.store.log.replay(chosen, now=self.clock()) == len(ids)
            self.sendpulse.sent_again(ids)

    @rule()
    def the_merchant_reopens_the_accounts(self) -> None:
        self.store.deliveries.reopen(self.harness.shop.id, now=self.clock())

    @rule(which=either_worker, minute=minutes)
    def the_merchant_reopens_an_account_as_soon_as_it_is_refused(self, which: int, minute: int) -> None:
        for basket in ("c1", "c2"):
            self.something_happens_and_is_planned(EventKind.CUSTOMER_UPDATED, basket, minute, which)
        self._send_and_hear(which, "denied")
        self.clock.at += PAUSES["a moment"]
        self.the_merchant_reopens_the_accounts()
        self.a_worker_sends(which)

    @rule(which=either_worker)
    def the_merchant_mends_a_key_after_half_a_day(self, which: int) -> None:
        for answer in [*["denied"] * 10, "busy"]:
            self._send_and_hear(which, answer)
            self.clock.at += PAUSES["an hour"]

    @rule(pause=pauses)
    def time_passes(self, pause: str) -> None:
        self.clock.at += PAUSES[pause]

    # ------------------------------------------------------------------ the end

    def teardown(self) -> None:
        for paused_delivery in self.paused:
            paused_delivery.die()
        self.sendpulse.paused.clear()
        if not self.sendpulse.is_broken:
            self._comes_to_an_end()

    def _comes_to_an_end(self) -> None:
        """With SendPulse well again and the merchant awake, everything leaves or says why not."""
        demand = self.sendpulse.demand
        for _ in range(3):
            self.the_merchant_reopens_the_accounts()
            self.clock.at += LEASE
            self.harness.run(self.workers[0])
        with self.harness.watch.read() as connection:
            webhooks = connection.execute(select(tables.webhooks)).mappings().all()
            events = connection.execute(select(tables.events)).mappings().all()
            deliveries = connection.execute(select(tables.deliveries)).mappings().all()
            attempts = connection.execute(select(tables.attempts)).mappings().all()
        demand(len(webhooks) == len(self.told), "Every webhook is stored once.")
        demand(all(row["due_at"] is None for row in (*webhooks, *events, *deliveries)), "Nothing waits for ever.")
        demand(len(events) == len(self.happened), "Every business key is one event.")
        demand({row["id"] for row in events} == {row["event_id"] for row in deliveries}, "Every event is accounted for.")
        demand(len(deliveries) == len(events), "Every event is one delivery.")
        for row in deliveries:
            is_told = row["state"] == "delivered" or (row["state"] in ("failed", "skipped", "held") and row["reason"])
            demand(bool(is_told), "What was not sent says why.", row["state"])
            demand(row["state"] != "delivered" or self.sendpulse.taken[row["id"]] > 0, "What is delivered was sent.")
        demand(all(row["finished_at"] for row in attempts), "Every attempt comes to an end.")
        demand(self.sendpulse.posted <= {row["id"] for row in attempts}, "Every POST stays in the log.")

    # ------------------------------------------------------------------ steps

    def _tell(self, topic: str, key: str) -> bool:
        return receive(a_webhook(self.harness.shop, topic, key=key), self.harness.platform, self.store, now=self.clock())

    def _claimed(self) -> list[ClaimedDelivery]:
        claims = self.store.deliveries.claim(limit=8, now=self.clock(), lease=SENDING_LEASE)
        for claimed in claims:
            self.sendpulse.claimed(claimed)
        return list(claims)

    def _begin(self, worker: Worker, claimed: ClaimedDelivery) -> None:
        paused_delivery = PausedDelivery(worker._deliverer.deliver, claimed)
        self.sendpulse.paused[claimed.attempt_id] = paused_delivery
        if paused_delivery.begin():
            self.paused.append(paused_delivery)
        else:
            del self.sendpulse.paused[claimed.attempt_id]

    def _answer(self, paused_delivery: PausedDelivery, answer: str) -> None:
        self.paused.remove(paused_delivery)
        paused_delivery.answer(ANSWERS[answer])
        self.sendpulse.answered(paused_delivery.claimed, ANSWERS[answer])

    def _send_and_hear(self, which: int, answer: str) -> None:
        before = list(self.paused)
        self.a_worker_sends(which)
        self._answer_new(before, answer)

    def _answer_new(self, before: list[PausedDelivery], answer: str) -> None:
        for paused_delivery in [paused_delivery for paused_delivery in self.paused if paused_delivery not in before]:
            self._answer(paused_delivery, answer)


def _empty(harness: Harness) -> None:
    """Nothing has happened yet in this shop."""
    kept = {"shops", "settings", "audit", "audit_heads"}
    with harness.watch.write() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            if table.name not in kept:
                connection.execute(delete(table))


@pytest.fixture
def shop(harness: Harness) -> Harness:
    """Everything leads to one account; refunds lead to another, which repeats nothing by itself."""
    route = {"enabled": True, "send": "json", "event_url": EVENT_URL}
    routes = {kind.value: route for kind in TOLD}
    routes["order_refunded"] = {**route, "event_url": OTHER_ACCOUNT, "on_uncertain": "hold"}
    document = a_settings_document(events=routes, account={"rate_per_second": RATE})
    harness.store.shops.write_settings(harness.shop.id, document, who="test", now=NOON)
    return harness


def test_the_promises_are_kept_whatever_happens_in_whatever_order(shop: Harness) -> None:
    class ItsStory(Story):
        def __init__(self) -> None:
            super().__init__(shop)

    run_state_machine_as_test(
        ItsStory,
        settings=settings(
            max_examples=EXAMPLES or USUALLY["sqlite" if shop.store.database.is_sqlite else "postgresql"],
            stateful_step_count=STEPS, deadline=None, database=None, derandomize=not EXAMPLES,
            phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
