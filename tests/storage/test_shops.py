"""Who has installed us, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plugin.domain.delivery import State
from plugin.domain.errors import Misconfigured
from plugin.domain.settings import NO_SETTINGS
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db.tables import metadata
from tests.support.builders import EVENT_URL, NOON, a_settings_document
from tests.support.storage.situations import a_delivery, audit_lines, everything_happens
from tests.support.uninstalling import uninstall


def test_a_shop_is_found_by_its_address(store: SqlStore, a_shop: Shop) -> None:
    found = store.shops.find("shopify", "demo.myshopify.com")

    assert found is not None
    assert (found.shop, found.access, found.is_active) == (a_shop, {"token": "planted-access-token"}, True)
    assert store.shops.find("saleor", "demo.myshopify.com") is None


def test_a_shop_that_comes_back_keeps_its_id_and_settings(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="test", now=NOON)
    uninstall(store.shops, a_shop.id)

    again = store.shops.install(
        Shop(id=0, platform="shopify", address="demo.myshopify.com", name="Demo"), {"token": "new"}, now=NOON
    )

    assert (again.id, again.name, again.locale, again.timezone) == (a_shop.id, "Demo", "en", "Europe/Warsaw")
    [found] = store.shops.list()
    assert (found.access, found.is_active) == ({"token": "new"}, True)
    assert store.shops.settings(a_shop.id).table.routes


def test_a_shop_that_left_has_no_access(store: SqlStore, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)
    store.shops.renew(a_shop.id, {"token": "too late"})

    [found] = store.shops.list()
    assert (found.access, found.is_active) == ({}, False)


def test_nothing_waiting_leaves_after_the_shop_left(store: SqlStore, a_shop: Shop) -> None:
    a_delivery(store, a_shop)
    uninstall(store.shops, a_shop.id)
    store.shops.install(a_shop, {"token": "back"}, now=NOON)

    assert not store.deliveries.claim(limit=9, now=NOON + timedelta(days=9), lease=timedelta(seconds=9))
    assert store.backlog().deliveries[State.SKIPPED] == 1


def test_changed_access_is_stored(store: SqlStore, a_shop: Shop) -> None:
    store.shops.renew(a_shop.id, {"token": "renewed"})

    assert store.shops.list()[0].access == {"token": "renewed"}


def test_a_shop_without_settings_has_the_empty_ones(store: SqlStore, a_shop: Shop) -> None:
    assert store.shops.settings(a_shop.id) == NO_SETTINGS
    assert store.shops.settings_document(a_shop.id) is None


def test_the_newest_settings_are_in_force(store: SqlStore, a_shop: Shop) -> None:
    assert store.shops.write_settings(a_shop.id, a_settings_document(), who="Ann", now=NOON) == 1
    assert store.shops.settings(a_shop.id).store.name == "Demo"
    renamed = a_settings_document(store={"name": "Renamed"})

    assert store.shops.write_settings(a_shop.id, renamed, who="Ann", now=NOON) == 2

    assert store.shops.settings(a_shop.id).store.name == "Renamed"
    assert store.shops.settings_document(a_shop.id) == renamed
    assert ("Ann", "settings_changed 2") in audit_lines(store, a_shop)


def test_two_people_who_write_settings_at_once_both_get_a_version(store: SqlStore, a_shop: Shop) -> None:
    def write(number: int) -> int:
        return store.shops.write_settings(a_shop.id, a_settings_document(store={"name": str(number)}), who="x", now=NOON)

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(write, range(16)))

    assert sorted(versions) == list(range(1, 17))


def test_settings_nobody_can_read_any_more_say_what_to_do(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, {"version": 99, "was": EVENT_URL}, who="another version", now=NOON)

    with pytest.raises(Misconfigured, match="import them again") as caught:
        store.shops.settings(a_shop.id)

    assert EVENT_URL not in str(caught.value)


def test_a_forgotten_shop_leaves_nothing_behind(store: SqlStore, a_shop: Shop) -> None:
    everything_happens(store, a_shop)
    # A SendPulse account's, which other shops may use, or nobody's; and that a shop was suspended, by a hash.
    of_all = ("tokens", "walks", "knocks", "worker_beats", "standing", "suspended_addresses")
    tables = [table for table in metadata.sorted_tables if table.name not in of_all]
    with store.database.read() as connection:
        before = {table.name: connection.execute(select(func.count()).select_from(table)).scalar() for table in tables}
    assert all(before.values()), before

    store.shops.forget(a_shop.id)

    with store.database.read() as connection:
        after = {table.name: connection.execute(select(func.count()).select_from(table)).scalar() for table in tables}
    assert set(after.values()) == {0}, after


def test_one_forgotten_shop_takes_nothing_from_another(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    a_delivery(store, a_shop)

    store.shops.forget(other.id)

    assert store.backlog().deliveries[State.WAITING] == 1


LEASE = timedelta(seconds=30)


def test_one_caller_at_a_time_changes_the_access(store: SqlStore, a_shop: Shop) -> None:
    first = store.shops.lease_access(a_shop.id, now=NOON, lease=LEASE)

    assert first is not None
    assert first.access == {"token": "planted-access-token"}
    assert store.shops.lease_access(a_shop.id, now=NOON, lease=LEASE) is None
    assert store.shops.end_lease(first, {"token": "new", "more": 1})
    assert store.shops.access(a_shop.id) == {"token": "new", "more": 1}
    assert store.shops.lease_access(a_shop.id, now=NOON, lease=LEASE) is not None


def test_who_was_away_too_long_stores_nothing(store: SqlStore, a_shop: Shop) -> None:
    slow = store.shops.lease_access(a_shop.id, now=NOON, lease=LEASE)
    quick = store.shops.lease_access(a_shop.id, now=NOON + LEASE, lease=LEASE)
    assert slow
    assert quick

    assert not store.shops.end_lease(slow, {"token": "late"})
    assert store.shops.end_lease(quick, {"token": "new"})
    assert store.shops.access(a_shop.id) == {"token": "new"}


@pytest.mark.parametrize("comes_back", [True, False])
def test_access_from_before_an_uninstall_is_not_stored_after_it(store: SqlStore, a_shop: Shop, comes_back: bool) -> None:
    lease = store.shops.lease_access(a_shop.id, now=NOON, lease=LEASE)
    assert lease

    uninstall(store.shops, a_shop.id)
    if comes_back:
        store.shops.install(a_shop, {"token": "back"}, now=NOON)

    assert not store.shops.end_lease(lease, {"token": "old"})
    assert store.shops.access(a_shop.id) == ({"token": "back"} if comes_back else {})


def test_words_changed_by_two_callers_are_both_kept(store: SqlStore, a_shop: Shop) -> None:
    lease = store.shops.lease_access(a_shop.id, now=NOON, lease=LEASE)
    assert lease

    store.shops.renew(a_shop.id, {"scopes": ["read_orders"]})
    store.shops.end_lease(lease, {"token": "new"})

    assert store.shops.access(a_shop.id) == {"token": "new", "scopes": ["read_orders"]}


def test_a_shop_that_left_lends_nothing(store: SqlStore, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)

    assert store.shops.lease_access(a_shop.id, now=NOON, lease=LEASE) is None
    assert store.shops.access(a_shop.id) == {}
