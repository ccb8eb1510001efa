"""What others do between two steps of a worker: nothing is overwritten, nothing stands still, no order is broken."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from sqlalchemy import delete, select, update

from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.shop import Shop
from plugin.pipeline.receive import receive
from plugin.pipeline.route import overtaken, route
from plugin.ports import AttemptResult, Plan, StoredEvent
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.worker import LEASE, SENDING_LEASE, Worker
from tests.pipeline.conftest import BUSY, Harness
from tests.pipeline.test_destinations import orders, route_for
from tests.support.builders import EVENT_URL, NOON, a_basket, a_cart, a_settings_document, an_event
from tests.support.fake_platform import a_webhook
from tests.support.uninstalling import uninstall
from tests.support.working import drain, prepare, work_once

OTHERS = 3  #: further accounts in the same claim


def claim_due(harness: Harness) -> list[Any]:
    return list(harness.store.deliveries.claim(limit=8, now=harness.clock(), lease=SENDING_LEASE))


def to_other_accounts(harness: Harness) -> None:
    """An order for each of some other accounts waits, too."""
    for number in range(OTHERS):
        url = EVENT_URL.replace("7043663", f"700000{number}")
        route_for(harness, "order_paid", event_url=url)
        harness.happen(an_event(object_id=url, basket=a_basket(keys=(url,))), key=url, topic=url)
        prepare(harness.worker)


@contextmanager
def meanwhile(harness: Harness, act: Callable[[], None]) -> Iterator[None]:
    """While a claim has chosen its deliveries and not yet begun them, somebody else acts, or waits until it is over."""
    deliveries: Any = harness.store.deliveries
    begin, acting = deliveries._begin, threading.Thread(target=act)

    def begin_late(*args: Any, **more: Any) -> Any:
        acting.start()
        acting.join(0.5)
        return begin(*args, **more)

    deliveries._begin = begin_late
    yield
    deliveries._begin = begin
    acting.join(10)


def states(store: SqlStore, shop: Shop) -> list[tuple[str, str]]:
    columns = tables.deliveries.c
    with store.database.read() as connection:
        rows = connection.execute(select(columns.kind, columns.state).where(columns.shop_id == shop.id).order_by(columns.id))
        return [(kind, state) for kind, state in rows]


# ------------------------------------------------------------------ a claim and whoever closes what it chose


def test_a_cart_that_is_bought_while_it_is_claimed_is_not_left_open_for_ever(harness: Harness, store: SqlStore) -> None:
    route_for(harness, "cart_updated", "order_created")
    harness.happen(a_cart(), key="cart", topic="cart")
    prepare(harness.worker)
    bought = an_event(kind=EventKind.ORDER_CREATED, basket=a_basket(keys=("checkout:c1", "order:1")))

    def buy() -> None:
        harness.happen(bought, key="order", topic="order")
        work_once(harness.worker.translating)

    with meanwhile(harness, buy):
        assert len(claim_due(harness)) == 1
    # The worker that claimed it dies; the others go on.
    for _ in range(30):
        harness.clock.move(seconds=20)
        drain(harness.worker)

    assert states(store, harness.shop) == [("cart_updated", "skipped"), ("order_created", "delivered")]


def test_a_person_forgotten_during_a_claim_strands_nobody_else(harness: Harness, store: SqlStore) -> None:
    orders(harness, 1)
    prepare(harness.worker)
    to_other_accounts(harness)

    def forget() -> None:
        with store.database.write() as connection:
            connection.execute(delete(tables.events).where(tables.events.c.object_id == "0"))

    with meanwhile(harness, forget):
        claims = claim_due(harness)

    assert len(claims) >= OTHERS


def test_an_account_goes_on_when_the_shop_before_it_has_left(harness: Harness, store: SqlStore) -> None:
    new = Shop(id=0, platform="fake", address="other", locale="en", timezone="UTC")
    other = store.shops.install(new, {"token": "t"}, now=NOON)
    store.shops.write_settings(other.id, a_settings_document(), who="test", now=NOON)
    orders(harness, 1)
    prepare(harness.worker)
    [claimed] = claim_due(harness)
    uninstall(store.shops, harness.shop.id, now=harness.clock())
    later = harness.clock() + timedelta(seconds=30)
    store.deliveries.finish(
        AttemptResult(claimed=claimed, outcome=BUSY, sent_at=harness.clock(), next_at=later), now=harness.clock()
    )
    harness.clock.move(seconds=40)
    harness.platform.meanings["theirs"] = Translation(events=(an_event(object_id="theirs", happened_at=harness.clock()),))
    receive(a_webhook(other, "theirs"), harness.platform, store, now=harness.clock())
    prepare(harness.worker)

    for _ in range(60):
        harness.clock.move(seconds=1)
        drain(harness.worker)

    assert states(store, other) == [("order_paid", "delivered")]


def test_a_delivery_only_a_newer_version_understands_stops_no_other_account(harness: Harness, store: SqlStore) -> None:
    orders(harness, 1)
    prepare(harness.worker)
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(send="in a batch"))
    to_other_accounts(harness)

    drain(harness.worker)

    assert [state for _, state in states(store, harness.shop)].count("delivered") == OTHERS


# ------------------------------------------------------------------ a basket in two workers' hands


def two_of_a_basket(harness: Harness) -> None:
    """Placed and paid, a second apart; both are stored before either is prepared."""
    route_for(harness, "order_created", "order_paid")
    placed = an_event(kind=EventKind.ORDER_CREATED)
    harness.happen(
        replace(placed, kind=EventKind.ORDER_PAID, happened_at=NOON + timedelta(seconds=1)), key="paid", topic="paid"
    )
    harness.happen(placed, key="placed", topic="placed")
    while work_once(harness.worker.translating):
        pass


def another_worker(harness: Harness) -> Worker:
    return Worker(harness.worker._services, now=harness.clock)


def test_what_of_a_basket_is_being_prepared_holds_back_what_happened_later(harness: Harness) -> None:
    two_of_a_basket(harness)

    first = harness.store.events.claim(limit=8, now=harness.clock(), lease=LEASE)
    meanwhile = harness.store.events.claim(limit=8, now=harness.clock(), lease=LEASE)
    harness.worker._plan(first[0])
    then = harness.store.events.claim(limit=8, now=harness.clock(), lease=LEASE)

    assert [[one.event.kind.value for one in some] for some in (first, meanwhile, then)] == [
        ["order_created"],
        [],
        ["order_paid"],
    ]


def test_a_slow_look_up_for_the_first_delays_the_second_with_it(harness: Harness) -> None:
    two_of_a_basket(harness)
    harness.platform.completions = [TryAgain("busy", after=timedelta(seconds=2))]

    for _ in range(8):
        drain(harness.worker)
        drain(another_worker(harness))
        harness.clock.move(seconds=1)

    assert [body["event_name"] for body in harness.sent()] == ["order_created", "order_paid"]


def test_other_baskets_do_not_wait_for_a_slow_one(harness: Harness) -> None:
    two_of_a_basket(harness)
    harness.happen(an_event(object_id="2", basket=a_basket(keys=("order:2",))), key="other", topic="other")
    work_once(harness.worker.translating)

    claimed = harness.store.events.claim(limit=8, now=harness.clock(), lease=LEASE)

    assert sorted(one.event.object_id for one in claimed) == ["1001", "2"]


def test_a_purchase_waits_for_no_cart(harness: Harness) -> None:
    route_for(harness, "cart_updated", "order_created")
    harness.platform.completions = [TryAgain("busy", after=timedelta(seconds=2))]
    harness.happen(a_cart(), key="cart", topic="cart")
    drain(harness.worker)
    bought = an_event(kind=EventKind.ORDER_CREATED, happened_at=NOON + timedelta(seconds=1))
    harness.happen(bought, key="order", topic="order")

    drain(another_worker(harness))

    assert [body["event_name"] for body in harness.sent()] == ["order_created"]


def routed(harness: Harness, event: StoreEvent) -> tuple[StoredEvent, Plan]:
    """An event in a worker's hands, routed and not yet stored."""
    harness.happen(event, key=event.version, topic=event.version)
    work_once(harness.worker.translating)
    [stored] = harness.store.events.claim(limit=1, now=harness.clock(), lease=LEASE)
    services = harness.worker._services
    plan = route(stored, event, write_bodies=services.write_bodies, short_link=services.short_link)
    return stored, plan


