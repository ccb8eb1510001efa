"""Nothing secret and nobody's address can be read in the database, on both databases."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select

from plugin.config import Settings
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.errors import Misconfigured, StorageDown
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import AccessToken, DeliveryFilter, SetTimer
from plugin.storage import SqlStore, open_store
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import sqlite_path
from plugin.storage.db.keys import BATCH, SEALED, rotate_keys
from plugin.storage.db.tables import links, metadata
from tests.support.builders import EVENT_URL, NOON, a_basket, a_cart, a_contact, a_product, a_settings_document, an_event
from tests.support.databases import ENCRYPTION_KEY, settings_for
from tests.support.storage.situations import a_plan, a_webhook, attempted, claimed_event, everything_happens, planned, tell

SECRETS = {
    "the platform's access token": "planted-access-token",
    "SendPulse's access token": "planted-sendpulse-token",
    "the event URL": EVENT_URL,
    "the event URL's hash": "0123456789abcdef0123456789abcdef",
    "the client secret": "planted-client-secret",
    "the client id": "planted-client-id",
    "an email address": "planted@example.com",
    "an email address's name": "planted@",
    "a phone number": "48512345678",
    "a first name": "Plantedname",
    "the webhook's body": "planted-webhook-body",
    "the delivery's body": "planted-delivery-body",
    "a product's link": "demo.example/planted-product",
    "a cart's link": "demo.example/planted-cart",
    "a cart's token": "planted-token-of-a-cart",
    "a customer's number": "99887766554433",
    "a shortened address": "demo.example/planted-long-address",
}


def harness(store: SqlStore, shop: Shop) -> None:
    """Every secret once on each way it takes through the tables."""
    person = a_contact(email=SECRETS["an email address"], phone=f"+{SECRETS['a phone number']}", first_name="Plantedname")
    product = a_product(link="https://demo.example/planted-product")
    basket = a_basket(products=(product,), cart_link="https://demo.example/planted-cart")
    event = an_event(contact=person, basket=basket)
    store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
    tell(store, shop, an_event(object_id="0", contact=person), body=b"planted-webhook-body", key="0")
    stored = store.events.claim(limit=9, now=NOON, lease=timedelta(seconds=9))[0]
    store.events.planned(stored, event, a_plan(event, body='{"x": "planted-delivery-body"}'), timers=(), now=NOON)
    [claimed] = store.deliveries.claim(limit=9, now=NOON, lease=timedelta(seconds=9))
    attempted(
        store,
        claimed,
        Outcome(verdict=Verdict.GIVE_UP, code=ReasonCode.BODY_REFUSED, reason=worded("SendPulse refused it."), status=400),
    )
    timer = SetTimer(keys=("checkout:c1",), people=("person:planted@example.com",), wait=timedelta(0))
    token, number = SECRETS["a cart's token"], SECRETS["a customer's number"]
    planned(store, shop, a_cart(contact=person, basket=basket, object_id=token), None, timers=(timer,), key="cart")
    tell(store, shop, an_event(kind=EventKind.CUSTOMER_CREATED, contact=person, object_id=number, basket=None), key="customer")
    store.links.shorten(shop.id, "https://demo.example/planted-long-address")
    store.tokens.write("planted-client-id", AccessToken(text="planted-sendpulse-token", expires_at=NOON))
    store.inbox.receive(a_webhook(shop, key="waiting", body=b"planted-webhook-body"), now=NOON)


def dump(store: SqlStore, settings: Settings) -> bytes:
    """Everything there is to read: each row as text and, of SQLite, the very files."""
    with store.database.read() as connection:
        rows = [str(row) for table in metadata.sorted_tables for row in connection.execute(select(table))]
    if not settings.is_sqlite:
        return "\n".join(rows).encode()
    files = sorted(Path(sqlite_path(settings)).parent.glob("plugin.db*"))
    assert any(path.name.endswith("-wal") for path in files)
    return "\n".join(rows).encode() + b"".join(path.read_bytes() for path in files)


def test_no_secret_can_be_read_in_the_database(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    harness(store, a_shop)

    found = dump(store, settings)

    assert b"demo.myshopify.com" in found  # the search finds what is there
    assert [name for name, secret in SECRETS.items() if secret.encode() in found] == []


def test_no_secret_stands_in_the_log_of_deliveries(store: SqlStore, a_shop: Shop) -> None:
    harness(store, a_shop)

    text = str(store.log.list(DeliveryFilter(shop_id=a_shop.id)))

    assert "SendPulse refused it." in text
    assert [name for name, secret in SECRETS.items() if secret in text] == []


def test_an_error_of_the_database_quotes_no_value(store: SqlStore) -> None:
    nobody = Shop(id=123456, platform="shopify", address="nobody")

    with pytest.raises(StorageDown) as caught:
        store.inbox.receive(a_webhook(nobody, key="planted-key", body=b"planted-webhook-body"), now=NOON)

    assert "planted" not in f"{caught.value} {caught.value.__cause__}"


def test_every_sealed_column_is_sealed(store: SqlStore, a_shop: Shop) -> None:
    everything_happens(store, a_shop)

    with store.database.read() as connection:
        for column in SEALED:
            values = connection.execute(select(column).where(column.is_not(None))).scalars().all()
            assert values, column
            for value in values:
                store.crypto.open(value)


def test_no_column_of_bytes_is_forgotten_among_the_sealed_ones() -> None:
    columns = {column for table in metadata.sorted_tables for column in table.columns}

    assert {column for column in columns if re.search("BLOB|BYTEA", str(column.type))} == set(SEALED)


# ------------------------------------------------------------------ new keys


def test_everything_opens_with_a_new_key_alone_after_rotating(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    everything_happens(store, a_shop)
    new = Fernet.generate_key().decode()
    both = open_store(settings_for(settings.database_url, ENCRYPTION_KEYS=f"{new},{ENCRYPTION_KEY}"))

    counts = rotate_keys(both)
    again = rotate_keys(both)
    both.close()

    alone = open_store(settings_for(settings.database_url, ENCRYPTION_KEYS=new))
    assert set(counts) == {column.table.name for column in SEALED}
    assert all(counts.values())
    assert set(again.values()) == {0}
    with alone.database.read() as connection:
        for column in SEALED:
            for value in connection.execute(select(column).where(column.is_not(None))).scalars():
                alone.crypto.open(value)
    alone.close()


def test_more_rows_than_one_step_are_all_sealed_anew(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    rows = [
        {"token": f"{number:022}", "shop_id": a_shop.id, "address": store.crypto.seal(b"x"), "address_hash": str(number)}
        for number in range(2 * BATCH + 1)
    ]
    with store.database.write() as connection:
        connection.execute(insert(links), rows)
    keys = f"{Fernet.generate_key().decode()},{ENCRYPTION_KEY}"
    both = open_store(settings_for(settings.database_url, ENCRYPTION_KEYS=keys))

    counts = rotate_keys(both)
    both.close()

    assert counts["links"] == 2 * BATCH + 1


def test_a_database_sealed_with_another_key_is_refused_at_the_start(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    stranger = open_store(settings_for(settings.database_url, ENCRYPTION_KEYS=Fernet.generate_key().decode()))

    with pytest.raises(StorageDown, match="ENCRYPTION_KEYS"):
        stranger.check()

    stranger.close()


def test_a_person_has_another_hash_in_every_shop_and_installation() -> None:
    here = Crypto(encryption_keys=(ENCRYPTION_KEY,), secret_key="one")
    elsewhere = Crypto(encryption_keys=(ENCRYPTION_KEY,), secret_key="two")

    hashes = {crypto.hash_person(shop_id, "jan@example.com") for crypto in (here, elsewhere) for shop_id in (1, 2)}

    assert len(hashes) == 4


def test_an_event_of_another_version_says_so(store: SqlStore, a_shop: Shop) -> None:
    claimed_event(store, a_shop, an_event())

    with pytest.raises(Misconfigured, match="too new or too old"):
        store.crypto.open_event(store.crypto.seal(b'{"kind": "from the future"}'))
