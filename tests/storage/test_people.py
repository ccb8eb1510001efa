"""One person found by any of their names, handed out and deleted whole, on both databases."""

import json
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, func, insert, select, update

from plugin.domain.carts import Purchase
from plugin.domain.contact import Channel, PersonConsent, Standing
from plugin.domain.kinds import EventKind
from plugin.domain.notice import ConsentChanged, PersonAsks
from plugin.domain.person import ErasureState, Holding, Person
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.people_tables import data_requests, sendpulse_erasures
from plugin.storage.privacy.kept import NOBODY, SEARCHED
from tests.storage.test_notices import count
from tests.support.builders import NOON, a_basket, a_cart, a_contact, a_settings_document, an_event
from tests.support.storage.situations import (
    BUSY,
    DELIVERED,
    LEASE,
    a_claimed_delivery,
    a_plan,
    a_webhook,
    attempted,
    claimed_webhook,
    planned,
    tell,
    waiting_cart,
)

JAN = Person(email=" JAN@Example.com")
NAMES = ("customer:7", "person:jan@example.com", "person:+48512345678")
ORDER: dict[str, Any] = {"contact": a_contact(phone="+48512345678"), "person": NAMES}


def everything_about_jan(store: SqlStore, shop: Shop) -> None:
    """At least one row in every table that holds people, and nothing of anybody else."""
    store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
    link = store.links.shorten(shop.id, "https://demo.example/orders/secret")
    body = json.dumps({"email": "jan@example.com", "order_link": f"https://app.example/go/{link}"})
    event = an_event(**ORDER)
    bought = Purchase(keys=(), people=NAMES, placed_at=NOON - timedelta(days=9))
    tell(store, shop, bought=[bought], key="bought")
    planned(store, shop, event, a_plan(event, body=body))
    [claimed] = store.deliveries.claim(limit=1, now=NOON, lease=LEASE)
    attempted(store, claimed, DELIVERED)
    waiting_cart(store, shop, **ORDER)
    planned(store, shop, a_cart(kind=EventKind.CART_ABANDONED, version="9", **ORDER), key="reminder")
    told = PersonConsent(standing=Standing.SUBSCRIBED, at=NOON)
    consent = ConsentChanged(channel=Channel.EMAIL, person=told, customer_id="7", email="jan@example.com")
    tell(store, shop, notices=[consent, PersonAsks(email="jan@example.com", request_id="9")], key="notices")
    store.inbox.receive(a_webhook(shop, key="waits", body=b'{"email": "Jan@example.com"}'), now=NOON)


def kept(store: SqlStore, shop: Shop, person: Person) -> Counter[Holding]:
    return Counter(each.holding for each in store.people.kept(shop.id, person))


def test_every_table_is_searched_for_people_or_holds_none() -> None:
    assert set(SEARCHED) | set(NOBODY) == set(tables.metadata.tables)
    assert not set(SEARCHED) & set(NOBODY)
    assert set(SEARCHED.values()) == set(Holding) - {Holding.UNREADABLE}


@pytest.mark.parametrize(
    "person",
    [JAN, Person(phone="+48 512 345 678"), Person(customer_id="7"), Person(order_ids=("1001",))],
    ids=["email", "phone", "customer", "order"],
)
def test_all_of_it_is_found_by_any_name_and_deleted(store: SqlStore, a_shop: Shop, person: Person) -> None:
    everything_about_jan(store, a_shop)
    before = kept(store, a_shop, person)

    erased = store.people.erase(a_shop.id, person, who="test", now=NOON)

    assert set(before) == set(Holding) - {Holding.SENDPULSE, Holding.UNREADABLE}
    assert set(erased) == set(before)
    assert not set(kept(store, a_shop, person)) - {Holding.SENDPULSE}
    assert kept(store, a_shop, JAN) == {Holding.SENDPULSE: 1}  # until SendPulse has been asked
    left = {name for name in SEARCHED if count(store, name)}
    assert left == {"webhooks", "sendpulse_erasures", "cart_marks"}  # the basket's mark, which names nobody
    with store.database.read() as connection:
        waiting = select(tables.webhooks.c.key).where(tables.webhooks.c.body.is_not(None))
        assert connection.execute(waiting).scalars().all() == ["waits"]  # read once more, for what it says of the shop
    [waiting_one] = store.inbox.claim(limit=9, now=NOON, lease=LEASE)
    store.inbox.failed(waiting_one, "odd", code=ReasonCode.UNREADABLE, now=NOON)
    with store.database.read() as connection:
        bodies = select(func.count()).select_from(tables.webhooks).where(tables.webhooks.c.body.is_not(None))
        assert connection.execute(bodies).scalar_one() == 0


