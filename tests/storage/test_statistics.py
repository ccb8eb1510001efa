"""Figures of what was sent equal a recount of the log, whatever happened to it, on both databases."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from plugin.domain.delays import BOUNDS, percentile
from plugin.domain.delivery import Hold, Skip, State
from plugin.domain.kinds import EventKind
from plugin.domain.notice import PersonToForget
from plugin.domain.reason_codes import FlowMatch, ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import NO_SENTENCE, worded
from plugin.ports import DeliveryFilter, SeenLocale
from plugin.storage import SqlStore
from plugin.storage.db import log_tables, tables
from tests.support.builders import NOON, a_contact, an_event
from tests.support.storage.situations import (
    DELIVERED,
    LEASE,
    REFUSED,
    a_claimed_delivery,
    a_plan,
    attempted,
    claimed_event,
    tell,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + 2 * HOUR


def plan_at(store: SqlStore, shop: Shop, number: int, at: datetime, decided: Any = "one", **fields: Any) -> None:
    """An event that was planned at this time."""
    event = an_event(object_id=str(number), happened_at=at, **fields)
    stored = claimed_event(store, shop, event, key=f"k{number}", now=max(at, NOON))
    store.events.planned(stored, event, a_plan(event) if decided == "one" else decided, timers=(), now=at)


def count_all(store: SqlStore, now: datetime) -> None:
    while store.statistics.count(now=now):
        pass


def by_state(
    store: SqlStore, shop: Shop, *, since: datetime = NOON - 90 * DAY, until: datetime = NOON + 90 * DAY
) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, state), number in store.statistics.overview(shop.id, since=since, until=until).by_hour.items():
        found[state] += number
    return found


def recounted(store: SqlStore, shop: Shop) -> dict[str, Counter[tuple[Any, ...]]]:
    """The same figures by walking through the whole log."""
    columns = tables.deliveries.c
    query = select(columns.created_at, columns.kind, columns.locale, columns.state).where(columns.shop_id == shop.id)
    hour, kind, locale = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
    with store.database.read() as connection:
        for row in connection.execute(query):
            hour[row.created_at.replace(minute=0, second=0, microsecond=0), row.state] += 1
            kind[row.kind, row.state] += 1
            locale[row.locale, row.state] += 1
    return {"hour": hour, "kind": kind, "locale": locale}


def test_what_is_newer_than_the_counting_is_counted_at_once(store: SqlStore, a_shop: Shop) -> None:
    plan_at(store, a_shop, 1, NOON)

    assert by_state(store, a_shop) == {"waiting": 1}


def test_counting_leaves_what_is_too_new_and_comes_to_an_end(store: SqlStore, a_shop: Shop) -> None:
    plan_at(store, a_shop, 1, NOON)

    assert store.statistics.count(now=NOON + timedelta(seconds=30)) == 0
    assert store.statistics.count(now=LATER) == 1
    assert store.statistics.count(now=LATER) == 1
    assert store.statistics.count(now=LATER) == 0
    assert by_state(store, a_shop) == {"waiting": 1}


@pytest.mark.parametrize(("hours", "is_behind"), [(2, False), (3, True)])
def test_more_changed_hours_than_are_counted_at_once_are_told(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch, hours: int, is_behind: bool
) -> None:
    monkeypatch.setattr("plugin.storage.log.statistics.LIVE_HOURS", 2)
    for number in range(hours):
        plan_at(store, a_shop, number, NOON + timedelta(hours=number))
    count_all(store, NOON + DAY)
    later = NOON + timedelta(days=2)  # what waits is due to be counted again
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(state="failed"))

    found = store.statistics.overview(a_shop.id, since=NOON - DAY, until=later)

    assert found.is_behind is is_behind
    assert found.by_hour[NOON, State.WAITING if is_behind else State.FAILED] == 1
    count_all(store, later)
    counted = store.statistics.overview(a_shop.id, since=NOON - DAY, until=later)
    assert (counted.is_behind, sum(counted.by_hour.values())) == (False, hours)


def test_a_delivery_counts_as_it_stands_now(store: SqlStore, a_shop: Shop) -> None:
    claimed = a_claimed_delivery(store, a_shop)
    count_all(store, LATER)

    attempted(store, claimed, DELIVERED)

    count_all(store, LATER + DAY)
    assert by_state(store, a_shop) == {"delivered": 1}


def test_what_is_sent_again_waits_again(store: SqlStore, a_shop: Shop) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), REFUSED)
    count_all(store, LATER)
    assert by_state(store, a_shop) == {"failed": 1}

    store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=LATER)

    assert by_state(store, a_shop) == {"waiting": 1}


def test_a_person_to_forget_is_not_counted_any_more(store: SqlStore, a_shop: Shop) -> None:
    plan_at(store, a_shop, 1, NOON)
    plan_at(store, a_shop, 2, NOON, contact=a_contact(email="eva@example.com"))
    count_all(store, LATER)

    tell(store, a_shop, notices=[PersonToForget(email="eva@example.com")], key="redact")

    assert by_state(store, a_shop) == {"waiting": 1}


def test_what_retention_deletes_stays_counted(store: SqlStore, a_shop: Shop) -> None:
    plan_at(store, a_shop, 1, NOON, Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")))
    plan_at(store, a_shop, 2, NOON, Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")))
    plan_at(store, a_shop, 3, NOON)
    count_all(store, LATER)

    ids = [kept.id for kept in store.retention.events(after_id=0, limit=9)]
    assert store.retention.delete_events(ids) == 4

    assert by_state(store, a_shop) == {"skipped": 2, "waiting": 1}
    count_all(store, LATER + 30 * DAY)
    assert by_state(store, a_shop) == {"skipped": 2, "waiting": 1}


def test_another_shops_deliveries_are_not_counted(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    plan_at(store, a_shop, 1, NOON)
    plan_at(store, other, 2, NOON)
    count_all(store, LATER)

    assert by_state(store, other) == {"waiting": 1}


def test_a_process_that_was_too_late_to_note_an_hour_counts_nothing_twice(store: SqlStore, a_shop: Shop) -> None:
    plan_at(store, a_shop, 1, NOON)
    count_all(store, LATER)
    with store.database.write() as connection:
        connection.execute(update(log_tables.hours).values(due_at=LATER))  # as if two were about to count it

    count_all(store, LATER)

    assert by_state(store, a_shop) == {"waiting": 1}


def test_the_delay_is_from_the_stored_event_to_the_first_yes(store: SqlStore, a_shop: Shop) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), DELIVERED, now=NOON + timedelta(seconds=3))  # answered a second later
    store.log.replay(DeliveryFilter(shop_id=a_shop.id), now=LATER)
    [claimed] = store.deliveries.claim(limit=1, now=LATER, lease=LEASE)
    attempted(store, claimed, DELIVERED, now=LATER)

    found = store.statistics.overview(a_shop.id, since=NOON, until=LATER)

    assert found.delays == {BOUNDS.index(5): 1}
    assert percentile(found.delays, 0.95) == 5


def test_percentiles_of_delays() -> None:
    counts = {BOUNDS.index(1): 90, BOUNDS.index(60): 9, len(BOUNDS): 1}

    assert [percentile(counts, share) for share in (0.5, 0.95, 1.0)] == [1, 60, float("inf")]
    assert percentile({}, 0.5) is None


def test_a_flow_named_like_a_missing_one_is_not_counted_as_missing(store: SqlStore, a_shop: Shop) -> None:
    plan = a_plan(an_event(), match=FlowMatch.EXACT, rule='buyer\'s locale fi → your flow "fi" (no flow fits)')

    plan_at(store, a_shop, 1, NOON, plan, locale="fi")

    assert store.statistics.locales(a_shop.id, since=NOON - DAY) == [SeenLocale(locale="fi", events=1, unmatched=0)]


def test_locales_tell_how_many_events_found_no_flow(store: SqlStore, a_shop: Shop) -> None:
    event = an_event()
    default = a_plan(event, match=FlowMatch.DEFAULT, rule="buyer's locale fi: no flow fits → your default flow")
    plan_at(store, a_shop, 1, NOON, locale="pl")
    plan_at(store, a_shop, 2, NOON, default, locale="fi")
    plan_at(
        store,
        a_shop,
        3,
        NOON,
        Hold(code=ReasonCode.NO_FLOW, reason=worded("No flow fits fi; your settings hold such events."), fix=NO_SENTENCE),
        locale="fi",
    )
    plan_at(store, a_shop, 4, NOON, locale="fi")
    expected = [SeenLocale(locale="fi", events=3, unmatched=2), SeenLocale(locale="pl", events=1, unmatched=0)]

    assert store.statistics.locales(a_shop.id, since=NOON - DAY) == expected
    count_all(store, LATER)
    assert store.statistics.locales(a_shop.id, since=NOON - DAY) == expected
    assert store.statistics.locales(a_shop.id, since=NOON + HOUR) == []


def test_busy_hours_are_told_in_order(store: SqlStore, a_shop: Shop) -> None:
    for number, hour in enumerate((0, 5, 5, 9)):
        plan_at(store, a_shop, number, NOON + hour * HOUR)
        count_all(store, NOON + 6 * HOUR)

    assert store.statistics.busy_hours(a_shop.id, since=NOON) == [NOON, NOON + 5 * HOUR, NOON + 9 * HOUR]
    assert store.statistics.busy_hours(a_shop.id, since=NOON + HOUR) == [NOON + 5 * HOUR, NOON + 9 * HOUR]


# ------------------------------------------------------------------ random histories


class History:
    """Things that happen to a shop's deliveries in any order; what retention took away is remembered."""

    def __init__(self, store: SqlStore, shop: Shop, chance: random.Random) -> None:
        self.store, self.shop, self.chance = store, shop, chance
        self.now, self.number = NOON, 0
        self.gone = {name: Counter[tuple[Any, ...]]() for name in ("hour", "kind", "locale")}

    def happen(self) -> None:
        self.chance.choice(
            (self.plan, self.plan, self.plan, self.send, self.send, self.again, self.prune, self.forget, self.count)
        )()
        self.now += timedelta(minutes=self.chance.choice((0, 1, 5, 40, 90)))

    def plan(self) -> None:
        self.number += 1
        fields: dict[str, Any] = {
            "kind": self.chance.choice((EventKind.ORDER_PAID, EventKind.ORDER_CREATED)),
            "locale": self.chance.choice(("pl", "uk", "de-AT", "")),
            "contact": a_contact(email=f"buyer{self.number % 5}@example.com"),
        }
        decided: Any = self.chance.choice(
            (
                "one",
                "one",
                "one",
                Skip(code=ReasonCode.NO_CONTACT, reason=worded("no")),
                Hold(code=ReasonCode.NO_FLOW, reason=worded("No flow fits"), fix=NO_SENTENCE),
            )
        )
        event = an_event(object_id=str(self.number), happened_at=self.now, **fields)
        self.store.events.claim(limit=99, now=self.now, lease=timedelta())  # what was decided anew is nobody's
        tell(self.store, self.shop, event, key=f"k{self.number}", now=self.now)
        for stored in self.store.events.claim(limit=99, now=self.now, lease=LEASE):
            plan = a_plan(stored.event) if decided == "one" else decided
            self.store.events.planned(stored, stored.event, plan, timers=(), now=self.now)

    def send(self) -> None:
        for claimed in self.store.deliveries.claim(limit=1, now=self.now, lease=LEASE):
            attempted(self.store, claimed, self.chance.choice((DELIVERED, DELIVERED, REFUSED)), now=self.now)

    def again(self) -> None:
        state = self.chance.choice(list(State))
        self.store.log.replay(DeliveryFilter(shop_id=self.shop.id, state=state, limit=2), now=self.now)

    def prune(self) -> None:
        before = recounted(self.store, self.shop)
        oldest = [kept.id for kept in self.store.retention.events(after_id=0, limit=3) if not kept.waits]
        self.store.retention.delete_events(oldest)
        after = recounted(self.store, self.shop)
        for name, gone in self.gone.items():
            gone.update(before[name] - after[name])

    def forget(self) -> None:
        if self.chance.random() < 0.3:
            self.number += 1
            person = PersonToForget(email=f"buyer{self.number % 5}@example.com")
            tell(self.store, self.shop, notices=[person], key=f"k{self.number}", now=self.now)

    def count(self) -> None:
        self.store.statistics.count(now=self.now)


@pytest.mark.parametrize("seed", range(4))
def test_figures_equal_a_recount_after_any_history(store: SqlStore, a_shop: Shop, seed: int) -> None:
    history = History(store, a_shop, random.Random(seed))
    for step in range(120):
        history.happen()
        if step % 10 == 0:
            compare(history)
    count_all(store, history.now)
    compare(history)
    count_all(store, history.now + DAY)
    compare(history)


def compare(history: History) -> None:
    found = history.store.statistics.overview(history.shop.id, since=NOON - DAY, until=history.now + HOUR)
    expected = {name: counted + history.gone[name] for name, counted in recounted(history.store, history.shop).items()}

    assert {"hour": found.by_hour, "kind": found.by_kind, "locale": found.by_locale} == expected
