"""A shop of which too much waits is turned away, alone, until its backlog was read; on both databases."""

import random
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select, true, update

from plugin.config import Settings
from plugin.domain.errors import StorageDown
from plugin.domain.shop import Shop
from plugin.ports import VerifiedWebhook
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.queue import shop_bodies
from plugin.storage.queue.waiting_room import AGAIN, SAID, Room, SqlWaitingRoom
from tests.support.builders import NOON
from tests.support.journeys.running import until
from tests.support.storage.situations import a_webhook

ROOM = Room(most=10, most_bytes=1_000_000)
LATER = NOON + AGAIN


def at_once(work: Callable[[], None]) -> None:
    work()


@pytest.fixture
def other(store: SqlStore) -> Shop:
    return store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)


def waiting_in(store: SqlStore, room: Room = ROOM, **how: Any) -> SqlWaitingRoom:
    """What a web process knows that counts here and now."""
    return SqlWaitingRoom(store.database, room, **({"start": at_once} | how))


def take(store: SqlStore, waiting: SqlWaitingRoom, shop: Shop, number: int, *, now: datetime = NOON, size: int = 100) -> None:
    """So many webhooks come and wait."""
    for each in range(number):
        store.inbox.receive(a_webhook(shop, key=f"{now} {each}", body=b"x" * size), now=now)
        waiting.took(shop.id, size, now=now)


def read_all(store: SqlStore) -> None:
    """The workers have read everything that waits."""
    with store.database.write() as connection:
        connection.execute(update(tables.webhooks).values(CLOSED | {"state": "translated", "body": None}))


def test_a_shop_may_have_as_much_as_there_is_room_for(store: SqlStore, a_shop: Shop) -> None:
    waiting = waiting_in(store)

    take(store, waiting, a_shop, 9)

    assert waiting.has_room(a_shop.id, now=NOON)
    assert waiting.turned_away_at(a_shop.id) is None


def test_what_is_more_is_turned_away(store: SqlStore, a_shop: Shop, other: Shop) -> None:
    waiting = waiting_in(store)
    take(store, waiting, other, 3)

    take(store, waiting, a_shop, 10)

    assert not waiting.has_room(a_shop.id, now=NOON)
    assert waiting.has_room(other.id, now=NOON)


def test_bytes_count_as_they_are_stored(store: SqlStore, a_shop: Shop, other: Shop) -> None:
    waiting = waiting_in(store, Room(most=1_000, most_bytes=1_000))
    take(store, waiting, other, 2)

    take(store, waiting, a_shop, 15)

    assert not waiting.has_room(a_shop.id, now=NOON)
    assert waiting.has_room(other.id, now=NOON)


def test_after_its_backlog_was_read_a_shop_is_taken_again_by_itself(store: SqlStore, a_shop: Shop) -> None:
    waiting = waiting_in(store)
    take(store, waiting, a_shop, 12)
    assert not waiting.has_room(a_shop.id, now=LATER)

    read_all(store)

    assert not waiting.has_room(a_shop.id, now=LATER)  # as it was counted last
    assert waiting.has_room(a_shop.id, now=LATER + AGAIN)


def test_a_process_that_took_nothing_itself_learns_of_it_by_its_own_share(store: SqlStore, a_shop: Shop) -> None:
    take(store, waiting_in(store), a_shop, 12)
    another = waiting_in(store)
    assert another.has_room(a_shop.id, now=NOON)

    take(store, another, a_shop, 1, now=NOON + timedelta(seconds=1))

    assert not another.has_room(a_shop.id, now=NOON)


def test_nothing_is_counted_for_a_shop_of_the_usual_size(store: SqlStore, a_shop: Shop) -> None:
    counts: list[Callable[[], None]] = []
    waiting = waiting_in(store, Room(most=5_000, most_bytes=10**9), start=counts.append)

    for _ in range(99):
        waiting.took(a_shop.id, 1, now=NOON)
        not waiting.has_room(a_shop.id, now=NOON)
    before = len(counts)
    for _ in range(50):  # one count at a time
        waiting.took(a_shop.id, 1, now=NOON)

    assert (before, len(counts)) == (0, 1)


def test_much_is_counted_some_at_a_time(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_bodies, "AT_ONCE", 3)
    waiting = waiting_in(store)

    take(store, waiting, a_shop, 9)
    below = not waiting.has_room(a_shop.id, now=NOON)
    take(store, waiting, a_shop, 1, now=NOON + timedelta(seconds=1))

    assert (below, not waiting.has_room(a_shop.id, now=NOON)) == (False, True)


# ------------------------------------------------------------------ what is kept


def end(store: SqlStore, shop: Shop, *ids: int, state: str) -> None:
    """These webhooks of the shop, or all that wait, were read and keep their bodies."""
    columns = tables.webhooks.c
    its = (columns.shop_id == shop.id, columns.state == "waiting", columns.id.in_(ids) if ids else true())
    with store.database.write() as connection:
        connection.execute(update(tables.webhooks).where(*its).values(CLOSED | {"state": state}))


def stored(store: SqlStore, shop: Shop) -> list[str]:
    """The states of those that have a body, oldest first."""
    columns = tables.webhooks.c
    with store.database.read() as connection:
        query = select(columns.state).where(columns.shop_id == shop.id, columns.body.is_not(None)).order_by(columns.id)
        return list(connection.execute(query).scalars())


def noise(shop: Shop, number: int) -> VerifiedWebhook:
    """A kilobyte that cannot be compressed; stored, it is 1,444 bytes."""
    return a_webhook(shop, key=f"noise {number}", body=random.Random(number).randbytes(1_000))


def count_now(waiting: SqlWaitingRoom, shop: Shop) -> None:
    waiting.took(shop.id, 1_000_000, now=NOON)


