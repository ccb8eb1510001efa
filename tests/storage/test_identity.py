"""Whose something is: what came during a search, and what a household shares, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from time import process_time, sleep
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from plugin.domain.contact import Channel, PersonConsent, Standing
from plugin.domain.notice import ConsentChanged, PersonAsks, PersonToForget, Translation
from plugin.domain.person import Holding, Person
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.privacy import identity, links
from plugin.storage.privacy.identity import Identities, Identity, are_several
from plugin.storage.privacy.people import SqlPeople
from plugin.storage.queue.renewal import Renewal
from plugin.storage.shops import shop_locks
from tests.storage.test_notices import count
from tests.storage.test_people import JAN, NAMES, ORDER, kept
from tests.support.builders import NOON, a_cart, a_contact, a_settings_document, an_event
from tests.support.storage import old_rows
from tests.support.storage.situations import LEASE, a_webhook, tell

PHONE = "+48512345678"
EVA: dict[str, Any] = {
    "object_id": "2",
    "contact": a_contact(email="eva@example.com", phone=PHONE),
    "person": ("customer:8", "person:eva@example.com", f"person:{PHONE}"),
}


@pytest.fixture
def opened_while_writing(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is unsealed while the one who does it keeps every other writer out."""
    unsealed: list[bytes] = []
    writing: list[int] = []
    write, opened = Database.write, Crypto.open

    @contextmanager
    def counted(self: Database, *given: Any, **more: Any) -> Iterator[Connection]:
        with write(self, *given, **more) as connection:
            writing.append(1)
            try:
                yield connection
            finally:
                writing.pop()

    def noted(self: Crypto, sealed: bytes) -> bytes:
        unsealed.extend([sealed] if writing else [])
        return opened(self, sealed)

    monkeypatch.setattr(Database, "write", counted)
    monkeypatch.setattr(Crypto, "open", noted)
    return unsealed


def of_before(store: SqlStore) -> None:
    """Nothing says whose what is there is."""
    with store.database.write() as connection:
        connection.execute(update(tables.events).values(people=None))
        connection.execute(update(tables.links).values(people=None, used_at=NOON - timedelta(days=1)))


def test_nobody_else_waits_while_an_erasure_looks(store: SqlStore, a_shop: Shop, opened_while_writing: list[bytes]) -> None:
    for number in range(20):
        tell(store, a_shop, an_event(object_id=str(number), contact=a_contact(email=f"{number}@example.com")), key=str(number))
        store.links.shorten(a_shop.id, f"https://demo.example/{number}")
    tell(store, a_shop, an_event(object_id="99", contact=a_contact()), key="99")
    of_before(store)
    opened_while_writing.clear()

    assert store.people.erase(a_shop.id, JAN, who="test", now=NOON)[Holding.EVENTS] == 1

    bodies = {body for (body,) in old_rows.values(store, "events", "body")}
    addresses = {address for (address,) in old_rows.values(store, "links", "address")}
    assert not (bodies | addresses) & set(opened_while_writing)


def test_nobody_else_waits_while_a_store_has_somebody_forgotten(
    store: SqlStore, a_shop: Shop, opened_while_writing: list[bytes]
) -> None:
    tell(store, a_shop, an_event(contact=a_contact(email="eva@example.com"), person=()), key="eva")
    of_before(store)
    [(body,)] = old_rows.values(store, "events", "body")
    store.inbox.receive(a_webhook(a_shop, key="redact"), now=NOON)
    [redact] = store.inbox.claim(limit=9, now=NOON, lease=LEASE)
    asks, forget = PersonAsks(email="jan@example.com"), PersonToForget(email="jan@example.com")

    store.inbox.translated(redact, Translation(notices=(asks, forget)), now=NOON)

    assert body not in opened_while_writing


def test_what_comes_while_an_erasure_looks_is_erased_too(store: SqlStore, a_shop: Shop) -> None:
    work = a_contact(email="jan@work.example")
    tell(store, a_shop, an_event(**ORDER), key="1")
    found, _ = SqlPeople(store.database, store.crypto).found(a_shop.id, Person(customer_id="7"))
    tell(store, a_shop, an_event(object_id="2", contact=work, person=("customer:7", "person:jan@work.example")), key="2")
    tell(store, a_shop, a_cart(object_id="c9", contact=work), key="3")
    tell(store, a_shop, an_event(**EVA | {"object_id": "4"}), key="4")
    link = store.links.shorten(a_shop.id, "https://demo.example/orders/2", ("person:jan@work.example",))

    with store.database.write() as connection:
        shop_locks.lock(connection, a_shop.id)
        counts = SqlPeople(store.database, store.crypto).forget(connection, a_shop.id, found, who="test", now=NOON)

    assert (counts[Holding.EVENTS], counts[Holding.WEBHOOKS], count(store, "events")) == (3, 3, 1)
    assert store.links.resolve(link) is None


