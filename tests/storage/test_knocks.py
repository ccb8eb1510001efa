"""Addresses nobody here knows are kept in a bounded number, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plugin.domain.knock import LATELY, Knock
from plugin.storage import SqlStore
from plugin.storage.shops.knocks import AGAIN, MOST, SqlKnocks, knocks
from tests.support.builders import NOON

SECOND = timedelta(seconds=1)
MOVED = "https://moved.example.com/graphql/"


def note(store: SqlStore, address: str = MOVED, *, after: timedelta = timedelta(0)) -> None:
    store.knocks.note("saleor", address, advice="Install again.", now=NOON + after)


def addresses(store: SqlStore, *, after: timedelta = timedelta(0)) -> list[str]:
    return [knock.address for knock in store.knocks.list(now=NOON + after)]


def test_a_knock_is_kept(store: SqlStore) -> None:
    note(store)

    assert store.knocks.list(now=NOON) == [
        Knock(platform="saleor", address=MOVED, advice="Install again.", since=NOON, last_at=NOON)
    ]


def test_who_knocks_again_is_kept_once_with_the_last_time(store: SqlStore) -> None:
    note(store)
    note(store, after=AGAIN)

    [knock] = store.knocks.list(now=NOON + AGAIN)
    assert (knock.since, knock.last_at) == (NOON, NOON + AGAIN)


def test_the_same_address_is_not_written_each_time(store: SqlStore) -> None:
    note(store)
    note(store, after=AGAIN - SECOND)

    assert [knock.last_at for knock in store.knocks.list(now=NOON)] == [NOON]


def test_a_flood_of_addresses_is_not_written_at_its_own_rate(store: SqlStore) -> None:
    for number in range(5):
        note(store, f"https://{number}.example.com/graphql/", after=number * SECOND / 5)

    assert addresses(store) == ["https://0.example.com/graphql/"]


def test_of_many_addresses_the_newest_are_kept(store: SqlStore) -> None:
    for number in range(MOST + 5):
        note(store, f"https://{number}.example.com/graphql/", after=number * SECOND)

    assert addresses(store) == [f"https://{number}.example.com/graphql/" for number in range(MOST + 4, 4, -1)]
    with store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(knocks)).scalar() == MOST


def test_an_address_that_is_quiet_is_forgotten(store: SqlStore) -> None:
    note(store)

    assert addresses(store, after=LATELY) == []
    note(store, "https://other.example.com/graphql/", after=LATELY)
    with store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(knocks)).scalar() == 1


@pytest.mark.parametrize("back", [SECOND / 2, timedelta(hours=1)], ids=str)
def test_a_clock_that_was_set_back_stops_nothing(store: SqlStore, back: timedelta) -> None:
    note(store)

    note(store, "https://other.example.com/graphql/", after=-back)

    assert len(addresses(store)) == 2


def test_another_process_adds_to_it(store: SqlStore) -> None:
    note(store)
    SqlKnocks(store.database).note("saleor", MOVED, advice="Install again!", now=NOON + SECOND)

    [knock] = store.knocks.list(now=NOON)
    assert (knock.since, knock.last_at, knock.advice) == (NOON, NOON + SECOND, "Install again!")
