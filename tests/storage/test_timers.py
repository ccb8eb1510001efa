"""The carts that wait to be called abandoned, on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from plugin.domain.carts import Purchase
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import BasketEnded, Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.pipeline.hold import abandoned
from plugin.ports import DueTimer, EndTimers, SetTimer, StoredEvent
from plugin.storage import SqlStore
from tests.support.builders import NOON, a_basket, a_cart, a_contact, a_settings_document
from tests.support.storage.situations import LEASE, a_webhook, claimed_event, planned, tell, waiting_cart

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ANOTHER: dict[str, Any] = {"object_id": "c2", "keys": ("checkout:c2",), "basket": a_basket(keys=("checkout:c2",), order_id="")}


def due(store: SqlStore, now: datetime) -> list[DueTimer]:
    """The carts that ring then, in a worker's hands."""
    return [timer for carts in store.timers.claim(limit=9, now=now, lease=LEASE) for timer in carts.carts]


def rung(store: SqlStore, after: timedelta) -> list[str]:
    """The versions of the carts whose timers are due then."""
    return [timer.event.version for timer in due(store, NOON + after)]


def bought(store: SqlStore, shop: Shop, *keys: str, key: str = "order", **fields: Any) -> None:
    """An order of these baskets, placed five past noon if not said otherwise."""
    purchase = Purchase(keys=keys, **({"placed_at": NOON + 5 * MINUTE} | fields))
    tell(store, shop, bought=[purchase], key=key)


def ended(store: SqlStore) -> list[tuple[str, ReasonCode | None]]:
    """What became of the waits that ended: the basket and why no reminder leaves."""
    found: Sequence[StoredEvent] = store.events.claim(limit=9, now=NOON, lease=LEASE)
    for stored in found:
        store.events.planned(stored, stored.event, None, timers=(), now=NOON)
    events = [stored.event for stored in found]
    return [(event.object_id, event.no_letter) for event in events if event.kind is EventKind.CART_ABANDONED]


def test_a_timer_is_due_at_its_time(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)

    assert rung(store, HOUR - timedelta(seconds=1)) == []
    assert rung(store, HOUR) == ["1"]


