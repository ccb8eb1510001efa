"""After an erasure nothing is left in the files, plain or sealed, on both databases."""

import json
import random
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from plugin.domain.notice import PersonToForget, ShopToForget
from plugin.domain.person import ErasureState
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.privacy import wiping
from plugin.upkeep.doctor import unwiped
from plugin.upkeep.prune import Pruner
from tests.support.builders import EVENT_URL, NOON, a_basket, a_contact, a_product, a_settings_document, an_event
from tests.support.databases import Cluster
from tests.support.storage.bytes_at_rest import found
from tests.support.storage.situations import LEASE, REFUSED, a_plan, attempted, tell, waiting_cart
from tests.support.uninstalling import uninstall

EVERYTHING = 10**12  #: bytes: no table is too large
OTHERS = 42  #: events of other people, around and between the person's

Search = Callable[[], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose every name can be searched for."""

    email: str
    phone: str
    name: str
    number: str  #: in the store
    token: str  #: of the cart

    @property
    def words(self) -> tuple[str, ...]:
        return self.email, self.phone.removeprefix("+"), self.name, self.number, self.token

    @property
    def request(self) -> PersonToForget:
        numbers = tuple(f"{self.number}{order}" for order in range(3))
        return PersonToForget(email=self.email, phone=self.phone, customer_id=self.number, order_ids=numbers)


@pytest.fixture
def person() -> Person:
    mark = secrets.token_hex(6)
    phone = f"+4851{secrets.randbelow(9_000_000) + 1_000_000}"
    return Person(f"{mark}@example.com", phone, f"Name{mark}", str(secrets.randbelow(10**12) + 10**12), f"cart{mark}")


@pytest.fixture
def data(store: SqlStore, request: pytest.FixtureRequest) -> Path | None:
    """The folder of PostgreSQL's cluster."""
    if store.database.is_sqlite:
        return None
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.folder / "data"


@pytest.fixture
def search(store: SqlStore, person: Person, data: Path | None) -> Search:
    return lambda: found(store, person.words, data=data)


def sell(store: SqlStore, shop: Shop, person: Person) -> None:
    """The person's webhooks, events, deliveries and cart among those of many others, with bodies of every length."""
    length = random.Random(7)
    for number in range(OTHERS):
        is_theirs, at = number % 20 == 0, NOON + number * timedelta(seconds=1)
        contact = a_contact(email=f"other{number}@example.com")
        if is_theirs:
            contact = a_contact(email=person.email, phone=person.phone, first_name=person.name)
        order = f"{person.number}{number // 20}" if is_theirs else str(number + 1)
        products = tuple(a_product(name=secrets.token_hex(30)) for _ in range(length.choice((1, 2, 40))))
        link = f"https://demo.example/cart/{person.token if is_theirs else number}"
        basket = a_basket(keys=(f"order:{order}",), products=products, cart_link=link)
        event = an_event(contact=contact, object_id=order, basket=basket)
        body = f'{{"email": "{contact.email}", "more": "{secrets.token_hex(length.choice((20, 3000)))}"}}'
        tell(store, shop, event, key=f"order {number}", body=body.encode())
        [stored] = store.events.claim(limit=1, now=NOON, lease=LEASE)
        store.events.planned(stored, event, a_plan(event, body=body), timers=(), now=NOON)
        [claimed] = store.deliveries.claim(limit=1, now=at, lease=LEASE)
        attempted(store, claimed, REFUSED, now=at)
        if number == OTHERS // 2:
            settle(store)
    cart = a_basket(keys=(f"checkout:{person.token}",))
    waiting_cart(store, shop, contact=a_contact(email=person.email), basket=cart, object_id=person.token)
    settle(store)


def settle(store: SqlStore) -> None:
    """What happens by itself: SQLite brings its log into the file, PostgreSQL takes samples of what is in its columns."""
    if store.database.is_sqlite:
        with store.database.alone() as path, closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return
    with store.database.at_once() as connection:
        connection.execute(text("ANALYZE"))


def wiped(store: SqlStore) -> set[str]:
    return set(store.wiping.wipe(largest=EVERYTHING))


def redact_shop(store: SqlStore, shop: Shop) -> None:
    tell(store, shop, notices=[ShopToForget()], key="redact", topic="shop/redact")


def remove_shop(store: SqlStore, shop: Shop) -> None:
    store.shops.forget(shop.id)


def uninstall_and_wait(store: SqlStore, shop: Shop) -> None:
    uninstall(store.shops, shop.id)
    pruner = Pruner(store.retention, days=90, uninstalled_days=30)
    while pruner.step(NOON + timedelta(days=30)):
        pass


def test_nothing_is_left_of_a_person_the_store_asked_to_forget(
    store: SqlStore, a_shop: Shop, person: Person, search: Search
) -> None:
    sell(store, a_shop, person)
    assert search().keys() == set(person.words)  # the search finds what there is

    tell(store, a_shop, notices=[person.request], key="redact", topic="customers/redact")

    assert {"events", "webhooks", "deliveries"} <= wiped(store)
    assert search() == {}
    assert store.wiping.wanted() == []


def test_nothing_is_left_of_a_person_the_operator_erased_and_sendpulse_was_told_of(
    store: SqlStore, a_shop: Shop, person: Person, search: Search
) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON)
    sell(store, a_shop, person)

    store.people.erase(a_shop.id, person.request, who="the operator", now=NOON)
    wiped(store)
    assert search()  # SendPulse is still to be told whom it is about
    for pending in store.people.claim_erasures(limit=9, now=NOON, lease=LEASE):
        store.people.end_erasure(pending, ErasureState.DONE, reason="", fix="", again_at=None, now=NOON)

    assert wiped(store) == {"sendpulse_erasures"}
    assert search() == {}


