"""What a worker told a moment ago it plans at once, in the turn it would have had."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.notice import Translation
from plugin.domain.shop import Shop
from plugin.domain.states import EventState
from plugin.ports import StoredEvent, Told
from plugin.storage import SqlStore
from tests.storage.test_preparing_together import an_order
from tests.support.builders import NOON, a_basket, a_contact, a_settings_document, an_event
from tests.support.storage.situations import LEASE, a_plan, claimed_webhook, tell

HOUR = timedelta(hours=1)


def told(store: SqlStore, shop: Shop, *events: StoreEvent, key: str = "k1", buyer: Buyer | None = None) -> Told:
    """A webhook that means these, read by a worker that plans at once."""
    translation = Translation(events=events, buyer=buyer)
    return store.inbox.translated(claimed_webhook(store, shop, key=key), translation, now=NOON, lease=LEASE)


def objects(claimed: Iterable[StoredEvent]) -> list[str]:
    return [stored.event.object_id for stored in claimed]


def found(store: SqlStore, **later: float) -> list[StoredEvent]:
    """What any worker may claim."""
    return list(store.events.claim(limit=99, now=NOON + timedelta(**later), lease=LEASE))


def test_it_is_in_hand_as_if_it_had_been_claimed(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)

    one = told(store, a_shop, an_order(1))

    assert (one.new, objects(one.claimed), found(store)) == (1, ["1"], [])
    [stored] = one.claimed
    [again] = found(store, seconds=LEASE.total_seconds())
    assert (again.event, again.shop, again.settings, again.access) == (
        stored.event,
        stored.shop,
        stored.settings,
        stored.access,
    )
    assert (stored.tries, again.tries, stored.created_at) == (1, 2, again.created_at)


def test_it_is_planned_by_whoever_was_told(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    [stored] = told(store, a_shop, an_order(1)).claimed

    store.events.planned(stored, stored.event, a_plan(stored.event), timers=(), now=NOON)

    assert store.backlog().events == {EventState.PLANNED: 1}


def test_a_worker_that_was_away_longer_than_its_lease_plans_nothing(store: SqlStore, a_shop: Shop) -> None:
    [stored] = told(store, a_shop, an_order(1)).claimed
    found(store, hours=1)

    store.events.planned(stored, stored.event, a_plan(stored.event), timers=(), now=NOON + HOUR)

    assert store.backlog().events == {EventState.NEW: 1}


def test_nothing_is_planned_before_what_happened_earlier_in_its_basket(store: SqlStore, a_shop: Shop) -> None:
    first, second = an_order(1), an_event(object_id="1", version="2", happened_at=NOON + HOUR, basket=an_order(1).basket)

    both = told(store, a_shop, second, first)
    third = told(
        store, a_shop, an_event(object_id="1", version="3", happened_at=NOON + 2 * HOUR, basket=first.basket), key="k3"
    )

    assert [stored.event for stored in both.claimed] == [first]
    assert third == Told(new=1)
    assert found(store, seconds=1) == []


def test_what_is_known_already_is_not_planned_again(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_order(1))

    again = told(store, a_shop, an_order(1), an_order(2), key="k2")

    assert (again.new, objects(again.claimed)) == (1, ["2"])


@pytest.mark.parametrize("trouble", ["suspended", "unreadable"])
def test_a_shop_nothing_is_prepared_for_plans_nothing_at_once(store: SqlStore, a_shop: Shop, trouble: str) -> None:
    if trouble == "suspended":
        store.shops.suspend(a_shop.id, now=NOON)
    else:
        store.shops.write_settings(a_shop.id, {"version": 99}, who="another version", now=NOON)

    assert told(store, a_shop, an_order(1)) == Told(new=1)


def test_what_gets_its_buyer_in_the_same_commit_is_claimed_with_them(store: SqlStore, a_shop: Shop) -> None:
    unnamed = an_event(object_id="1", basket=a_basket(keys=("order:1",), order_id="1"), contact=None)
    buyer = Buyer(order_id="1", contact=a_contact(), person=(), locale=an_event().locale)

    one = told(store, a_shop, unnamed, buyer=buyer)

    assert one == Told(new=1)
    [stored] = found(store)
    assert stored.event.contact == a_contact()


def test_nobody_who_did_not_ask_is_given_any(store: SqlStore, a_shop: Shop) -> None:
    one = store.inbox.translated(claimed_webhook(store, a_shop), Translation(events=(an_order(1),)), now=NOON)

    assert one == Told(new=1)
    assert objects(found(store)) == ["1"]
