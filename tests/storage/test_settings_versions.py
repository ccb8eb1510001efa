"""Settings are stored version by version, and nobody overwrites what he has not seen."""

import json
from typing import Any

import pytest

from plugin.domain.errors import ChangedMeanwhile
from plugin.domain.kinds import EventKind
from plugin.domain.secret import EventUrl
from plugin.domain.shop import Shop
from plugin.ports import Guide
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.storage.test_standing import statements
from tests.support.builders import EVENT_URL, NOON, a_settings_document, an_event
from tests.support.many_shops import a_crowd
from tests.support.storage import old_rows
from tests.support.storage.situations import LEASE, a_webhook, tell

OTHER_URL = EVENT_URL.replace("0123", "9999")


def test_a_version_that_was_not_seen_is_not_overwritten(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON, expected=0)

    with pytest.raises(ChangedMeanwhile):
        store.shops.write_settings(a_shop.id, a_settings_document(flows=[]), who="two", now=NOON, expected=0)

    newest = store.shops.settings_version(a_shop.id)
    assert newest
    assert (newest.number, newest.who, newest.document) == (1, "one", a_settings_document())


def test_an_older_version_is_still_there_to_compare_with(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON)
    store.shops.write_settings(a_shop.id, a_settings_document(flows=[]), who="two", now=NOON, expected=1)

    first = store.shops.settings_version(a_shop.id, 1)

    assert first
    assert first.document == a_settings_document()


def replaced(**changed: Any) -> dict[str, Any]:
    """Settings whose event URLs are others."""
    text = json.dumps(a_settings_document(**changed)).replace(EVENT_URL, OTHER_URL)
    return dict(json.loads(text))


def test_a_replaced_secret_is_in_no_version_any_more(store: SqlStore, a_shop: Shop) -> None:
    for document in (a_settings_document(), a_settings_document(flows=[]), replaced()):
        store.shops.write_settings(a_shop.id, document, who="one", now=NOON)

    versions = [store.shops.settings_version(a_shop.id, number) for number in (1, 2, 3)]

    assert [EVENT_URL in json.dumps(version.document) for version in versions if version] == [False, False, False]
    assert versions[2]
    assert versions[2].document == replaced()
    assert store.shops.settings(a_shop.id).table.routes[EventKind.ORDER_PAID].event_url == EventUrl(OTHER_URL)


def test_what_was_replaced_before_this_was_heeded_goes_later(store: SqlStore, a_shop: Shop) -> None:
    other_shop = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    for shop, number, document in (
        (a_shop, 1, a_settings_document()),
        (other_shop, 1, a_settings_document()),
        (a_shop, 2, replaced()),
    ):
        sealed = store.crypto.seal_json(document)
        row = {"shop_id": shop.id, "version": number, "document": sealed, "who": "one", "at": NOON}
        old_rows.rows(store, "settings", [row])
    foreign = {"shop_id": a_shop.id, "version": 3, "document": b"sealed with a key that is gone", "who": "one", "at": NOON}
    old_rows.rows(store, "settings", [foreign])

    looked_at = [store.retention.drop_replaced_secrets() for _ in range(2)]

    first, others = store.shops.settings_version(a_shop.id, 1), store.shops.settings_version(other_shop.id, 1)
    assert looked_at == [4, 0]
    assert first
    assert EVENT_URL not in json.dumps(first.document)
    assert others
    assert others.document == a_settings_document()


@pytest.mark.parametrize("lost", [1, 2])
def test_a_version_no_key_opens_keeps_no_newer_one_from_being_stored(store: SqlStore, a_shop: Shop, lost: int) -> None:
    for document in (a_settings_document(), a_settings_document(flows=[])):
        store.shops.write_settings(a_shop.id, document, who="one", now=NOON)
    with store.database.write() as connection:
        is_it = tables.settings.c.version == lost
        connection.execute(tables.settings.update().where(is_it).values(document=b"sealed with a key that is gone"))

    store.shops.write_settings(a_shop.id, replaced(), who="one", now=NOON)

    kept = store.shops.settings_version(a_shop.id, 3 - lost)
    assert kept
    assert EVENT_URL not in json.dumps(kept.document)


def test_a_shop_without_settings_has_no_version(store: SqlStore, a_shop: Shop) -> None:
    assert store.shops.settings_version(a_shop.id) is None


def test_the_guide_remembers_a_test_and_that_it_was_put_away(store: SqlStore, a_shop: Shop) -> None:
    assert store.guides.read(a_shop.id) == Guide()

    store.guides.tested(a_shop.id, now=NOON)
    store.guides.dismissed(a_shop.id, now=NOON)

    assert store.guides.read(a_shop.id) == Guide(is_tested=True, is_dismissed=True)


def test_a_shop_without_events_has_no_past(store: SqlStore, a_shop: Shop) -> None:
    assert store.events.past(a_shop.id, EventKind.ORDER_PAID) == []


def test_a_claim_reads_the_settings_of_many_shops_at_once(store: SqlStore) -> None:
    shops = a_crowd(store, range(1, 6))
    for shop in shops:
        tell(store, shop, an_event(object_id=f"gid://{shop.id}"), key=f"one-{shop.id}")
        store.shops.write_settings(shop.id, a_settings_document(flows=[]), who="test", now=NOON)

    with statements(store) as seen:
        claimed = store.events.claim(limit=10, now=NOON + LEASE, lease=LEASE)

    assert {one.shop.id: one.settings for one in claimed} == {shop.id: store.shops.settings(shop.id) for shop in shops}
    assert sum("settings" in statement for statement in seen) == 2


def test_that_a_shop_has_no_variables_is_asked_once(store: SqlStore) -> None:
    shops = a_crowd(store, range(1, 6))
    for key in ("one", "two"):
        for shop in shops:
            store.inbox.receive(a_webhook(shop, key=key), now=NOON)
        with statements(store) as seen:
            claimed = store.inbox.claim(limit=10, now=NOON + LEASE, lease=LEASE)

    assert [one.variables for one in claimed] == [()] * 5
    assert not any("settings.document" in statement for statement in seen)


def test_a_claimed_webhook_brings_the_variables_of_its_shop(store: SqlStore, a_shop: Shop) -> None:
    placed = {"name": "gift", "type": "text", "path": "$.gift"}
    constant = {"name": "season", "type": "text", "value": "winter"}
    store.shops.write_settings(a_shop.id, a_settings_document(variables=[constant, placed]), who="test", now=NOON)
    store.inbox.receive(a_webhook(a_shop, key="one"), now=NOON)

    [claimed] = store.inbox.claim(limit=10, now=NOON, lease=LEASE)

    assert [one.name for one in claimed.variables] == ["gift"]


def test_what_a_store_says_is_heard_whatever_its_settings_are(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, {"version": 99}, who="test", now=NOON)
    store.inbox.receive(a_webhook(a_shop, key="one"), now=NOON)

    [claimed] = store.inbox.claim(limit=10, now=NOON, lease=LEASE)

    assert claimed.variables == ()
