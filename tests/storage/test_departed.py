"""A shop that uninstalled the app is kept for a while and then gone, on both databases."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db.tables import metadata
from plugin.storage.privacy import departed
from plugin.upkeep.prune import Pruner
from tests.support.builders import NOON, a_settings_document
from tests.support.storage import old_rows
from tests.support.storage.old_rows import DAY
from tests.support.storage.situations import everything_happens
from tests.support.uninstalling import uninstall

KEPT = 30 * DAY


def rows_of(store: SqlStore, shop: Shop) -> dict[str, int]:
    """How many rows of the shop each table has, where it has any."""
    found = {}
    with store.database.read() as connection:
        for table in metadata.sorted_tables:
            column: Any = table.c.id if table.name == "shops" else table.c.get("shop_id")
            if column is not None:
                found[table.name] = connection.execute(
                    select(func.count()).select_from(table).where(column == shop.id)
                ).scalar_one()
    return {name: count for name, count in found.items() if count}


def clear(store: SqlStore, *, after: timedelta) -> list[int]:
    pruner = Pruner(store.retention, days=90, uninstalled_days=KEPT.days)
    steps = []
    while rows := pruner.step(NOON + after):
        steps.append(rows)
    return steps


def test_nothing_is_left_of_a_shop_that_left_a_month_ago(store: SqlStore, a_shop: Shop) -> None:
    everything_happens(store, a_shop)
    old_rows.events(store, a_shop, *[0.0] * (departed.FAMILIES + 1))
    here = store.shops.install(Shop(id=0, platform="shopify", address="here.myshopify.com"), {}, now=NOON)
    store.shops.write_settings(here.id, a_settings_document(), who="one", now=NOON)
    uninstall(store.shops, a_shop.id)
    kept = rows_of(store, here)
    assert {"shops", "settings", "webhooks", "events", "deliveries", "attempts", "audit", "links"} <= rows_of(
        store, a_shop
    ).keys()

    clear(store, after=KEPT)

    assert rows_of(store, a_shop) == {}
    assert rows_of(store, here) == kept


def test_a_shop_that_comes_back_in_time_finds_its_settings(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON)
    uninstall(store.shops, a_shop.id)
    clear(store, after=KEPT - DAY)

    again = store.shops.install(a_shop, {"token": "another"}, now=NOON + KEPT - DAY)
    clear(store, after=KEPT * 3)

    assert again.id == a_shop.id
    assert EventKind.ORDER_PAID in store.shops.settings(a_shop.id).table.routes


def test_a_shop_that_comes_back_while_it_is_deleted_stays(store: SqlStore, a_shop: Shop) -> None:
    store.shops.write_settings(a_shop.id, a_settings_document(), who="one", now=NOON)
    old_rows.events(store, a_shop, 0.0)
    uninstall(store.shops, a_shop.id)
    assert store.retention.delete_departed(before=NOON + KEPT)

    store.shops.install(a_shop, {}, now=NOON + KEPT)

    assert store.retention.delete_departed(before=NOON + KEPT) == 0
    assert store.shops.settings_document(a_shop.id) == a_settings_document()


def test_it_is_said_when_a_shop_left(store: SqlStore, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)

    [found] = store.shops.list()

    assert (found.is_active, found.left_at) == (False, NOON)