def test_a_shop_that_has_many_forgotten_at_once_holds_one_connection(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, searching, at_once = SqlPeople(store.database, store.crypto), list[int](), list[int]()
    find = Identities.find

    def counted(self: Identities, connection: Connection, shop_id: int, person: Person, **more: Any) -> Identity:
        searching.append(1)
        at_once.append(len(searching))
        sleep(0.1)  # the others come meanwhile
        try:
            return find(self, connection, shop_id, person, **more)
        finally:
            searching.pop()

    monkeypatch.setattr(Identities, "find", counted)
    threads = [Thread(target=people.found, args=(a_shop.id, Person(customer_id=str(number)))) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert at_once == [1] * 4


@pytest.mark.parametrize("notice", [PersonToForget(customer_id="7"), PersonAsks(customer_id="7")])
def test_a_claim_is_renewed_however_long_an_erasure_looks(
    store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch, notice: PersonToForget | PersonAsks
) -> None:
    """Between its reads of events of before their people were noted: other processes write meanwhile."""
    monkeypatch.setattr(identity, "OPENED_AT_ONCE", 2)
    for number in range(10):
        tell(store, a_shop, an_event(**ORDER | {"object_id": str(number)}), key=str(number))
    of_before(store)
    renewed = list[int]()

    def renews(claimed: Renewal) -> None:
        with store.database.write() as connection:
            changed = update(tables.webhooks).where(tables.webhooks.c.key == "9").values(topic="renewed")
            renewed.append(connection.execute(changed).rowcount)

    monkeypatch.setattr(Renewal, "__call__", renews)
    tell(store, a_shop, notices=[notice], key="redact")

    assert renewed[:5] == [1] * 5


def test_a_claim_is_renewed_while_letters_are_read(store: SqlStore, a_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "READ_AT_ONCE", 2)
    old = [store.links.shorten(a_shop.id, f"https://demo.example/{number}?jan@example.com") for number in range(10)]
    tell(store, a_shop, an_event(**ORDER), key="1")
    of_before(store)
    people, calls = SqlPeople(store.database, store.crypto), list[int]()

    found, _ = people.found(a_shop.id, Person(customer_id="7"), meanwhile=lambda: calls.append(1))

    assert found.links == set(old)
    assert len(calls) >= 5


def test_an_order_that_names_nobody_and_comes_while_an_erasure_looks_is_erased_too(store: SqlStore, a_shop: Shop) -> None:
    person = Person(customer_id="7", order_ids=("2",))
    tell(store, a_shop, an_event(**ORDER), key="1")
    found, _ = SqlPeople(store.database, store.crypto).found(a_shop.id, person)
    tell(store, a_shop, an_event(object_id="2", contact=None, person=()), key="2")

    with store.database.write() as connection:
        shop_locks.lock(connection, a_shop.id)
        SqlPeople(store.database, store.crypto).forget(connection, a_shop.id, found, who="test", now=NOON)

    assert count(store, "events") == 0


# ------------------------------------------------------------------ a phone that a household shares


def eva_agreed(store: SqlStore, shop: Shop) -> None:
    """Eva's phone is in the consent the store told last, and she asked for her data."""
    told = PersonConsent(standing=Standing.SUBSCRIBED, at=NOON)
    consent = ConsentChanged(channel=Channel.SMS, person=told, customer_id="8", phone=PHONE)
    asks = PersonAsks(email="eva@example.com", phone=PHONE, request_id="9")
    tell(store, shop, an_event(**EVA), notices=[consent, asks], key="eva")


def test_consent_under_the_households_phone_leads_to_nobody_else(store: SqlStore, a_shop: Shop) -> None:
    eva_agreed(store, a_shop)
    tell(store, a_shop, an_event(**ORDER), key="jan")

    found = kept(store, a_shop, Person(customer_id="7"))
    store.people.erase(a_shop.id, Person(customer_id="7"), who="test", now=NOON)

    assert found == {Holding.EVENTS: 1, Holding.WEBHOOKS: 1}
    assert (count(store, "events"), count(store, "consents"), count(store, "data_requests")) == (1, 2, 1)


def test_whom_sendpulse_is_to_forget_is_not_told_to_who_shares_their_phone(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    tell(store, a_shop, an_event(**EVA), key="eva")
    store.people.erase(a_shop.id, Person(customer_id="8"), who="test", now=NOON)
    tell(store, a_shop, an_event(**ORDER), key="jan")

    assert not kept(store, a_shop, Person(customer_id="7"))[Holding.SENDPULSE]


def test_a_phone_of_one_customer_leads_to_all_of_theirs(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event(**ORDER), key="1")
    tell(store, a_shop, an_event(object_id="2", contact=a_contact(), person=NAMES[:2]), key="2")
    tell(store, a_shop, a_cart(object_id="c3", contact=a_contact(email=None, phone=PHONE)), key="3")

    assert not store.people.is_shared(a_shop.id, Person(phone=PHONE))
    assert kept(store, a_shop, Person(phone=PHONE))[Holding.EVENTS] == 3


@pytest.mark.parametrize(
    "others",
    [
        EVA, EVA | {"person": EVA["person"][1:]},
        EVA | {"contact": a_contact(email=None, phone=PHONE), "person": EVA["person"][:1]},
        EVA | {"contact": a_contact(phone=PHONE), "person": ("customer:8", *NAMES[1:])},
    ],
    ids=["another account's", "a guest's", "an account's without an address", "another account's of the same address"],
)  # fmt: skip
def test_a_phone_of_several_leads_to_what_names_nobody_else(store: SqlStore, a_shop: Shop, others: dict[str, Any]) -> None:
    tell(store, a_shop, an_event(**ORDER), key="jan")
    tell(store, a_shop, an_event(**others), key="other")
    tell(store, a_shop, a_cart(object_id="c3", contact=a_contact(email=None, phone=PHONE)), key="cart")
    tokens = [
        store.links.shorten(a_shop.id, f"https://demo.example/{number}", names)
        for number, names in enumerate((NAMES, EVA["person"], NAMES[2:]))
    ]
    store.inbox.receive(a_webhook(a_shop, key="waits", body=b'{"email": "eva@example.com", "phone": "+48512345678"}'), now=NOON)

    lone = Person(phone=PHONE)
    found, known = kept(store, a_shop, lone), store.people.known_as(a_shop.id, lone)
    erased = store.people.erase(a_shop.id, lone, who="test", now=NOON)

    assert store.people.is_shared(a_shop.id, lone)
    assert (known.emails, known.customer_ids) == ((), ())
    assert found == erased
    assert (found[Holding.EVENTS], found[Holding.WEBHOOKS], found[Holding.LINKS]) == (1, 1, 1)
    assert [bool(store.links.resolve(token)) for token in tokens] == [True, True, False]
    with store.database.read() as connection:
        waits = select(tables.webhooks.c.reason).where(tables.webhooks.c.key == "waits")
        assert connection.execute(waits).scalar_one() == ""


def test_a_phone_that_consent_gives_to_another_customer_is_shared(store: SqlStore, a_shop: Shop) -> None:
    eva_agreed(store, a_shop)
    with store.database.write() as connection:
        connection.execute(tables.events.delete())
    tell(store, a_shop, an_event(**ORDER), key="jan")

    assert store.people.is_shared(a_shop.id, Person(phone=PHONE))
    assert Holding.CONSENTS not in kept(store, a_shop, Person(phone=PHONE))


@pytest.mark.parametrize("person", [Person(phone=PHONE, customer_id="7"), Person(phone=PHONE, email="jan@example.com")])
def test_who_is_named_besides_shares_nothing(store: SqlStore, a_shop: Shop, person: Person) -> None:
    tell(store, a_shop, an_event(**ORDER), key="jan")
    tell(store, a_shop, an_event(**EVA), key="eva")

    assert not store.people.is_shared(a_shop.id, person)
    assert kept(store, a_shop, person)[Holding.EVENTS] == 1


# ------------------------------------------------------------------ names without number


def test_somebody_of_more_names_than_one_query_may_ask_for_is_found_and_erased(store: SqlStore, a_shop: Shop) -> None:
    emails = [f"buyer{number}@market.example" for number in range(1_100)]
    events = [
        an_event(object_id=str(number), contact=a_contact(email=email), person=("customer:7", f"person:{email}"))
        for number, email in enumerate(emails)
    ]
    tell(store, a_shop, *events, key="many")
    link = store.links.shorten(a_shop.id, "https://demo.example/orders/9", (f"person:{emails[9]}",))
    person = Person(customer_id="7")

    found = kept(store, a_shop, person)
    erased = store.people.erase(a_shop.id, person, who="test", now=NOON)

    assert (found[Holding.EVENTS], erased[Holding.EVENTS], found[Holding.LINKS]) == (1_100, 1_100, 1)
    assert (count(store, "events"), store.links.resolve(link)) == (0, None)


def test_a_phone_of_tens_of_thousands_is_told_from_ones_own_in_linear_time() -> None:
    began = process_time()

    several = are_several({f"customer:{number}", f"person:{number}@example.com"} for number in range(50_000))
    one = are_several({f"customer:{number}", f"customer:{number + 1}"} for number in range(50_000))

    assert (several, one) == (True, False)
    assert process_time() - began < 10  # pair by pair it takes minutes