def keep(store: SqlStore, shop: Shop, number: int, *, state: str, first: int = 0) -> None:
    for each in range(first, first + number):
        store.inbox.receive(noise(shop, each), now=NOON)
    end(store, shop, state=state)


@pytest.mark.parametrize("state", ["failed", "translated"])
def test_what_is_kept_counts_too_until_it_is_let_go(store: SqlStore, a_shop: Shop, other: Shop, state: str) -> None:
    waiting = waiting_in(store, Room(most=1_000, most_bytes=28_000))
    keep(store, a_shop, 20, state=state)
    keep(store, other, 20, state=state)

    count_now(waiting, a_shop)

    assert not waiting.has_room(a_shop.id, now=NOON)
    assert 12 < len(stored(store, a_shop)) < 17
    assert waiting.has_room(a_shop.id, now=LATER)
    assert stored(store, other) == [state] * 20


def test_kept_bodies_are_let_go_before_a_webhook_is_turned_away(
    store: SqlStore, a_shop: Shop, logged: list[MutableMapping[str, Any]]
) -> None:
    waiting = waiting_in(store, Room(most=1_000, most_bytes=32_000))
    keep(store, a_shop, 5, state="failed")
    keep(store, a_shop, 15, state="translated", first=100)
    store.inbox.receive(noise(a_shop, 200), now=NOON)

    count_now(waiting, a_shop)

    assert waiting.has_room(a_shop.id, now=NOON)
    left = stored(store, a_shop)
    assert (left.count("failed"), left.count("waiting")) == (5, 1)
    assert 8 < left.count("translated") < 12
    assert [line["shop"] for line in logged if line["event"] == "kept bodies let go"] == [a_shop.id]


def test_what_waits_is_never_let_go(store: SqlStore, a_shop: Shop) -> None:
    waiting = waiting_in(store, Room(most=1_000, most_bytes=10_000))
    for number in range(12):
        store.inbox.receive(noise(a_shop, number), now=NOON)

    count_now(waiting, a_shop)

    assert not waiting.has_room(a_shop.id, now=NOON)
    assert stored(store, a_shop) == ["waiting"] * 12


# ------------------------------------------------------------------ what is reserved


@pytest.mark.parametrize(
    "room",
    [Room(most=10, most_bytes=10**6, reserve=5), Room(most=10**6, most_bytes=1_000, reserve_bytes=1_000)],
    ids=["webhooks", "bytes"],
)
def test_what_is_urgent_is_taken_until_what_is_reserved_for_it_is_used_up(
    store: SqlStore, a_shop: Shop, other: Shop, room: Room
) -> None:
    waiting = waiting_in(store, room)
    take(store, waiting, a_shop, 10)
    assert not waiting.has_room(a_shop.id, now=NOON)
    assert waiting.has_room(a_shop.id, now=NOON, is_urgent=True)

    take(store, waiting, a_shop, 10, now=LATER)

    assert not waiting.has_room(a_shop.id, now=LATER, is_urgent=True)
    assert waiting.has_room(other.id, now=LATER, is_urgent=True)
    read_all(store)
    assert not waiting.has_room(a_shop.id, now=LATER, is_urgent=True)  # as it was counted last
    assert waiting.has_room(a_shop.id, now=LATER + AGAIN, is_urgent=True)


def test_what_is_reserved_grows_with_the_limits(settings: Settings) -> None:
    small = Room.of(replace(settings, waiting_webhooks=2, waiting_megabytes=1))
    large = Room.of(replace(settings, waiting_webhooks=500_000, waiting_megabytes=4_000))

    assert (small.reserve, small.reserve_bytes) == (1_000, 10_000_000)
    assert (large.reserve, large.reserve_bytes) == (50_000, 400_000_000)


# ------------------------------------------------------------------ beside the traffic


def test_merchant_and_operator_learn_of_it_once_a_minute(
    store: SqlStore, a_shop: Shop, logged: list[MutableMapping[str, Any]]
) -> None:
    waiting = waiting_in(store)
    take(store, waiting, a_shop, 10)

    for seconds in range(0, 50, 10):
        assert not waiting.has_room(a_shop.id, now=NOON + timedelta(seconds=seconds))
    first = store.waiting_room.turned_away_at(a_shop.id)
    assert not waiting.has_room(a_shop.id, now=NOON + SAID)

    assert (first, store.waiting_room.turned_away_at(a_shop.id)) == (NOON, NOON + SAID)
    said = [line for line in logged if line["event"] == "too much of a shop waits"]
    assert [line["shop"] for line in said] == [a_shop.id] * 2


def test_while_the_database_is_away_it_stays_as_it_was(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = waiting_in(store)
    take(store, waiting, a_shop, 10)

    def down(*_: Any) -> Any:
        raise StorageDown("away")

    monkeypatch.setattr(store.database, "read_once", down)

    assert not waiting.has_room(a_shop.id, now=LATER)
    monkeypatch.undo()
    read_all(store)
    assert waiting.has_room(a_shop.id, now=LATER + AGAIN)


def test_it_is_counted_beside_the_traffic(store: SqlStore, a_shop: Shop) -> None:
    waiting = SqlWaitingRoom(store.database, ROOM)

    def one_more() -> bool:
        take(store, waiting, a_shop, 1, now=next(moments))
        return not waiting.has_room(a_shop.id, now=NOON)

    moments = (NOON + timedelta(seconds=number) for number in count())

    try:
        until(one_more, "it is noticed", seconds=30)
    finally:
        waiting.close()


def test_nobody_asks_for_a_shop_that_is_gone(store: SqlStore, a_shop: Shop) -> None:
    store.shops.forget(a_shop.id)

    assert store.waiting_room.turned_away_at(a_shop.id) is None
