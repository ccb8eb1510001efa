"""A shop of which too much waits is turned away, alone, until its backlog was read; on both databases."""

from collections.abc import Callable, MutableMapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import update

from plugin.domain.errors import StorageDown
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.queue import waiting_room
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
        connection.execute(update(tables.webhooks).values(CLOSED))


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
    monkeypatch.setattr(waiting_room, "AT_ONCE", 3)
    waiting = waiting_in(store)

    take(store, waiting, a_shop, 9)
    below = not waiting.has_room(a_shop.id, now=NOON)
    take(store, waiting, a_shop, 1, now=NOON + timedelta(seconds=1))

    assert (below, not waiting.has_room(a_shop.id, now=NOON)) == (False, True)


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