@pytest.mark.parametrize("erase", [redact_shop, remove_shop, uninstall_and_wait])
def test_nothing_is_left_of_a_shop_and_its_buyers(
    store: SqlStore, a_shop: Shop, person: Person, data: Path | None, erase: Callable[[SqlStore, Shop], None]
) -> None:
    url = EVENT_URL.replace("0123456789abcdef", secrets.token_hex(8))
    document = json.loads(json.dumps(a_settings_document()).replace(EVENT_URL, url))
    access = secrets.token_hex(20)
    store.shops.install(a_shop, {"token": access}, now=NOON)
    store.shops.write_settings(a_shop.id, document, who="one", now=NOON)
    sell(store, a_shop, person)
    words = {*person.words, url, access}
    assert found(store, words, data=data).keys() == words

    erase(store, a_shop)

    wiped(store)
    assert found(store, words, data=data) == {}


def test_nothing_is_left_of_a_replaced_secret(store: SqlStore, a_shop: Shop, data: Path | None) -> None:
    old = EVENT_URL.replace("0123456789abcdef", secrets.token_hex(8))
    document = json.loads(json.dumps(a_settings_document()).replace(EVENT_URL, old))
    store.shops.write_settings(a_shop.id, document, who="one", now=NOON)
    settle(store)
    assert found(store, [old], data=data)

    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON)

    assert wiped(store) == {"settings"}
    assert found(store, [old], data=data) == {}


@contextmanager
def reading(store: SqlStore) -> Iterator[None]:
    """Somebody who began before and still sees everything."""
    database = store.database
    with database.engine.connect().execution_options(**({} if database.is_sqlite else REPEATABLE)) as connection:
        connection.execute(text("SELECT count(*) FROM events"))
        yield


REPEATABLE = {"isolation_level": "REPEATABLE READ"}


def test_whoever_still_reads_is_waited_for(
    store: SqlStore, a_shop: Shop, person: Person, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiping, "OLDER_SECONDS", 0.2)
    sell(store, a_shop, person)
    with reading(store):
        tell(store, a_shop, notices=[person.request], key="redact", topic="customers/redact")

        assert wiped(store) == set()
        assert "events" in store.wiping.wanted()

    assert "events" in wiped(store)
    assert search() == {}


def test_a_table_in_use_is_left_to_the_next_time(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "LOCK_MILLISECONDS", 50)
    monkeypatch.setattr(wiping, "BUSY_SECONDS", 0.05)
    store.shops.forget(a_shop.id)
    other = sqlite_or_postgresql(store)
    with closing(other):
        other.execute("BEGIN IMMEDIATE" if store.database.is_sqlite else "BEGIN; LOCK TABLE events IN SHARE MODE")

        left = wiped(store)

        assert "events" not in left
        assert ("webhooks" in left) is not store.database.is_sqlite
        other.execute("ROLLBACK")  # PostgreSQL frees what a closed connection held only a little later

        assert "events" in wiped(store)


def sqlite_or_postgresql(store: SqlStore) -> Any:
    """A connection of somebody else's."""
    url = store.database.engine.url
    if store.database.is_sqlite:
        return sqlite3.connect(str(url.database), isolation_level=None)
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer anyway
def test_two_processes_do_not_wipe_at_once(store: SqlStore, a_shop: Shop) -> None:
    store.shops.forget(a_shop.id)
    with closing(sqlite_or_postgresql(store)) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [wiping._ONE_AT_A_TIME])

        assert wiped(store) == set()
        other.execute("SELECT pg_advisory_unlock(%s)", [wiping._ONE_AT_A_TIME])  # not by closing: that takes a while

        assert "events" in wiped(store)


def test_what_is_too_large_is_not_written_anew(store: SqlStore, a_shop: Shop) -> None:
    store.shops.forget(a_shop.id)
    assert list(unwiped(store, largest=EVERYTHING)) == []  # it will be done in a moment

    left = store.wiping.wipe(largest=0)

    assert "events" not in left
    told = " ".join(unwiped(store, largest=0))
    assert "events" in told
    assert "quiet hour" in told
    assert list(unwiped(store, largest=EVERYTHING)) == []


def test_without_an_erasure_nothing_is_done(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON)
    store.shops.write_settings(a_shop.id, a_settings_document(flows=[]), who="one", now=NOON)

    assert store.wiping.wanted() == []
    assert wiped(store) == set()
