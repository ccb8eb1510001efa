"""Who is to be forgotten is searched for in what no event was made of: bounded, some at a time, on both databases."""

from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select, update

from plugin.domain.errors import StorageDown
from plugin.domain.notice import PersonToForget, Translation
from plugin.domain.person import Holding, Person
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.privacy import unread
from plugin.storage.privacy.unread import Unread
from plugin.storage.queue import renewal, webhook_endings
from plugin.storage.queue.webhook_endings import FORGOTTEN, LARGEST_FAILED
from plugin.turns import in_turns
from plugin.upkeep import people
from plugin.upkeep.people import Sought
from tests.storage.test_erasure import OF_JAN, webhook
from tests.storage.test_retention import statements
from tests.support.builders import NOON
from tests.support.storage.situations import LEASE, a_webhook

JAN = Person(email="jan@example.com")


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two bodies are held in memory together."""
    monkeypatch.setattr(unread, "MOST_BYTES", 1)


def received(store: SqlStore, shop: Shop, *keys: str, body: bytes = OF_JAN) -> None:
    for key in keys:
        store.inbox.receive(a_webhook(shop, key=key, body=body), now=NOON)


def fail(store: SqlStore, shop: Shop, *keys: str, body: bytes = OF_JAN) -> None:
    """These webhooks come, and cannot be read."""
    for key in keys:
        received(store, shop, key, body=body)
        for one in store.inbox.claim(limit=9, now=NOON, lease=LEASE):
            store.inbox.failed(one, "odd", code=ReasonCode.UNREADABLE, now=NOON)


def with_bodies(store: SqlStore, shop: Shop) -> list[str]:
    columns = tables.webhooks.c
    with store.database.read() as connection:
        query = select(columns.key).where(columns.shop_id == shop.id, columns.body.is_not(None)).order_by(columns.id)
        return list(connection.execute(query).scalars())


# ------------------------------------------------------------------ the search


@pytest.mark.usefixtures("one_by_one")
def test_no_connection_is_held_between_two_looks(store: SqlStore, a_shop: Shop) -> None:
    fail(store, a_shop, "1", "2")
    received(store, a_shop, "3", "4", "5")
    held: list[int] = []

    def meanwhile() -> None:
        held.append(store.database.engine.pool.checkedout())  # type: ignore[attr-defined]

    assert Unread(store.database, store.crypto).close(a_shop.id, JAN, meanwhile=meanwhile) == 5
    assert held == [0] * 5
    assert [webhook(store, key)[1] for key in "345"] == [FORGOTTEN] * 3
    assert with_bodies(store, a_shop) == ["3", "4", "5"]


@pytest.mark.usefixtures("one_by_one")
def test_a_store_that_sends_on_and_on_does_not_prolong_the_search(store: SqlStore, a_shop: Shop) -> None:
    received(store, a_shop, "1", "2")
    keys = map(str, count(100))

    def meanwhile() -> None:
        received(store, a_shop, next(keys))
        assert len(with_bodies(store, a_shop)) < 9

    assert Unread(store.database, store.crypto).close(a_shop.id, JAN, meanwhile=meanwhile) == 2


@pytest.mark.usefixtures("one_by_one")
def test_what_fails_while_it_is_searched_is_found_all_the_same(store: SqlStore, a_shop: Shop) -> None:
    received(store, a_shop, "1", "2", "3")
    claimed = list(store.inbox.claim(limit=9, now=NOON, lease=LEASE))

    def meanwhile() -> None:
        if claimed:
            store.inbox.failed(claimed.pop(), "odd", code=ReasonCode.UNREADABLE, now=NOON)

    Unread(store.database, store.crypto).close(a_shop.id, JAN, meanwhile=meanwhile)

    assert not with_bodies(store, a_shop)


def test_an_export_that_is_written_in_turns_searches_before_them(store: SqlStore, a_shop: Shop) -> None:
    """Else it would wait for its own turn for ever, and everybody else for it."""
    received(store, a_shop, "1")

    pieces = people.export(store, Sought(shop=a_shop, person=JAN), who="test", now=NOON)

    assert '"waiting"' in "".join(piece for made in in_turns(pieces) for piece in made)


@pytest.mark.usefixtures("one_by_one")
def test_a_shop_has_one_search_at_a_time_and_others_go_on(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "WAITED_AT_ONCE_SECONDS", 0.01)
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    search = Unread(store.database, store.crypto)
    for shop in (a_shop, other):
        received(store, shop, "1", "2")
    has_waited, found = Event(), dict[str, int]()

    def meanwhile() -> None:
        if not has_waited.is_set():
            second.start()
            assert has_waited.wait(20)
            found["other"] = search.close(other.id, JAN)

    with ThreadPoolExecutor(1) as pool:
        second = Thread(target=lambda: found.update(second=search.close(a_shop.id, JAN, meanwhile=has_waited.set)))
        found["first"] = pool.submit(search.close, a_shop.id, JAN, meanwhile=meanwhile).result(timeout=30)
    second.join(20)

    assert found == {"other": 2, "first": 2, "second": 0}


# PostgreSQL decides by how many there are.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_look_goes_over_all_bodies_of_the_shop(store: SqlStore, a_shop: Shop) -> None:
    received(store, a_shop, "1")
    fail(store, a_shop, "2")

    with statements(store) as seen:
        store.people.erase(a_shop.id, JAN, who="test", now=NOON)

    with store.database.read() as connection:
        plans = {
            statement: str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
            for statement, values in list(seen)
            if "webhooks" in statement
        }
    assert len(plans) > 6
    assert [statement for statement, plan in plans.items() if "SEARCH webhooks" in plan and "(shop_id=?)" in plan] == []


# ------------------------------------------------------------------ the claim


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Callable[[datetime], None]]]:
    """Each look takes half of a lease, as the clock says; what is put in is called with the time meanwhile."""
    called: list[Callable[[datetime], None]] = []
    looks = count()

    def monotonic() -> float:
        passed = next(looks) * LEASE / 2
        for each in called:
            each(NOON + passed)
        return passed.total_seconds()

    monkeypatch.setattr(renewal, "monotonic", monotonic)
    yield called


def forget_jan(store: SqlStore, shop: Shop, *, before: int = 6) -> Callable[[], int]:
    """So many others wait when the store asks to forget him; this obeys it."""
    received(store, shop, "redact", body=b"{}")
    [redact] = store.inbox.claim(limit=1, now=NOON, lease=LEASE)
    received(store, shop, *map(str, range(before)))
    told = Translation(notices=(PersonToForget(email="jan@example.com"),))
    return lambda: store.inbox.translated(redact, told, now=NOON)


@pytest.mark.usefixtures("one_by_one")
def test_an_erasure_that_outlasts_its_lease_stays_in_one_workers_hands(
    store: SqlStore, a_shop: Shop, passing: list[Callable[[datetime], None]]
) -> None:
    obey, others, looks = forget_jan(store, a_shop), set[str](), list[datetime]()

    def another_worker(now: datetime) -> None:
        looks.append(now)
        others.update(one.topic for one in store.inbox.claim(limit=99, now=now, lease=timedelta()) if one.body == b"{}")

    passing.append(another_worker)
    obey()

    assert looks[-1] - looks[0] > 2 * LEASE
    assert not others
    assert webhook(store, "redact")[0] == "translated"
    assert [webhook(store, str(number))[1] for number in range(6)] == [FORGOTTEN] * 6


@pytest.mark.usefixtures("one_by_one", "passing")
def test_an_erasure_that_was_taken_over_is_left_to_whoever_has_it(store: SqlStore, a_shop: Shop) -> None:
    obey = forget_jan(store, a_shop)
    store.inbox.claim(limit=99, now=NOON + 2 * LEASE, lease=LEASE)

    assert obey() == 0

    assert webhook(store, "redact")[0] == "waiting"


@pytest.mark.usefixtures("one_by_one")
def test_an_erasure_that_workers_leave_in_the_middle_again_and_again_is_not_put_aside(
    store: SqlStore, a_shop: Shop, passing: list[Callable[[datetime], None]]
) -> None:
    """Whoever restarts workers often must not lose a request that takes longer than they run."""
    received(store, a_shop, "redact", body=b"{}")
    received(store, a_shop, *map(str, range(6)), body=b"of somebody else")
    told = Translation(notices=(PersonToForget(email="jan@example.com"),))
    tries, looks = list[tuple[int, bool]](), count(1)

    def killed(_: datetime) -> None:
        if not next(looks) % 4:
            raise StorageDown("as if it were killed")

    passing.append(killed)
    for number in range(12):
        [redact] = store.inbox.claim(limit=1, now=NOON + number * 100 * LEASE, lease=LEASE)
        tries.append((redact.tries, redact.is_poison_suspect))
        with pytest.raises(StorageDown):
            store.inbox.translated(redact, told, now=NOON + number * 100 * LEASE)

    assert tries == [(1, False), *[(2, False)] * 11]


# ------------------------------------------------------------------ what is kept of what failed


def test_a_shop_keeps_the_bodies_of_its_newest_failed_webhooks_only(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch, logged: list[MutableMapping[str, Any]]
) -> None:
    monkeypatch.setattr(webhook_endings, "MOST_FAILED", 3)
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    fail(store, other, "1", "2")
    received(store, a_shop, "waits", body=b"{}")
    fail(store, a_shop, *"12345")

    assert with_bodies(store, a_shop) == ["3", "4", "5"]
    assert with_bodies(store, other) == ["1", "2"]
    said = [line for line in logged if line["event"] == "too many failed webhooks of a shop"]
    assert {line["shop"] for line in said} == {a_shop.id}
    assert webhook(store, "waits")[0] == "failed"


def test_a_long_body_is_not_kept_once_it_failed(store: SqlStore, a_shop: Shop) -> None:
    fail(store, a_shop, "long", body=b" " * (LARGEST_FAILED + 1))
    fail(store, a_shop, "short", body=b" " * LARGEST_FAILED)

    assert with_bodies(store, a_shop) == ["short"]


def test_who_is_forgotten_is_not_searched_for_in_what_was_let_go(store: SqlStore, a_shop: Shop) -> None:
    fail(store, a_shop, "1", "2")
    with store.database.write() as connection:
        connection.execute(update(tables.webhooks).where(tables.webhooks.c.key == "1").values(body=None))

    assert store.people.erase(a_shop.id, JAN, who="test", now=NOON) == {Holding.WEBHOOKS: 1}
