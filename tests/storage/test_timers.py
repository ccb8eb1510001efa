"""The carts that wait to be called abandoned, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from plugin.domain.kinds import EventKind
from plugin.domain.notice import BasketEnded, Translation
from plugin.domain.shop import Shop
from plugin.pipeline.hold import abandoned
from plugin.ports import DueTimer, EndTimers, SetTimer
from plugin.storage import SqlStore
from tests.support.builders import NOON, a_basket, a_cart, an_event
from tests.support.storage.situations import LEASE, claimed_event, claimed_webhook, planned, tell, waiting_cart

HOUR = timedelta(hours=1)


def rung(store: SqlStore, after: timedelta) -> list[str]:
    """The versions of the carts whose timers are due then."""
    return [timer.event.version for timer in store.timers.claim(limit=9, now=NOON + after, lease=LEASE)]


def test_a_timer_is_due_at_its_time(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)

    assert rung(store, HOUR - timedelta(seconds=1)) == []
    assert rung(store, HOUR) == ["1"]


def test_a_newer_change_moves_the_timer(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1")
    waiting_cart(store, a_shop, key="2", version="2", happened_at=NOON + timedelta(minutes=30))

    assert rung(store, timedelta(minutes=89)) == []
    assert rung(store, timedelta(minutes=90)) == ["2"]


def test_an_older_change_told_late_moves_nothing(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="2", version="2", happened_at=NOON + timedelta(minutes=30))
    waiting_cart(store, a_shop, key="1", keys=("checkout:c1", "cart:other"), happened_at=NOON)

    assert rung(store, timedelta(minutes=89)) == []
    assert rung(store, timedelta(minutes=90)) == ["2"]


def test_two_carts_that_turn_out_to_be_one_have_one_timer(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1", keys=("cart:a",), version="1")
    waiting_cart(store, a_shop, key="2", keys=("checkout:b",), version="2", object_id="b")
    waiting_cart(store, a_shop, key="3", keys=("cart:a", "checkout:b"), version="3", happened_at=NOON + timedelta(minutes=1))
    assert rung(store, timedelta(minutes=62)) == ["3"]

    tell(store, a_shop, notices=[BasketEnded(keys=("checkout:b",), reason="deleted")], key="gone")

    assert rung(store, timedelta(days=1)) == []


def test_many_workers_make_one_timer_of_one_cart(store: SqlStore, a_shop: Shop) -> None:
    # Under names of their own, which only the timer joins: events of one name are prepared one after another.
    carts = [
        a_cart(version=str(number), happened_at=NOON + timedelta(seconds=number), basket=a_basket(keys=(f"cart:{number}",)))
        for number in range(12)
    ]
    claimed = [claimed_event(store, a_shop, cart, key=str(number)) for number, cart in enumerate(carts)]

    def plan(number: int) -> None:
        timer = SetTimer(keys=("checkout:c1", f"cart:{number}"), due_at=carts[number].happened_at + HOUR)
        store.events.planned(claimed[number], carts[number], None, timers=(timer,), now=NOON)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(plan, range(12)))

    assert rung(store, timedelta(days=1)) == ["11"]


@pytest.mark.parametrize("key", ["checkout:c1", "person:jan@example.com"])
def test_a_purchase_ends_the_wait_under_any_name(store: SqlStore, a_shop: Shop, key: str) -> None:
    waiting_cart(store, a_shop, keys=("checkout:c1", "person:jan@example.com"))

    planned(store, a_shop, an_event(), timers=(EndTimers(keys=(key,), bought_at=NOON + HOUR),), key="order")

    assert rung(store, timedelta(days=1)) == []
    assert store.events.bought_at(a_shop.id, [key, "unknown"]) == NOON + HOUR


def test_a_cart_older_than_a_purchase_is_not_waited_for(store: SqlStore, a_shop: Shop) -> None:
    planned(store, a_shop, an_event(), timers=(EndTimers(keys=("checkout:c1",), bought_at=NOON),), key="order")
    waiting_cart(store, a_shop, happened_at=NOON - timedelta(minutes=1))
    assert rung(store, timedelta(days=1)) == []

    waiting_cart(store, a_shop, key="new", version="2", contact=None, happened_at=NOON + timedelta(minutes=1))

    assert rung(store, timedelta(days=1)) == ["2"]


def test_the_latest_purchase_counts_whatever_order_they_come_in(store: SqlStore, a_shop: Shop) -> None:
    for number, minutes in enumerate((5, 9, 7)):
        ended = EndTimers(keys=("checkout:c1",), bought_at=NOON + timedelta(minutes=minutes))
        planned(store, a_shop, an_event(object_id=str(number)), timers=(ended,), key=str(number))

    assert store.events.bought_at(a_shop.id, ["checkout:c1"]) == NOON + timedelta(minutes=9)


def test_a_purchase_counts_before_a_worker_came_to_it(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    ended = EndTimers(keys=("checkout:c1", "person:jan@example.com"), bought_at=NOON + HOUR)
    webhook = claimed_webhook(store, a_shop, key="order")

    store.inbox.translated(webhook, Translation(events=(an_event(),)), purchases=(ended,), now=NOON)

    assert rung(store, timedelta(days=1)) == []
    assert store.events.bought_at(a_shop.id, ["person:jan@example.com"]) == NOON + HOUR
    assert store.events.bought_at(a_shop.id, ["person:other@example.com"]) is None


def test_an_emptied_cart_is_no_purchase(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)

    planned(store, a_shop, a_cart(version="2"), None, timers=(EndTimers(keys=("checkout:c1",), bought_at=None),), key="2")

    assert rung(store, timedelta(days=1)) == []
    assert store.events.bought_at(a_shop.id, ["checkout:c1"]) is None


def test_the_timers_of_two_shops_are_apart(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    waiting_cart(store, a_shop)

    planned(store, other, an_event(), timers=(EndTimers(keys=("checkout:c1",), bought_at=NOON + HOUR),), key="order")

    assert rung(store, HOUR) == ["1"]
    assert store.events.bought_at(a_shop.id, ["checkout:c1"]) is None


def test_a_timer_rings_once(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    [timer] = store.timers.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    assert rung(store, HOUR) == []

    store.timers.expire(timer, abandoned(timer.event), now=NOON + HOUR)
    store.timers.expire(timer, abandoned(timer.event), now=NOON + HOUR)

    [stored] = store.events.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    assert stored.event.kind is EventKind.CART_ABANDONED
    assert rung(store, timedelta(days=1)) == []


def test_a_cart_that_changed_while_its_timer_was_due_does_not_ring(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1")
    [stale] = store.timers.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    waiting_cart(store, a_shop, key="2", version="2", happened_at=NOON + HOUR)

    store.timers.expire(stale, abandoned(stale.event), now=NOON + HOUR)

    assert not store.events.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    assert rung(store, 2 * HOUR) == ["2"]


def test_a_cart_bought_while_its_timer_was_due_does_not_ring(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    [stale] = store.timers.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    planned(store, a_shop, an_event(), timers=(EndTimers(keys=("checkout:c1",), bought_at=NOON + HOUR),), key="order")

    store.timers.expire(stale, abandoned(stale.event), now=NOON + HOUR)

    assert not store.events.claim(limit=9, now=NOON + HOUR, lease=LEASE)


def test_a_cart_called_abandoned_before_is_not_called_so_again(store: SqlStore, a_shop: Shop) -> None:
    called = []
    for number in (1, 2):
        happened_at = NOON + number * HOUR
        waiting_cart(store, a_shop, key=str(number), version=str(number), happened_at=happened_at)
        [timer] = store.timers.claim(limit=9, now=happened_at + HOUR, lease=LEASE)
        store.timers.expire(timer, abandoned(timer.event), now=happened_at + HOUR)
        found = store.events.claim(limit=9, now=happened_at + HOUR, lease=LEASE)
        for stored in found:
            store.events.planned(stored, stored.event, None, timers=(), now=happened_at + HOUR)
        called.append(len(found))

    assert called == [1, 0]


def test_a_value_that_was_not_claimed_is_refused(store: SqlStore, a_shop: Shop) -> None:
    made_up = DueTimer(id=1, shop=a_shop, event=a_cart())

    with pytest.raises(TypeError, match="not claimed"):
        store.timers.expire(made_up, made_up.event, now=NOON)