def test_a_newer_change_moves_the_timer(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1")
    waiting_cart(store, a_shop, key="2", version="2", happened_at=NOON + 30 * MINUTE)

    assert rung(store, 89 * MINUTE) == []
    assert rung(store, 90 * MINUTE) == ["2"]


def test_an_older_change_told_late_moves_nothing(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="2", version="2", happened_at=NOON + 30 * MINUTE)
    waiting_cart(store, a_shop, key="1", keys=("checkout:c1", "cart:other"), happened_at=NOON)

    assert rung(store, 89 * MINUTE) == []
    assert rung(store, 90 * MINUTE) == ["2"]


def storefront(minutes: int, *keys: str) -> tuple[StoreEvent, SetTimer]:
    """A storefront's cart, which knows nobody, and what it moves."""
    named = keys or ("cart:k",)
    event = a_cart(
        object_id="k", version=str(minutes), contact=None, basket=a_basket(keys=named), happened_at=NOON + minutes * MINUTE
    )
    return event, SetTimer(keys=named, wait=HOUR, only_moves=True)


def test_a_storefronts_cart_moves_the_wait_of_its_checkout(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, keys=("checkout:c1", "cart:k"))
    event, timer = storefront(30)

    planned(store, a_shop, event, None, timers=(timer,), key="front")

    assert rung(store, 89 * MINUTE) == []
    assert rung(store, 90 * MINUTE) == ["1"]


def test_a_storefronts_cart_begins_no_wait_but_is_known_to_one_that_begins_later(store: SqlStore, a_shop: Shop) -> None:
    event, timer = storefront(30)
    planned(store, a_shop, event, None, timers=(timer,), key="front")
    assert rung(store, DAY) == []

    waiting_cart(store, a_shop, keys=("checkout:c1", "cart:k"))

    assert rung(store, 89 * MINUTE) == []
    assert rung(store, 90 * MINUTE) == ["1"]


def test_a_change_older_than_the_storefronts_is_told_and_moves_nothing(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1", keys=("checkout:c1", "cart:k"))
    event, timer = storefront(30)
    planned(store, a_shop, event, None, timers=(timer,), key="front")

    waiting_cart(store, a_shop, key="2", keys=("checkout:c1", "cart:k"), version="2", happened_at=NOON + 10 * MINUTE)

    assert rung(store, 89 * MINUTE) == []
    assert rung(store, 90 * MINUTE) == ["2"]


def test_two_carts_that_turn_out_to_be_one_have_one_timer(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1", keys=("cart:a",), version="1")
    waiting_cart(store, a_shop, key="2", keys=("checkout:b",), version="2", object_id="b")
    waiting_cart(store, a_shop, key="3", keys=("cart:a", "checkout:b"), version="3", happened_at=NOON + MINUTE)
    assert rung(store, 62 * MINUTE) == ["3"]

    bought(store, a_shop, "checkout:b")

    assert rung(store, DAY) == []


def test_two_carts_that_turn_out_to_be_one_keep_the_newest_word_of_either(store: SqlStore, a_shop: Shop) -> None:
    """Also where a storefront moved the other further."""
    waiting_cart(store, a_shop, key="1", keys=("cart:k",))
    event, timer = storefront(30)
    planned(store, a_shop, event, None, timers=(timer,), key="front")
    fields: dict[str, Any] = {"object_id": "b", "keys": ("checkout:b",), "basket": a_basket(keys=("checkout:b",))}
    waiting_cart(store, a_shop, key="2", version="2", happened_at=NOON + 20 * MINUTE, **fields)

    both = ("cart:k", "checkout:b")
    waiting_cart(store, a_shop, key="late", **fields | {"keys": both}, version="3", happened_at=NOON + 10 * MINUTE)

    assert rung(store, 90 * MINUTE) == ["2"]


def test_many_workers_make_one_timer_of_one_cart(store: SqlStore, a_shop: Shop) -> None:
    # Under names of their own, which only the timer joins: events of one name are prepared one after another.
    carts = [
        a_cart(version=str(number), happened_at=NOON + timedelta(seconds=number), basket=a_basket(keys=(f"cart:{number}",)))
        for number in range(12)
    ]
    claimed = [claimed_event(store, a_shop, cart, key=str(number)) for number, cart in enumerate(carts)]

    def plan(number: int) -> None:
        timer = SetTimer(keys=("checkout:c1", f"cart:{number}"), people=("customer:1",), wait=HOUR)
        store.events.planned(claimed[number], carts[number], None, timers=(timer,), now=NOON)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(plan, range(12)))

    assert rung(store, DAY) == ["11"]


# ------------------------------------------------------------------ what ends a wait


def test_its_purchase_ends_the_wait_and_says_so(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)

    bought(store, a_shop, "checkout:c1")

    assert ended(store) == [("c1", ReasonCode.BOUGHT)]
    assert rung(store, DAY) == []
    assert store.events.bought_at(a_shop.id, ["checkout:c1", "unknown"]) == NOON + 5 * MINUTE


@pytest.mark.parametrize("name", ["person:jan@example.com", "customer:17", "person:+48512345678"])
def test_a_purchase_of_its_buyer_ends_the_wait_under_any_name(store: SqlStore, a_shop: Shop, name: str) -> None:
    waiting_cart(store, a_shop, person=("customer:17", "person:jan@example.com", "person:+48512345678"))

    bought(store, a_shop, "checkout:elsewhere", people=("customer:99", name))

    assert ended(store) == [("c1", ReasonCode.BOUGHT)]
    assert rung(store, DAY) == []


def test_an_order_placed_before_the_cart_was_begun_ends_nothing(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, begun_at=NOON - MINUTE)

    bought(store, a_shop, "checkout:elsewhere", people=("person:jan@example.com",), placed_at=NOON - 2 * MINUTE)

    assert (ended(store), rung(store, HOUR)) == ([], ["1"])


def test_an_order_nobody_knows_the_time_of_ends_only_its_own_basket(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1", person=("customer:1",))
    waiting_cart(store, a_shop, key="2", person=("customer:1",), version="2", **ANOTHER)

    bought(store, a_shop, "checkout:c1", people=("customer:1",), placed_at=None)

    assert ended(store) == [("c1", ReasonCode.BOUGHT)]
    assert rung(store, HOUR) == ["2"]


@pytest.mark.parametrize(("hours", "waits"), [(1, []), (23, []), (25, ["2"])])
def test_a_basket_begun_before_the_order_waits_once_its_buyer_comes_back_to_it(
    store: SqlStore, a_shop: Shop, hours: int, waits: list[str]
) -> None:
    waiting_cart(store, a_shop, key="1")
    bought(store, a_shop, "checkout:elsewhere", people=("person:jan@example.com",))
    assert ended(store) == [("c1", ReasonCode.BOUGHT)]

    waiting_cart(store, a_shop, key="2", version="2", begun_at=NOON, happened_at=NOON + hours * HOUR)

    assert rung(store, (hours + 1) * HOUR) == waits


def test_a_buyer_who_came_back_in_the_storefront_is_shopping_again_whatever_is_told_late(store: SqlStore, a_shop: Shop) -> None:
    bought(store, a_shop, "checkout:elsewhere", people=("person:jan@example.com",))
    event, timer = storefront(26 * 60)
    planned(store, a_shop, event, None, timers=(timer,), key="front")

    keys = ("checkout:c1", "cart:k")
    waiting_cart(store, a_shop, key="late", keys=keys, begun_at=NOON, happened_at=NOON + 10 * HOUR)

    assert rung(store, 27 * HOUR) == ["1"]


def test_a_purchase_that_is_told_before_its_cart_leaves_no_wait_under_any_of_its_names(store: SqlStore, a_shop: Shop) -> None:
    bought(store, a_shop, "checkout:c1")
    waiting_cart(store, a_shop, key="late", keys=("checkout:c1", "cart:k"), happened_at=NOON + 10 * MINUTE)
    assert rung(store, DAY) == []

    waiting_cart(store, a_shop, key="other", keys=("checkout:c9", "cart:k"), version="9", happened_at=NOON + 2 * DAY)

    assert rung(store, 3 * DAY) == []


def test_the_latest_purchase_counts_whatever_order_they_come_in(store: SqlStore, a_shop: Shop) -> None:
    for minutes in (5, 9, 7):
        bought(store, a_shop, "checkout:c1", key=str(minutes), placed_at=NOON + minutes * MINUTE)

    assert store.events.bought_at(a_shop.id, ["checkout:c1"]) == NOON + 9 * MINUTE


def empty(store: SqlStore, shop: Shop, minutes: int, *keys: str) -> None:
    at = NOON + minutes * MINUTE
    event = a_cart(version=f"empty {minutes}", basket=a_basket(products=()), happened_at=at)
    end = EndTimers(keys=keys or ("checkout:c1",), at=at, code=ReasonCode.EMPTIED)
    planned(store, shop, event, None, timers=(end,), key=f"empty {minutes}")


def test_an_emptied_cart_is_no_purchase(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)

    empty(store, a_shop, 1)

    assert ended(store) == [("c1", ReasonCode.EMPTIED)]
    assert rung(store, DAY) == []
    assert store.events.bought_at(a_shop.id, ["checkout:c1"]) is None


def test_a_cart_filled_again_waits_and_an_older_webhook_does_not_fill_it(store: SqlStore, a_shop: Shop) -> None:
    empty(store, a_shop, 10)
    waiting_cart(store, a_shop, key="late", happened_at=NOON + 9 * MINUTE)
    assert rung(store, DAY) == []

    waiting_cart(store, a_shop, key="filled", version="2", happened_at=NOON + 11 * MINUTE)

    assert rung(store, 71 * MINUTE) == ["2"]


def test_a_cart_emptied_before_its_last_change_goes_on_waiting(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, happened_at=NOON + 11 * MINUTE)

    empty(store, a_shop, 10)

    assert (ended(store), rung(store, 71 * MINUTE)) == ([], ["1"])


def test_a_cart_that_was_emptied_is_over_though_the_storefront_has_moved_its_wait_since(store: SqlStore, a_shop: Shop) -> None:
    """Read in time it would have ended: what knows nobody begins no wait, and so it keeps none either."""
    event, timer = storefront(30)
    planned(store, a_shop, event, None, timers=(timer,), key="front")
    waiting_cart(store, a_shop, keys=("checkout:c1", "cart:k"))

    empty(store, a_shop, 20, "checkout:c1", "cart:k")

    assert (ended(store), rung(store, DAY)) == ([("c1", ReasonCode.EMPTIED)], [])


@pytest.mark.parametrize("key", ["cart:k", "checkout:c1"], ids=["as Shopify's storefront", "as a Saleor checkout of nobody"])
def test_a_basket_that_is_emptied_ends_though_its_wait_was_moved_since(store: SqlStore, a_shop: Shop, key: str) -> None:
    waiting_cart(store, a_shop, keys=("checkout:c1", "cart:k"))
    event, timer = storefront(30, key)
    planned(store, a_shop, event, None, timers=(timer,), key="front")

    empty(store, a_shop, 20, key)

    assert (ended(store), rung(store, DAY)) == ([("c1", ReasonCode.EMPTIED)], [])


def test_a_deleted_checkout_is_over_though_the_storefront_has_moved_its_wait_since(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, keys=("checkout:c1", "cart:k"), happened_at=NOON - 40 * MINUTE)
    event, timer = storefront(30)
    planned(store, a_shop, event, None, timers=(timer,), key="front")

    tell(store, a_shop, notices=[BasketEnded(keys=("checkout:c1",))], key="gone")

    assert (ended(store), rung(store, DAY)) == ([("c1", ReasonCode.CHECKOUT_CLOSED)], [])


def test_what_fills_a_cart_again_counts_though_the_storefront_knew_a_newer_change(store: SqlStore, a_shop: Shop) -> None:
    """The wait that was emptied and the one that follows it are told apart, though both were moved by the same change."""
    keys = ("checkout:c1", "cart:k")
    waiting_cart(store, a_shop, key="1", keys=keys)
    event, timer = storefront(30)
    planned(store, a_shop, event, None, timers=(timer,), key="front")
    empty(store, a_shop, 20, *keys)
    assert ended(store) == [("c1", ReasonCode.EMPTIED)]

    waiting_cart(store, a_shop, key="filled", keys=keys, version="2", happened_at=NOON + 25 * MINUTE)

    assert rung(store, 89 * MINUTE) == []
    [timer_due] = due(store, NOON + 90 * MINUTE)
    assert store.timers.expire(timer_due, abandoned(timer_due.event, changed_at=timer_due.changed_at), now=NOON)
    assert ended(store) == [("c1", None)]


def test_in_whatever_order_a_cart_is_told_it_waits_for_the_same(store: SqlStore, a_shop: Shop) -> None:
    """A checkout, emptied, filled again, and changed once more in the storefront."""
    orders = list(permutations(("begun", "emptied", "filled", "moved")))
    for place, order in enumerate(orders):
        keys = (f"checkout:{place}", f"cart:{place}")
        changes = basket_changes(keys)
        for name in order:
            event, timer = changes[name]
            planned(store, a_shop, event, None, timers=(timer,), key=f"{name} {place}")
            ended(store)

    waiting = store.timers.waiting(a_shop.id, limit=99)
    found = {(cart.event.version, cart.changed_at, cart.due_at) for cart in waiting.carts}
    assert (waiting.number, found) == (len(orders), {("filled", NOON + 30 * MINUTE, NOON + 90 * MINUTE)})


def basket_changes(keys: tuple[str, ...]) -> dict[str, tuple[StoreEvent, SetTimer | EndTimers]]:
    """What is told of one basket, each with what it does to the waits."""
    checkout, cart = keys

    def change(name: str, minutes: int, **fields: Any) -> StoreEvent:
        its = {"object_id": checkout, "version": name, "basket": a_basket(keys=keys), "happened_at": NOON + minutes * MINUTE}
        return a_cart(**(its | fields))

    waits = SetTimer(keys=keys, wait=HOUR)
    emptied = EndTimers(keys=keys, at=NOON + 10 * MINUTE, code=ReasonCode.EMPTIED)
    moves = SetTimer(keys=(cart,), wait=HOUR, only_moves=True)
    return {
        "begun": (change("begun", 0), waits),
        "emptied": (change("emptied", 10, basket=a_basket(keys=keys, products=())), emptied),
        "filled": (change("filled", 20), waits),
        "moved": (
            change("moved", 30, object_id=cart.removeprefix("cart:"), contact=None, basket=a_basket(keys=(cart,))), moves,
        ),
    }  # fmt: skip


def test_a_deleted_checkout_leaves_the_other_baskets_of_its_buyer(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1")
    waiting_cart(store, a_shop, key="2", version="2", **ANOTHER)

    tell(store, a_shop, notices=[BasketEnded(keys=("checkout:c1",))], key="gone")

    assert ended(store) == [("c1", ReasonCode.CHECKOUT_CLOSED)]
    assert rung(store, HOUR) == ["2"]


def test_the_checkout_a_cart_had_before_takes_nothing_along_when_it_is_deleted(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1", keys=("checkout:c1", "cart:k"), happened_at=NOON - 9 * MINUTE)
    newer = a_basket(keys=("checkout:c2", "cart:k"), order_id="")
    waiting_cart(
        store, a_shop, key="2", keys=newer.keys, basket=newer, object_id="c2", version="2", happened_at=NOON - 5 * MINUTE
    )

    tell(store, a_shop, notices=[BasketEnded(keys=("checkout:c1",))], key="gone")

    assert rung(store, 55 * MINUTE) == ["2"]


def test_the_timers_of_two_shops_are_apart(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    waiting_cart(store, a_shop)

    bought(store, other, "checkout:c1", people=("person:jan@example.com",))

    assert rung(store, HOUR) == ["1"]
    assert store.events.bought_at(a_shop.id, ["checkout:c1"]) is None


# ------------------------------------------------------------------ ringing


def test_a_timer_rings_once(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    [timer] = due(store, NOON + HOUR)
    assert rung(store, HOUR) == []

    assert store.timers.expire(timer, abandoned(timer.event), now=NOON + HOUR)
    assert not store.timers.expire(timer, abandoned(timer.event), now=NOON + HOUR)

    [stored] = store.events.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    assert stored.event.kind is EventKind.CART_ABANDONED
    assert rung(store, DAY) == []


def test_a_cart_that_changed_while_its_timer_was_due_does_not_ring(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1")
    [stale] = due(store, NOON + HOUR)
    waiting_cart(store, a_shop, key="2", version="2", happened_at=NOON + HOUR)

    assert not store.timers.expire(stale, abandoned(stale.event), now=NOON + HOUR)

    assert not store.events.claim(limit=9, now=NOON + HOUR, lease=LEASE)
    assert rung(store, 2 * HOUR) == ["2"]


def test_a_cart_bought_while_its_timer_was_due_does_not_ring(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    [stale] = due(store, NOON + HOUR)
    bought(store, a_shop, "checkout:c1")

    assert not store.timers.expire(stale, abandoned(stale.event), now=NOON + HOUR)

    assert ended(store) == [("c1", ReasonCode.BOUGHT)]


def test_nothing_rings_while_an_older_webhook_of_its_shop_is_unread(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    waiting_cart(store, a_shop, key="1")
    waiting_cart(store, other, key="2", version="other")
    store.inbox.receive(a_webhook(a_shop, key="unread"), now=NOON + HOUR)
    assert rung(store, 2 * HOUR) == ["other"]

    [unread] = store.inbox.claim(limit=9, now=NOON + 2 * HOUR, lease=LEASE)
    assert rung(store, 2 * HOUR) == []  # in a worker's hands it is not read yet
    store.inbox.failed(unread, "nonsense", code=ReasonCode.UNREADABLE, now=NOON + 2 * HOUR)

    assert rung(store, 2 * HOUR) == ["1"]


@pytest.mark.parametrize(
    ("arrived", "waits"),
    [(HOUR + MINUTE, True), (25 * HOUR - timedelta(seconds=1), False), (25 * HOUR - timedelta(seconds=3), True)],
)
def test_what_arrives_after_it_was_due_and_is_long_unread_holds_it_back_too(
    store: SqlStore, a_shop: Shop, arrived: timedelta, waits: bool
) -> None:
    waiting_cart(store, a_shop, key="1")
    store.inbox.receive(a_webhook(a_shop, key="unread"), now=NOON + arrived)

    assert rung(store, 25 * HOUR - timedelta(seconds=1)) == ([] if waits else ["1"])


def test_what_goes_on_arriving_for_hours_holds_nothing_back_for_ever(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1")
    store.inbox.receive(a_webhook(a_shop, key="unread"), now=NOON + 6 * HOUR)

    assert rung(store, 25 * HOUR - MINUTE) == []
    assert rung(store, 25 * HOUR) == ["1"]


def test_nothing_rings_while_a_change_of_a_cart_is_unplanned(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    stored = claimed_event(store, a_shop, a_cart(version="2", happened_at=NOON + MINUTE), key="2")
    assert rung(store, HOUR) == []

    store.events.planned(stored, stored.event, None, timers=(), now=NOON + HOUR)

    assert rung(store, HOUR) == ["1"]


def test_nothing_rings_while_a_change_that_was_read_late_is_unplanned(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    store.inbox.receive(a_webhook(a_shop, key="2"), now=NOON + HOUR)
    [webhook] = store.inbox.claim(limit=1, now=NOON + 2 * HOUR, lease=LEASE)
    changed = Translation(events=(a_cart(version="2", happened_at=NOON + MINUTE),))
    store.inbox.translated(webhook, changed, now=NOON + 2 * HOUR)
    assert rung(store, 2 * HOUR) == []

    [stored] = store.events.claim(limit=1, now=NOON + 2 * HOUR, lease=LEASE)
    store.events.planned(stored, stored.event, None, timers=(), now=NOON + 2 * HOUR)

    assert rung(store, 2 * HOUR) == ["1"]


def test_a_wait_ends_where_a_new_name_of_its_buyer_has_ordered(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1", person=("person:jan@example.com",), begun_at=NOON)
    bought(store, a_shop, "order:1", people=("person:+48600100200",))

    names = ("person:jan@example.com", "person:+48600100200")
    waiting_cart(store, a_shop, key="2", version="2", person=names, begun_at=NOON, happened_at=NOON + MINUTE)

    assert ended(store) == [("c1", ReasonCode.BOUGHT)]
    assert rung(store, 2 * HOUR) == []


def test_an_older_change_does_not_begin_the_questions_to_the_store_anew(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1", version="newer", happened_at=NOON + MINUTE)
    store.timers.postpone(due(store, NOON + 2 * HOUR), until=NOON + 3 * HOUR, now=NOON + 2 * HOUR)

    waiting_cart(store, a_shop, key="2", version="older")

    [timer] = due(store, NOON + 3 * HOUR)
    assert (timer.event.version, timer.asked_at) == ("newer", NOON + 2 * HOUR)


def test_an_older_change_begins_no_wait_after_one_has_ended(store: SqlStore, a_shop: Shop) -> None:
    cart: dict[str, Any] = {
        "keys": ("checkout:c1", "cart:k1"),
        "basket": a_basket(keys=("checkout:c1", "cart:k1"), order_id=""),
    }
    waiting_cart(store, a_shop, key="1", happened_at=NOON + MINUTE, **cart)
    [timer] = due(store, NOON + 2 * HOUR)
    store.timers.expire(timer, abandoned(timer.event), now=NOON + 2 * HOUR)

    same: dict[str, Any] = {
        "keys": ("checkout:c2", "cart:k1"),
        "basket": a_basket(keys=("checkout:c2", "cart:k1"), order_id=""),
    }
    waiting_cart(store, a_shop, key="2", object_id="c2", version="older", **same)
    assert rung(store, 3 * HOUR) == []
    waiting_cart(store, a_shop, key="3", object_id="c2", version="newer", happened_at=NOON + 2 * MINUTE, **same)

    assert rung(store, 3 * HOUR) == ["newer"]


def test_of_one_buyers_carts_the_older_waits_for_the_newer(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    waiting_cart(store, a_shop, key="1", person=("customer:1", "person:jan@example.com"))
    newer = ANOTHER | {"version": "2", "happened_at": NOON + 10 * MINUTE, "person": ("customer:1",)}
    waiting_cart(store, a_shop, key="2", **newer)
    assert rung(store, HOUR) == []
    assert rung(store, 65 * MINUTE) == []

    bought(store, a_shop, "checkout:c2", placed_at=None)

    assert rung(store, 70 * MINUTE) == ["1"]


def test_the_carts_of_one_shop_come_together_and_those_of_another_beside_them(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    for number in range(3):
        keys = (f"checkout:{number}",)
        buyer = a_contact(email=f"{number}@example.com")
        waiting_cart(store, a_shop, key=str(number), keys=keys, object_id=str(number), contact=buyer)
    waiting_cart(store, other, key="other")

    found = store.timers.claim(limit=9, now=NOON + HOUR, lease=LEASE)

    assert [(carts.shop.id, len(carts.carts)) for carts in found] == [(a_shop.id, 3), (other.id, 1)]
    waiting_cart(store, a_shop, key="4", keys=("checkout:4",), object_id="4", contact=a_contact(email="4@example.com"))
    assert rung(store, HOUR) == []  # somebody is just asking this shop's store


def test_a_store_that_was_asked_in_vain_is_remembered_to_have_been(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    store.timers.postpone(due(store, NOON + HOUR), until=NOON + HOUR + MINUTE, now=NOON + HOUR)
    assert rung(store, HOUR) == []
    [again] = due(store, NOON + HOUR + MINUTE)
    assert again.asked_at == NOON + HOUR
    store.timers.postpone([again], until=NOON + HOUR + 2 * MINUTE, now=NOON + HOUR + MINUTE)

    [again] = due(store, NOON + HOUR + 2 * MINUTE)

    assert again.asked_at == NOON + HOUR


# ------------------------------------------------------------------ after a downtime, and after the settings changed


def test_after_a_time_without_any_worker_carts_wait_for_what_the_stores_send_again(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop, key="1")
    far = ANOTHER | {"happened_at": NOON + 2 * HOUR, "version": "far", "contact": a_contact(email="far@example.com")}
    waiting_cart(store, a_shop, key="2", **far)
    assert store.timers.beat(now=NOON) == 0
    assert store.timers.beat(now=NOON + 2 * MINUTE) == 0

    assert store.timers.beat(now=NOON + 2 * HOUR) == 1

    assert rung(store, 2 * HOUR + 14 * MINUTE) == []
    assert rung(store, 2 * HOUR + 15 * MINUTE) == ["1"]
    assert rung(store, 3 * HOUR) == ["1", "far"]


def test_what_was_unread_then_waits_as_long(store: SqlStore, a_shop: Shop) -> None:
    store.timers.beat(now=NOON - 2 * HOUR)
    store.timers.beat(now=NOON + HOUR)

    waiting_cart(store, a_shop)

    assert rung(store, HOUR + 14 * MINUTE) == []
    assert rung(store, HOUR + 15 * MINUTE) == ["1"]


def test_the_first_worker_there_ever_was_has_missed_nothing(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)

    assert store.timers.beat(now=NOON + DAY) == 0

    assert rung(store, DAY) == ["1"]


def changed_settings(store: SqlStore, shop: Shop, **route: Any) -> int:
    document = a_settings_document()
    document["events"]["cart_abandoned"] |= route
    store.shops.write_settings(shop.id, document, who="test", now=NOON)
    return store.timers.follow(shop.id, now=NOON)


def test_a_changed_wait_applies_to_what_waits(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)

    assert changed_settings(store, a_shop, wait_minutes=60) == 0
    assert changed_settings(store, a_shop, wait_minutes=30) == 1

    assert rung(store, 29 * MINUTE) == []
    assert rung(store, 30 * MINUTE) == ["1"]


def test_a_shorter_wait_rings_no_sooner_than_a_late_cart_may(store: SqlStore, a_shop: Shop) -> None:
    late = SetTimer(keys=("checkout:c1",), wait=HOUR, not_before=NOON + 2 * HOUR)
    planned(store, a_shop, a_cart(), None, timers=(late,), key="late")

    changed_settings(store, a_shop, wait_minutes=10)

    assert rung(store, 119 * MINUTE) == []
    assert rung(store, 120 * MINUTE) == ["1"]


def test_switching_reminders_off_ends_every_wait_for_that_reason(store: SqlStore, a_shop: Shop) -> None:
    for number in range(3):
        keys = (f"checkout:{number}",)
        waiting_cart(store, a_shop, key=str(number), keys=keys, object_id=str(number), basket=a_basket(keys=keys))

    assert changed_settings(store, a_shop, enabled=False) == 3

    assert rung(store, DAY) == []
    assert sorted(ended(store)) == [(number, ReasonCode.SWITCHED_OFF) for number in ("0", "1", "2")]


def test_what_waits_is_shown(store: SqlStore, a_shop: Shop) -> None:
    for number in range(3):
        at = NOON - number * MINUTE
        waiting_cart(store, a_shop, key=str(number), keys=(f"checkout:{number}",), object_id=str(number), happened_at=at)

    found = store.timers.waiting(a_shop.id, limit=2)

    assert found.number == 3
    assert [(cart.event.object_id, cart.changed_at, cart.due_at) for cart in found.carts] == [
        ("2", NOON - 2 * MINUTE, NOON + 58 * MINUTE),
        ("1", NOON - MINUTE, NOON + 59 * MINUTE),
    ]
    assert store.timers.waiting(a_shop.id + 1, limit=2).number == 0


def test_a_value_that_was_not_claimed_is_refused(store: SqlStore, a_shop: Shop) -> None:
    made_up = DueTimer(id=1, shop=a_shop, event=a_cart(), changed_at=NOON)

    with pytest.raises(TypeError, match="not claimed"):
        store.timers.expire(made_up, made_up.event, now=NOON)