def test_what_is_handed_out_can_be_read(store: SqlStore, a_shop: Shop) -> None:
    everything_about_jan(store, a_shop)

    things = {(each.holding, *map(str, each.fields)): each.fields for each in store.people.kept(a_shop.id, JAN)}

    text = json.dumps(list(things.values()), default=str)
    assert "https://demo.example/orders/secret" in text
    assert "events.sendpulse.com" not in text
    assert not re.search(r"gAAAA|[0-9a-f]{64}", text)


def test_an_event_of_before_people_were_noted_is_found_too(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event(**ORDER))
    with store.database.write() as connection:
        connection.execute(update(tables.events).values(people=None))

    assert kept(store, a_shop, Person(customer_id="7"))[Holding.EVENTS] == 1
    assert store.people.erase(a_shop.id, Person(customer_id="7"), who="test", now=NOON)[Holding.EVENTS] == 1


def test_names_lead_from_one_event_to_the_next(store: SqlStore, a_shop: Shop) -> None:
    work = a_contact(email="jan@work.example")
    tell(store, a_shop, an_event(**ORDER), key="1")
    tell(store, a_shop, an_event(object_id="2", contact=work, person=("customer:7", "person:jan@work.example")), key="2")
    tell(store, a_shop, a_cart(object_id="c9", contact=work), key="3")
    tell(store, a_shop, a_cart(object_id="c10", contact=a_contact(email=None, phone="+48512345678")), key="4")

    found = store.people.known_as(a_shop.id, Person(email="jan@work.example"))

    assert found.customer_ids == ("7",)
    assert found.emails == ("jan@work.example", "jan@example.com")
    assert found.phones == ("+48512345678",)
    assert kept(store, a_shop, JAN)[Holding.EVENTS] == 4


def test_consent_leads_from_an_address_to_a_customers_number(store: SqlStore, a_shop: Shop) -> None:
    told = PersonConsent(standing=Standing.SUBSCRIBED, at=NOON)
    consent = ConsentChanged(channel=Channel.EMAIL, person=told, customer_id="7", email="jan@home.example")
    tell(store, a_shop, an_event(**ORDER), notices=[consent])

    assert kept(store, a_shop, Person(email="jan@home.example")) == {
        Holding.EVENTS: 1,
        Holding.WEBHOOKS: 1,
        Holding.CONSENTS: 2,
    }


@pytest.mark.parametrize(
    ("other", "names"),
    [
        (a_contact(email="eva@example.com", phone="+48512345678"), ("person:eva@example.com", "person:+48512345678")),
        (a_contact(email="eva@example.com"), ("customer:8", "person:eva@example.com", "person:+48512345678")),
        (a_contact(email="jan@example.com"), ("customer:8", "person:eva@example.com", "person:jan@example.com")),
        (a_contact(email=None, phone="+48512345678"), ("customer:8", "person:+48512345678")),
    ],
    ids=["the household's phone", "another account's", "ordered for Jan", "another account's phone"],
)
@pytest.mark.parametrize(
    "asked",
    [Person(customer_id="7"), Person(customer_id="7", email="jan@example.com", phone="+48512345678", order_ids=("1",))],
    ids=["by number", "by every name, as Shopify does"],
)
def test_another_person_who_shares_something_is_left_alone(
    store: SqlStore, a_shop: Shop, other: object, names: tuple[str, ...], asked: Person
) -> None:
    tell(store, a_shop, an_event(**ORDER))
    tell(store, a_shop, an_event(object_id="2", contact=other, person=names), key="eva")

    store.people.erase(a_shop.id, asked, who="test", now=NOON)

    assert count(store, "events") == 1


