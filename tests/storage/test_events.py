"""Store events and the carts' timers, on both databases."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from plugin.domain.delivery import Hold, Skip, State
from plugin.domain.destination import Health
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.states import EventState, WebhookState
from plugin.domain.wording import worded
from plugin.ports import Backlog, DeliveryFilter, LoggedDelivery, SetTimer
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.queue import leases
from tests.support.builders import EVENT_URL, NOON, a_basket, a_cart, a_product, a_settings_document, an_event
from tests.support.storage.situations import LEASE, a_delivery, a_plan, claimed_event, planned, tell
from tests.support.uninstalling import uninstall

LATER = NOON + LEASE + timedelta(seconds=1)
HOUR = timedelta(hours=1)


def log(store: SqlStore, shop: Shop) -> list[LoggedDelivery]:
    return list(store.log.list(DeliveryFilter(shop_id=shop.id)))


def test_an_event_comes_out_as_it_went_in(store: SqlStore, a_shop: Shop) -> None:
    price = Money(amount=Decimal("19.90"), currency="PLN")
    event = an_event(basket=a_basket(products=(a_product(price=price, name="Kubek ☕ 'żółty'"),)), partial="no picture")
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)

    stored = claimed_event(store, a_shop, event)

    assert stored.event == event
    assert str(stored.event.products[0].price) == str(price)
    assert (stored.shop, stored.access, stored.created_at, stored.tries) == (a_shop, {"token": "planted-access-token"}, NOON, 1)
    assert stored.settings.store.name == "Demo"


def test_a_planned_event_becomes_a_delivery_that_waits(store: SqlStore, a_shop: Shop) -> None:
    a_delivery(store, a_shop)

    [line] = log(store, a_shop)
    assert (line.state, line.automation_id, line.rule) == ("waiting", 102, "pl is written for pl-PL")
    assert store.backlog() == Backlog(
        webhooks={WebhookState.TRANSLATED: 1},
        events={EventState.PLANNED: 1},
        deliveries={State.WAITING: 1},
        destinations={Health.CLOSED: 1},
    )


@pytest.mark.parametrize(
    ("plan", "state"),
    [
        (Skip(code=ReasonCode.NO_CONTACT, reason=worded("no consent"), fix=worded("ask")), "skipped"),
        (Hold(code=ReasonCode.NO_FLOW, reason=worded("no consent"), fix=worded("ask")), "held"),
    ],
    ids=["skipped", "held"],
)
def test_a_decision_not_to_send_stands_in_the_log(store: SqlStore, a_shop: Shop, plan: Skip | Hold, state: str) -> None:
    a_delivery(store, a_shop, plan=plan)

    [line] = log(store, a_shop)
    assert (line.state, line.reason, line.fix, line.rule) == (state, "no consent", "ask", "")
    assert store.backlog().events[EventState(state)] == 1
    assert not store.deliveries.claim(limit=9, now=LATER, lease=LEASE)


def test_one_event_per_line_item_is_one_delivery_each(store: SqlStore, a_shop: Shop) -> None:
    event = an_event()
    plan = a_plan(event, part=1) + a_plan(event, part=2)

    planned(store, a_shop, event, plan)

    assert [line.part for line in log(store, a_shop)] == [2, 1]


def test_a_worker_whose_lease_ran_out_plans_nothing(store: SqlStore, a_shop: Shop) -> None:
    stale = claimed_event(store, a_shop, an_event())
    [current] = store.events.claim(limit=9, now=LATER, lease=LEASE)
    timer = SetTimer(keys=("checkout:c1",), wait=timedelta(0))

    store.events.planned(stale, stale.event, a_plan(stale.event), timers=(timer,), now=LATER)
    store.events.postpone(stale, until=LATER)

    assert log(store, a_shop) == []
    assert not store.timers.claim(limit=9, now=LATER, lease=LEASE)
    assert not store.events.claim(limit=9, now=LATER, lease=LEASE)
    store.events.planned(current, current.event, a_plan(current.event), timers=(), now=LATER)
    assert len(log(store, a_shop)) == 1


def test_planning_twice_changes_nothing(store: SqlStore, a_shop: Shop) -> None:
    stored = a_delivery(store, a_shop)

    store.events.planned(stored, stored.event, a_plan(stored.event, body="other"), timers=(), now=NOON)

    [claimed] = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)
    assert claimed.body != "other"


def test_a_completed_event_is_stored(store: SqlStore, a_shop: Shop) -> None:
    cart = a_cart()
    stored = claimed_event(store, a_shop, cart)
    completed = replace(cart, partial="completed")
    store.events.planned(stored, completed, None, timers=(SetTimer(keys=("checkout:c1",), wait=timedelta(0)),), now=NOON)

    [due] = store.timers.claim(limit=9, now=NOON, lease=LEASE)

    assert [timer.event for timer in due.carts] == [completed]


def test_a_postponed_event_comes_back_at_its_time(store: SqlStore, a_shop: Shop) -> None:
    store.events.postpone(claimed_event(store, a_shop, an_event()), until=NOON + HOUR)

    assert not store.events.claim(limit=9, now=NOON + HOUR - timedelta(seconds=1), lease=LEASE)
    [stored] = store.events.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    assert stored.tries == 2


def two_baskets() -> list[StoreEvent]:
    """An event of each: neither waits for the other."""
    return [an_event(object_id=name, basket=a_basket(keys=(name,))) for name in ("1", "2")]


def test_what_ended_several_workers_is_claimed_alone(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, *two_baskets())
    now = NOON
    for _ in range(leases.TRUSTED_TRIES + 1):
        assert len(store.events.claim(limit=9, now=now, lease=LEASE)) == 2
        now += LEASE

    claims = [store.events.claim(limit=9, now=now, lease=LEASE) for _ in range(3)]

    assert [[stored.is_poison_suspect for stored in claim] for claim in claims] == [[True], [True], []]


def test_an_event_that_was_often_postponed_is_not_feared(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, *two_baskets())
    for _ in range(leases.TRUSTED_TRIES + 1):
        for stored in store.events.claim(limit=9, now=NOON, lease=LEASE):
            store.events.postpone(stored, until=NOON)

    assert [stored.is_poison_suspect for stored in store.events.claim(limit=9, now=NOON, lease=LEASE)] == [False, False]


def test_what_nobody_can_read_hides_nothing_behind_it(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    store.shops.write_settings(a_shop.id, {"version": 99}, who="another version", now=NOON)
    for number in range(5):
        basket = a_basket(keys=(str(number),))
        tell(store, a_shop, an_event(object_id=str(number), basket=basket), key=str(number))
    tell(store, other, an_event())

    [stored] = store.events.claim(limit=1, now=NOON, lease=LEASE)

    assert stored.shop == other


def test_one_shops_unreadable_settings_stop_no_other_shop(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    store.shops.write_settings(a_shop.id, {"version": 99}, who="another version", now=NOON)
    tell(store, a_shop, an_event())
    tell(store, other, an_event())

    assert [stored.shop for stored in store.events.claim(limit=9, now=NOON, lease=LEASE)] == [other]


def test_events_of_a_shop_that_left_are_skipped(store: SqlStore, a_shop: Shop) -> None:
    stored = claimed_event(store, a_shop, an_event())
    store.events.postpone(stored, until=NOON)
    uninstall(store.shops, a_shop.id)

    assert not store.events.claim(limit=9, now=NOON, lease=LEASE)
    assert store.backlog().events[EventState.SKIPPED] == 1


def test_an_event_in_hand_while_its_shop_leaves_is_not_claimed_again(store: SqlStore, a_shop: Shop) -> None:
    claimed = claimed_event(store, a_shop, an_event())
    uninstall(store.shops, a_shop.id)

    store.events.planned(claimed, claimed.event, a_plan(claimed.event), timers=(), now=NOON)

    assert not store.deliveries.claim(limit=9, now=LATER, lease=LEASE)
    assert State.WAITING not in store.backlog().deliveries


def test_the_destination_is_the_account_of_the_event_url(store: SqlStore, a_shop: Shop) -> None:
    a_delivery(store, a_shop)

    [claimed] = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)

    assert claimed.delivery.destination == f"{a_shop.id}/account:7043663"
    assert claimed.event_url is not None
    assert claimed.event_url.reveal() == EVENT_URL


def test_the_newest_webhook_of_a_kind_is_found_while_its_body_is_there(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event(object_id="1"), key="k1", body=b"one")
    tell(store, a_shop, an_event(object_id="2"), key="k2", body=b"two")
    tell(store, a_shop, an_event(object_id="3", kind=EventKind.ORDER_CREATED), key="k3", body=b"three")
    newest, kinds = store.events.past(a_shop.id, EventKind.ORDER_PAID), (EventKind.ORDER_PAID, EventKind.ORDER_CREATED)

    assert store.events.newest_body(a_shop.id, [EventKind.ORDER_PAID]) == b"two"
    assert store.events.newest_body(a_shop.id, kinds) == b"three"
    assert [store.events.body_of(a_shop.id, each.id) for each in newest] == [b"two", b"one"]
    assert store.events.newest_body(a_shop.id, [EventKind.CART_UPDATED]) is None
    assert store.events.newest_body(a_shop.id + 1, kinds) is None
    assert store.events.body_of(a_shop.id + 1, newest[0].id) is None

    with store.database.write() as connection:
        connection.execute(update(tables.webhooks).where(tables.webhooks.c.key == "k2").values(body=None))
    assert store.events.newest_body(a_shop.id, [EventKind.ORDER_PAID]) == b"one"
