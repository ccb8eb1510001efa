"""What a version of before let several shops share is parted: each shop gets a destination of its own, in small steps."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.queue import shared_destinations
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.storage.situations import LEASE, a_delivery

SHARED = "account:7043663"
HOUR = timedelta(hours=1)
DENIED: dict[str, Any] = {
    "health": "needs_merchant", "recent": "0", "paused_until": NOON + HOUR, "failing_since": NOON, "reason": "Not paid.",
    "fix": "Pay.",
}  # fmt: skip


@pytest.fixture
def other(store: SqlStore) -> Shop:
    return store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)


def shared_by(store: SqlStore, *shops: Shop, each: int = 2, **state: Any) -> None:
    """Deliveries of these shops as the version before wrote them: all at one destination, which is no shop's."""
    for shop in shops:
        for number in range(each):
            happened_at = NOON - timedelta(minutes=number)
            a_delivery(store, shop, key=f"k{number}", object_id=str(number), happened_at=happened_at)
    with store.database.write() as connection:
        connection.execute(tables.destinations.delete())
        connection.execute(update(tables.deliveries).values(destination=SHARED))
        row = {"key": SHARED, "rate": 3.0, "next_at": NOON, "ready_at": NOON} | state
        connection.execute(insert(tables.destinations), row)


def rows(store: SqlStore) -> dict[str, Any]:
    """By key, every destination."""
    with store.database.read() as connection:
        return {row.key: row for row in connection.execute(select(tables.destinations))}


def waiting(store: SqlStore) -> dict[str, int]:
    """By destination, how much waits."""
    column = tables.deliveries.c.destination
    with store.database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(select(column, func.count()).group_by(column))}


def part(store: SqlStore, *, now: datetime = NOON) -> list[int]:
    """Step by step, until there is nothing left: how much waited for what is shared after each step."""
    left = []
    while store.deliveries.part(now=now):
        left.append(waiting(store).get(SHARED, 0))
        assert len(left) < 20
    return left


def sent_by_the_version_before(store: SqlStore, *, until: datetime = NOON + LEASE) -> int:
    """Its worker has the oldest delivery in hand; which that is."""
    columns = tables.deliveries.c
    with store.database.write() as connection:
        oldest = select(columns.id).where(columns.destination == SHARED, columns.state == "waiting")
        delivery_id = connection.execute(oldest.order_by(columns.happened_at, columns.id).limit(1)).scalar_one()
        changed = {"state": "sending", "lease_until": until, "attempts": 1, "fence": 1}
        connection.execute(update(tables.deliveries).where(columns.id == delivery_id).values(changed))
        row = {"delivery_id": delivery_id, "number": 1, "started_at": NOON}
        shop_id = connection.execute(select(columns.shop_id).where(columns.id == delivery_id)).scalar_one()
        connection.execute(insert(tables.attempts), row | {"shop_id": shop_id})
        leased = update(tables.destinations).where(tables.destinations.c.key == SHARED)
        connection.execute(leased.values(lease_until=until, fence=1))
    return int(delivery_id)


def answered_to_the_version_before(store: SqlStore, delivery_id: int) -> None:
    with store.database.write() as connection:
        done = {"state": "delivered", "due_at": None, "lease_until": None}
        connection.execute(update(tables.deliveries).where(tables.deliveries.c.id == delivery_id).values(done))
        its = tables.destinations.c.key == SHARED
        connection.execute(update(tables.destinations).where(its).values(lease_until=None, ready_at=NOON))


def test_each_shop_gets_what_waits_for_it(store: SqlStore, a_shop: Shop, other: Shop) -> None:
    shared_by(store, a_shop, other)

    assert part(store) == [0, 0]

    assert waiting(store) == {f"{a_shop.id}/{SHARED}": 2, f"{other.id}/{SHARED}": 2}
    claimed = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)
    assert sorted(one.shop.id for one in claimed) == sorted([a_shop.id, other.id])


def test_each_shop_has_its_own_pace_from_then_on(store: SqlStore, a_shop: Shop, other: Shop) -> None:
    document = a_settings_document()
    document["account"]["rate_per_second"] = 7
    store.shops.write_settings(a_shop.id, document, who="test", now=NOON)
    shared_by(store, a_shop, other)

    part(store)

    found = rows(store)
    assert found[f"{a_shop.id}/{SHARED}"].rate == 7
    assert {row.shop_id for row in found.values()} == {a_shop.id, other.id}


def test_the_only_shop_of_an_account_keeps_its_health(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop, delivered_at=NOON - HOUR, **DENIED)

    part(store)

    own = rows(store)[f"{a_shop.id}/{SHARED}"]
    assert {name: getattr(own, name) for name in DENIED} == DENIED
    assert (own.ready_at, own.delivered_at) == (NOON + HOUR, NOON - HOUR)


def test_what_was_switched_off_stays_so(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop, **(DENIED | {"health": "disabled", "ready_at": None}))

    part(store)

    own = rows(store)[f"{a_shop.id}/{SHARED}"]
    assert (own.health, own.ready_at) == ("disabled", None)


def test_where_a_stranger_may_be_the_cause_everybody_begins_healthy(store: SqlStore, a_shop: Shop, other: Shop) -> None:
    shared_by(store, a_shop, other, **(DENIED | {"ready_at": NOON + HOUR}))

    part(store)

    found = rows(store)
    assert {row.health for row in found.values()} == {"closed"}
    assert {found[f"{shop.id}/{SHARED}"].ready_at for shop in (a_shop, other)} == {NOON}