def store_plan(harness: Harness, stored: StoredEvent, plan: Plan) -> None:
    unless = partial(overtaken, stored, stored.event, now=harness.clock())
    harness.store.events.planned(stored, stored.event, plan, timers=(), now=harness.clock(), unless=unless)
    harness.clock.move(seconds=1)
    drain(harness.worker)


def test_a_cart_bought_while_it_was_routed_is_not_sent(harness: Harness, store: SqlStore) -> None:
    route_for(harness, "cart_updated", "order_created")
    stored, plan = routed(harness, a_cart())
    bought = an_event(kind=EventKind.ORDER_CREATED, basket=a_basket(keys=("checkout:c1", "order:1")))
    harness.happen(replace(bought, happened_at=NOON + timedelta(seconds=1)), key="order", topic="order")
    drain(harness.worker)

    store_plan(harness, stored, plan)

    assert states(store, harness.shop) == [("order_created", "delivered"), ("cart_updated", "skipped")]


def test_a_state_that_is_overtaken_while_it_is_routed_is_not_sent(harness: Harness) -> None:
    route_for(harness, "customer_updated")
    old = an_event(kind=EventKind.CUSTOMER_UPDATED, object_id="7", version="1", basket=None)
    new = replace(old, version="2", happened_at=NOON + timedelta(seconds=1))
    stored, plan = routed(harness, old)
    # Two that are prepared at once: in the version before, nothing told that they are one customer's.
    with cast(SqlStore, harness.store).database.write() as connection:
        connection.execute(update(tables.events).values(basket=""))
    harness.happen(new, key="2", topic="2")
    drain(harness.worker)

    store_plan(harness, stored, plan)

    assert [body["event_time"][-8:] for body in harness.sent()] == ["01+01:00"]


# ------------------------------------------------------------------ a worker that dies again and again


def test_what_a_dead_worker_left_is_tried_again_by_the_schedule(harness: Harness, store: SqlStore) -> None:
    orders(harness, 1)
    prepare(harness.worker)
    waits = []
    for _ in range(4):
        assert len(claim_due(harness)) == 1
        harness.clock.at += SENDING_LEASE
        assert claim_due(harness) == []  # taken over, and not due yet
        due_at = next_due(store, harness.shop)
        waits.append((due_at - harness.clock()).total_seconds())
        harness.clock.at = due_at

    assert waits == [5, 30, 120, 600]


def next_due(store: SqlStore, shop: Shop) -> datetime:
    columns = tables.deliveries.c
    with store.database.read() as connection:
        due_at: datetime = connection.execute(select(columns.due_at).where(columns.shop_id == shop.id)).scalar_one()
    return due_at