def test_another_shops_buyer_of_the_same_name_is_left_alone(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    everything_about_jan(store, other)
    before = kept(store, other, JAN)

    assert not store.people.erase(a_shop.id, JAN, who="test", now=NOON)

    assert kept(store, other, JAN) == before


def test_what_waits_to_be_sent_does_not_leave(store: SqlStore, a_shop: Shop) -> None:
    attempted(store, a_claimed_delivery(store, a_shop), BUSY, next_at=NOON + timedelta(minutes=1))

    store.people.erase(a_shop.id, JAN, who="test", now=NOON)

    assert store.deliveries.claim(limit=9, now=NOON + timedelta(hours=1), lease=LEASE) == []


def test_an_event_in_a_workers_hands_does_not_bring_the_person_back(store: SqlStore, a_shop: Shop) -> None:
    event = an_event()
    tell(store, a_shop, event)
    [in_hand] = store.events.claim(limit=1, now=NOON, lease=LEASE)

    store.people.erase(a_shop.id, JAN, who="test", now=NOON)
    store.events.planned(in_hand, event, a_plan(event), timers=(), now=NOON)

    assert (count(store, "events"), count(store, "deliveries")) == (0, 0)


def test_what_arrives_afterwards_is_new(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event())
    store.people.erase(a_shop.id, JAN, who="test", now=NOON)

    tell(store, a_shop, an_event(object_id="1002"), key="later")

    assert count(store, "events") == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"phone": "0512 345 678"}', b'{"phone": "(+48) 512-345-678"}', b'{"phone": "0048512345678"}',
        rb'{"email": "\u006aan@example.com"}', b'{"customer": "its/7"}',
    ],
    ids=["at home", "with signs", "from abroad", "escaped", "as the platform writes a number"],
)  # fmt: skip
def test_a_webhook_that_waits_is_found_however_it_writes_the_person(store: SqlStore, a_shop: Shop, body: bytes) -> None:
    store.inbox.receive(a_webhook(a_shop, body=body), now=NOON)
    person = Person(email="jan@example.com", phone="+48512345678", marks=("its/7",))

    assert store.people.erase(a_shop.id, person, who="test", now=NOON) == {Holding.WEBHOOKS: 1}


def test_a_body_no_key_opens_keeps_nobody_from_being_erased(store: SqlStore, a_shop: Shop) -> None:
    everything_about_jan(store, a_shop)
    with store.database.write() as connection:
        lost = {"shop_id": a_shop.id, "key": "lost", "topic": "orders/paid", "state": "failed", "body": b"no key opens it"}
        connection.execute(insert(tables.webhooks).values(lost | {"received_at": NOON, "reason": "", "fix": ""}))

    assert store.people.erase(a_shop.id, JAN, who="test", now=NOON)


LOST = b"no key opens it"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (tables.links.c.address, Holding.LINKS), (tables.deliveries.c.letter, Holding.DELIVERIES),
        (tables.webhooks.c.body, Holding.WEBHOOKS), (tables.events.c.body, Holding.EVENTS),
        (data_requests.c.person, Holding.REQUESTS), (sendpulse_erasures.c.person, Holding.SENDPULSE),
    ],
    ids=str,
)  # fmt: skip
def test_what_no_key_opens_is_counted_and_stops_nothing(
    store: SqlStore, a_shop: Shop, column: Column[bytes], kind: Holding, logged: list[Any]
) -> None:
    everything_about_jan(store, a_shop)
    store.people.erase(a_shop.id, Person(email="eva@example.com"), who="test", now=NOON)
    with store.database.write() as connection:
        connection.execute(update(column.table).values({column.name: LOST}))

    things = list(store.people.kept(a_shop.id, JAN))
    assert store.people.requests(a_shop.id) == [] or kind is not Holding.REQUESTS
    erased = store.people.erase(a_shop.id, JAN, who="test", now=NOON)

    assert {each.fields["kind"] for each in things if each.holding is Holding.UNREADABLE} == {kind.value}
    assert kind.value in {line.get("what") for line in logged}
    assert erased[Holding.EVENTS] == 3