def test_much_is_moved_in_small_steps_the_oldest_first(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shared_by(store, a_shop, each=5)
    monkeypatch.setattr(shared_destinations, "BATCH", 2)

    assert store.deliveries.part(now=NOON)

    assert waiting(store) == {SHARED: 3, f"{a_shop.id}/{SHARED}": 2}
    # What is left is sent by nobody meanwhile: it is younger.
    [first] = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)
    assert first.delivery.destination == f"{a_shop.id}/{SHARED}"
    with store.database.read() as connection:
        oldest = connection.execute(select(tables.deliveries.c.id).order_by(tables.deliveries.c.happened_at)).scalars().first()
    assert first.delivery.id == oldest
    assert part(store) == [1, 0, 0]


def test_what_is_being_sent_stays_until_it_is_answered(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop)
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(basket=""))
    sent = sent_by_the_version_before(store)

    assert store.deliveries.part(now=NOON)
    assert waiting(store) == {SHARED: 1, f"{a_shop.id}/{SHARED}": 1}
    # At the account's pace: what is being sent counts.
    assert rows(store)[f"{a_shop.id}/{SHARED}"].next_at == NOON + timedelta(seconds=1 / 3)
    answered_to_the_version_before(store, sent)

    assert part(store)
    assert list(rows(store)) == [f"{a_shop.id}/{SHARED}"]


def test_what_follows_in_the_basket_of_something_being_sent_stays_behind_it(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop, each=3)
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(basket="one"))
    sent = sent_by_the_version_before(store)

    assert store.deliveries.part(now=NOON)
    assert waiting(store) == {SHARED: 3}
    answered_to_the_version_before(store, sent)

    part(store)
    assert waiting(store) == {SHARED: 1, f"{a_shop.id}/{SHARED}": 2}


def test_what_a_dead_worker_was_sending_is_uncertain_and_parted(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop, each=1)
    sent = sent_by_the_version_before(store)

    part(store, now=NOON + LEASE)

    assert waiting(store) == {f"{a_shop.id}/{SHARED}": 1}
    with store.database.read() as connection:
        verdict = connection.execute(select(tables.attempts.c.verdict).where(tables.attempts.c.delivery_id == sent)).scalar()
    assert verdict == "uncertain"


def test_this_version_sends_nothing_from_what_is_shared(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop)

    assert store.deliveries.ready_in(now=NOON) is None
    assert not store.deliveries.claim(limit=9, now=NOON, lease=LEASE)


def test_nothing_overtakes_what_of_its_basket_is_still_shared(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop, each=1)
    a_delivery(store, a_shop, key="later", object_id="later", happened_at=NOON + HOUR)
    with store.database.write() as connection:
        connection.execute(update(tables.deliveries).values(basket="one"))
        of_new = tables.deliveries.c.destination != SHARED
        new_key = connection.execute(select(tables.deliveries.c.destination).where(of_new)).scalar_one()
        ours = update(tables.deliveries).where(of_new).values(destination=f"{a_shop.id}/{SHARED}")
        connection.execute(ours)
        connection.execute(
            update(tables.destinations).where(tables.destinations.c.key == new_key).values(key=f"{a_shop.id}/{SHARED}")
        )

    assert not store.deliveries.claim(limit=9, now=NOON, lease=LEASE)
    part(store)
    with store.database.write() as connection:
        connection.execute(update(tables.destinations).values(ready_at=NOON))
    [first] = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)

    with store.database.read() as connection:
        oldest = select(tables.deliveries.c.id).order_by(tables.deliveries.c.happened_at).limit(1)
        assert first.delivery.id == connection.execute(oldest).scalar()


def test_many_shared_accounts_are_parted_in_turn(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_destinations, "KEYS", 1)
    monkeypatch.setattr(shared_destinations, "_SELECT_SHARED", shared_destinations._SELECT_SHARED.limit(1))
    shared_by(store, a_shop)
    in_hand = {"key": "account:1", "rate": 3.0, "next_at": NOON, "lease_until": NOON + LEASE}
    with store.database.write() as connection:
        connection.execute(insert(tables.destinations), in_hand)

    for _ in range(5):  # the first is never free
        assert store.deliveries.part(now=NOON)

    assert set(rows(store)) == {"account:1", f"{a_shop.id}/{SHARED}"}


def test_what_the_version_before_adds_meanwhile_is_parted_too(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop)
    part(store)
    assert SHARED not in rows(store)
    new = a_delivery(store, a_shop, key="later", object_id="later")
    with store.database.write() as connection:
        is_new = tables.deliveries.c.event_id == new.id
        connection.execute(update(tables.deliveries).where(is_new).values(destination=SHARED))
        connection.execute(insert(tables.destinations), {"key": SHARED, "rate": 3.0, "next_at": NOON, "ready_at": NOON})

    assert part(store) == [0, 0]
    assert waiting(store) == {f"{a_shop.id}/{SHARED}": 3}


def test_a_shop_nobody_can_read_is_parted_all_the_same(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop)
    store.shops.write_settings(a_shop.id, {"version": 99}, who="another version", now=NOON)

    assert part(store) == [0, 0]
    assert rows(store)[f"{a_shop.id}/{SHARED}"].rate == 3


def test_nothing_shared_is_nothing_to_do(store: SqlStore, a_shop: Shop) -> None:
    a_delivery(store, a_shop, object_id=an_event().object_id)

    assert part(store) == []
