"""What is kept of people's consent: the newest that was told, under hashes, gone with the person; on both databases."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from plugin.domain.contact import Channel, Consent, PersonConsent, Standing
from plugin.domain.kinds import EventKind
from plugin.domain.notice import ConsentChanged, PersonToForget, ShopToForget, Translation
from plugin.domain.shop import Shop
from plugin.ports import ConsentCount
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.shops.consents import consents
from tests.storage.test_notices import count
from tests.storage.test_retention import scanned, statements
from tests.support.builders import NOON, a_contact, an_event
from tests.support.storage.situations import LEASE, a_plan, a_webhook, claimed_event, claimed_webhook, tell

MINUTE = timedelta(minutes=1)
ID, EMAIL, PHONE = "customer:7", "person:jan@example.com", "person:+48512345678"
YES = PersonConsent(standing=Standing.SUBSCRIBED, at=NOON)
NO = PersonConsent(standing=Standing.UNSUBSCRIBED, at=NOON + MINUTE)


def changed(person: PersonConsent, channel: Channel = Channel.EMAIL, **names: str) -> ConsentChanged:
    return ConsentChanged(channel=channel, person=person, **({"customer_id": "7", "email": "Jan@example.com"} | names))


def hear(store: SqlStore, shop: Shop, *told: ConsentChanged) -> None:
    for number, notice in enumerate(told):
        tell(store, shop, notices=[notice], key=f"{number} {notice}")


def kept(store: SqlStore, shop: Shop, *names: str, channel: Channel = Channel.EMAIL) -> PersonConsent | None:
    return store.consents.read(shop.id, names, channel)


def test_it_is_found_under_every_name_the_store_gave(store: SqlStore, a_shop: Shop) -> None:
    hear(store, a_shop, changed(YES, phone="+48 512 345 678"))

    assert [kept(store, a_shop, name) for name in (ID, EMAIL, PHONE, "customer:8")] == [YES, YES, YES, None]


UNTIMED = PersonConsent(standing=Standing.NOT_SUBSCRIBED)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ((YES, NO), NO), ((NO, YES), NO), ((UNTIMED, YES), YES), ((YES, UNTIMED), YES),
        ((UNTIMED, PersonConsent(standing=Standing.SUBSCRIBED)), PersonConsent(standing=Standing.SUBSCRIBED)),
    ],
    ids=["in order", "the older one late", "the untimed one first", "the untimed one last", "both untimed"],
)  # fmt: skip
def test_the_newest_is_kept_in_whatever_order_it_is_told(
    store: SqlStore, a_shop: Shop, told: Sequence[PersonConsent], left: PersonConsent
) -> None:
    hear(store, a_shop, *map(changed, told))

    assert kept(store, a_shop, ID) == left


def test_of_two_names_the_newer_counts(store: SqlStore, a_shop: Shop) -> None:
    hear(store, a_shop, changed(YES), changed(NO, customer_id="", email="other@example.com"))

    assert kept(store, a_shop, ID, "person:other@example.com") == NO


def test_channels_and_shops_are_apart(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    hear(store, a_shop, changed(YES), changed(NO, Channel.SMS))

    assert (kept(store, a_shop, ID), kept(store, a_shop, ID, channel=Channel.SMS)) == (YES, NO)
    assert kept(store, other, ID) is None


def test_no_name_is_kept_as_it_is(store: SqlStore, a_shop: Shop) -> None:
    hear(store, a_shop, changed(YES, phone="+48512345678"))

    with store.database.read() as connection:
        rows = json.dumps([list(row) for row in connection.execute(select(consents))], default=str)
    assert "jan" not in rows and "48512345678" not in rows


@pytest.mark.parametrize(
    "person",
    [
        PersonToForget(customer_id="7"), PersonToForget(email="jan@example.com"), PersonToForget(phone="+48512345678"),
        PersonToForget(email="another@example.com", customer_id="7"),
    ],
    ids=["by number", "by address", "by phone", "under a new address"],
)  # fmt: skip
def test_a_forgotten_persons_consent_is_gone_under_every_name(store: SqlStore, a_shop: Shop, person: PersonToForget) -> None:
    hear(store, a_shop, changed(YES), changed(NO, Channel.SMS, email="", phone="+48512345678"))
    hear(store, a_shop, changed(YES, customer_id="8", email="eva@example.com"))

    tell(store, a_shop, notices=[person], key="redact")

    assert (count(store, "consents"), kept(store, a_shop, "customer:8")) == (2, YES)


def test_somebody_without_a_number_takes_nobody_along(store: SqlStore, a_shop: Shop) -> None:
    hear(store, a_shop, changed(YES, customer_id=""), changed(YES, customer_id="", email="eva@example.com"))

    tell(store, a_shop, notices=[PersonToForget(email="jan@example.com")], key="redact")
    tell(store, a_shop, notices=[PersonToForget()], key="redact nobody")

    assert count(store, "consents") == 1


def test_what_is_read_after_the_person_was_forgotten_brings_nothing_back(store: SqlStore, a_shop: Shop) -> None:
    body = b'{"customer_id": 7000007, "email_address": "jan@example.com"}'
    waiting = claimed_webhook(store, a_shop, key="late", body=body)
    store.inbox.receive(a_webhook(a_shop, key="redact"), now=NOON)
    [redact] = store.inbox.claim(limit=9, now=NOON, lease=LEASE)
    store.inbox.translated(redact, Translation(notices=(PersonToForget(email="jan@example.com"),)), now=NOON)

    store.inbox.translated(waiting, Translation(notices=(changed(YES),)), now=NOON)

    assert count(store, "consents") == 0


def test_a_forgotten_shop_has_none(store: SqlStore, a_shop: Shop) -> None:
    hear(store, a_shop, changed(YES))

    tell(store, a_shop, notices=[ShopToForget()], key="redact")

    assert count(store, "consents") == 0


def test_what_was_told_long_ago_goes(store: SqlStore, a_shop: Shop) -> None:
    hear(store, a_shop, changed(YES))

    assert store.retention.delete_consents(a_shop.id, before=NOON) == 0
    assert store.retention.delete_consents(a_shop.id, before=NOON + MINUTE) == 2
    assert count(store, "consents") == 0


# ------------------------------------------------------------------ counted over events


def test_an_event_is_counted_by_what_was_known_when_it_was_planned(store: SqlStore, a_shop: Shop) -> None:
    stored = claimed_event(store, a_shop, an_event(contact=a_contact(consent=Consent.UNKNOWN)))
    assert counted(store, a_shop) == ConsentCount(events=1, refused=0, unknown=1)

    event = an_event(contact=a_contact(consent=Consent.NOT_SUBSCRIBED))
    store.events.planned(stored, event, a_plan(event), timers=(), now=NOON)

    assert counted(store, a_shop) == ConsentCount(events=1, refused=1, unknown=0)


def test_they_are_counted_along_an_index(store: SqlStore, a_shop: Shop) -> None:
    rows = [
        {
            "shop_id": a_shop.id, "kind": kind, "state": "planned", "happened_at": NOON, "body": b"", "key": f"{kind} {number}",
            "created_at": NOON - timedelta(days=number % 60), "consent": ("subscribed", None)[number % 2],
        }
        for kind in ("order_paid", "cart_updated")
        for number in range(3000)
    ]  # fmt: skip
    with store.database.write() as connection:
        connection.execute(tables.events.insert(), rows)
    with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE events")

    with statements(store) as seen:
        counted(store, a_shop)

    [(statement, values)] = [one for one in seen if "events" in one[0]]
    assert "events" not in scanned(store, statement, values)


def counted(store: SqlStore, shop: Shop) -> ConsentCount:
    return store.statistics.consents(shop.id, EventKind.ORDER_PAID, since=NOON - timedelta(days=30))