def test_whom_no_key_names_any_more_keeps_nobody_else_from_being_asked_about(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    store.people.erase(a_shop.id, JAN, who="test", now=NOON)
    with store.database.write() as connection:
        connection.execute(update(sendpulse_erasures).values(person=LOST))
    store.people.erase(a_shop.id, Person(email="eva@example.com"), who="test", now=NOON)

    claimed = [store.people.claim_erasures(limit=9, now=NOON, lease=LEASE) for _ in range(2)]

    assert [pending.emails for [pending] in claimed] == [(), ("eva@example.com",)]


def test_a_webhook_that_only_looks_like_it_goes_on(store: SqlStore, a_shop: Shop) -> None:
    for key, body in (("id", b'{"id": 1512345678}'), ("other", rb'{"email": "\u006aana@example.com"}'), ("cut", rb'"\u00')):
        store.inbox.receive(a_webhook(a_shop, key=key, body=body), now=NOON)

    assert not store.people.erase(a_shop.id, Person(email="jan@example.com", phone="+48512345678"), who="test", now=NOON)


def test_nothing_of_an_emptied_event_is_left_in_its_webhook(store: SqlStore, a_shop: Shop) -> None:
    planned(store, a_shop, an_event(), None)

    with store.database.read() as connection:
        ids = connection.execute(select(tables.events.c.id)).scalars().all()
    store.retention.empty_events(ids, now=NOON)

    assert not kept(store, a_shop, JAN)
    with store.database.read() as connection:
        assert connection.execute(select(tables.webhooks.c.body)).scalars().all() == [None]


# ------------------------------------------------------------------ requests, and SendPulse


def test_a_request_is_kept_once_until_it_is_old(store: SqlStore, a_shop: Shop) -> None:
    asks = PersonAsks(email="jan@example.com", request_id="9")
    tell(store, a_shop, notices=[asks], key="1")
    tell(store, a_shop, notices=[asks], key="2")

    [request] = store.people.requests(a_shop.id)

    assert (request.number, request.due_at, request.fetched_at) == ("9", NOON + timedelta(days=30), None)
    assert request.person == Person(email="jan@example.com")
    store.people.fetched(a_shop.id, request.id, now=NOON)
    [fetched] = store.people.requests(a_shop.id)
    assert fetched.fetched_at == NOON
    assert store.retention.delete_data_requests(a_shop.id, before=NOON) == 0
    assert store.retention.delete_data_requests(a_shop.id, before=NOON + LEASE) == 1


def test_without_keys_sendpulse_is_not_to_be_asked(store: SqlStore, a_shop: Shop) -> None:
    store.people.erase(a_shop.id, JAN, who="test", now=NOON)

    assert store.people.asked_erasures(a_shop.id, limit=9) == []


def test_who_has_many_customers_to_forget_keeps_no_other_shop_waiting(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    for shop in (a_shop, other):
        store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
    for number in range(20):
        store.people.erase(a_shop.id, Person(email=f"{number}@example.com"), who="test", now=NOON)
    store.people.erase(other.id, JAN, who="test", now=NOON + LEASE)

    claimed = store.people.claim_erasures(limit=9, now=NOON + LEASE, lease=LEASE)

    assert [pending.shop_id for pending in claimed] == [a_shop.id, other.id]


def test_sendpulse_is_to_be_asked_about_every_address(store: SqlStore, a_shop: Shop) -> None:
    everything_about_jan(store, a_shop)
    store.people.erase(a_shop.id, Person(customer_id="7"), who="test", now=NOON)

    [pending] = store.people.claim_erasures(limit=9, now=NOON, lease=LEASE)

    assert (pending.emails, pending.phones, pending.tries) == (("jan@example.com",), ("+48512345678",), 1)
    assert store.people.claim_erasures(limit=9, now=NOON, lease=LEASE) == []
    store.people.end_erasure(pending, ErasureState.WAITING, reason="busy", fix="", again_at=NOON + LEASE, now=NOON)
    [again] = store.people.claim_erasures(limit=9, now=NOON + 2 * LEASE, lease=LEASE)
    store.people.end_erasure(pending, ErasureState.FAILED, reason="late", fix="", again_at=None, now=NOON)
    store.people.end_erasure(again, ErasureState.DONE, reason="done", fix="by hand", again_at=None, now=NOON + 2 * LEASE)
    [asked] = store.people.asked_erasures(a_shop.id, limit=9)
    assert (asked.state, asked.reason, asked.fix, again.tries) == (ErasureState.DONE, "done", "by hand", 2)
    assert not kept(store, a_shop, JAN)


def test_a_person_without_a_basket_and_of_no_name_takes_nothing_along(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event(contact=None, person=(), basket=a_basket()))
    claimed_webhook(store, a_shop, key="odd")

    assert not store.people.erase(a_shop.id, Person(), who="test", now=NOON)
