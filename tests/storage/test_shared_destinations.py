"""What a version of before let several shops share is parted: each shop gets a destination of its own, in small steps."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.queue import shared_destinations
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.storage.situations import DELIVERED, LEASE, a_delivery, attempted

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


def part(store: SqlStore) -> list[int]:
    """Step by step, until there is nothing left: how many moved in each step."""
    steps = []
    while moved := store.deliveries.part(now=NOON):
        steps.append(moved)
    return steps


def test_each_shop_gets_what_waits_for_it(store: SqlStore, a_shop: Shop, other: Shop) -> None:
    shared_by(store, a_shop, other)

    assert part(store) == [4]

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
    assert {row.shop_id for row in found.values()} == {a_shop.id, other.id, None}


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

    assert store.deliveries.part(now=NOON) == 2

    # What is left is sent by nobody meanwhile: it is younger.
    [first] = store.deliveries.claim(limit=9, now=NOON, lease=LEASE)
    assert first.delivery.destination == f"{a_shop.id}/{SHARED}"
    with store.database.read() as connection:
        oldest = connection.execute(select(tables.deliveries.c.id).order_by(tables.deliveries.c.happened_at)).scalars().first()
    assert first.delivery.id == oldest
    assert part(store) == [2, 1]


def test_what_is_being_sent_stays_until_it_is_answered(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop)
    [claimed] = store.deliveries.claim(limit=1, now=NOON, lease=LEASE)

    assert part(store) == []
    attempted(store, claimed, DELIVERED)

    assert part(store) == [1]
    assert waiting(store) == {SHARED: 1, f"{a_shop.id}/{SHARED}": 1}


def test_what_the_version_before_adds_meanwhile_is_parted_too(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop)
    part(store)
    new = a_delivery(store, a_shop, key="later", object_id="later")
    with store.database.write() as connection:
        is_new = tables.deliveries.c.event_id == new.id
        connection.execute(update(tables.deliveries).where(is_new).values(destination=SHARED))
        connection.execute(update(tables.destinations).where(tables.destinations.c.key == SHARED).values(ready_at=NOON))

    assert part(store) == [1]
    assert waiting(store) == {f"{a_shop.id}/{SHARED}": 3}


def test_a_shop_nobody_can_read_is_parted_all_the_same(store: SqlStore, a_shop: Shop) -> None:
    shared_by(store, a_shop)
    store.shops.write_settings(a_shop.id, {"version": 99}, who="another version", now=NOON)

    assert part(store) == [2]
    assert rows(store)[f"{a_shop.id}/{SHARED}"].rate == 3


def test_nothing_shared_is_nothing_to_do(store: SqlStore, a_shop: Shop) -> None:
    a_delivery(store, a_shop, object_id=an_event().object_id)

    assert part(store) == []
