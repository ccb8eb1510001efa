"""All of what matches, however much it is: each once, whatever comes and goes meanwhile, and nothing held on to."""

import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from plugin.domain.delivery import Skip
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import DeliveryFilter, LogRow
from plugin.storage import SqlStore, open_store
from plugin.storage.db import log_tables, tables
from plugin.storage.log import id_ranges, log, search, walk
from tests.support.builders import NOON, a_basket, a_contact, a_product, an_event
from tests.support.databases import Cluster, settings_for
from tests.support.storage.situations import a_plan, claimed_event

MANY = 40
PLACEHOLDER = a_contact(email="counter@example.com", phone="+48512345678")


@pytest.fixture(scope="module", autouse=True)
def _small_steps() -> Iterator[None]:
    """So few at a time that every step is gone through."""
    with pytest.MonkeyPatch.context() as patch:
        _make_small(patch)
        yield


def _make_small(patch: pytest.MonkeyPatch) -> None:
    for module, name, number in (
        (id_ranges, "LONGEST", 7), (id_ranges, "HOURS", 1), (search, "CANDIDATES", 8), (search, "MOST_EVENTS", 5),
        (walk, "IDS_AT_ONCE", 6), (walk, "STEP_SECONDS", 0), (log, "ROWS_AT_ONCE", 4),
    ):  # fmt: skip
        patch.setattr(module, name, number)


def ordered(store: SqlStore, shop: Shop, number: int, **fields: Any) -> None:
    basket = a_basket(keys=(f"order:{number}",), order_number=f"#{number}", products=(a_product(id="77", name="Kubek"),))
    at = NOON + timedelta(minutes=13 * number)
    fields.setdefault("contact", PLACEHOLDER)
    event = an_event(**{"object_id": str(900_000 + number), "basket": basket, **fields})
    stored = claimed_event(store, shop, event, key=f"k{number}", now=at)
    skip = Skip(code=ReasonCode.NO_CONTACT, reason=worded("no"))
    store.events.planned(stored, event, skip if number % 7 == 3 else a_plan(event), timers=(), now=at)


def fill(url: str) -> None:
    """Many deliveries of one shop, a few of another's between them."""
    store = open_store(settings_for(url))
    shop = store.shops.install(Shop(id=0, platform="shopify", address="demo.myshopify.com"), {}, now=NOON)
    other = store.shops.install(Shop(id=0, platform="saleor", address="other.example"), {}, now=NOON)
    for number in range(MANY):
        ordered(store, shop, number, locale="uk" if number % 19 == 4 else "pl")
        if number % 5 == 0:
            ordered(store, other, number)
        if number == MANY // 2:
            store.statistics.count(now=NOON + timedelta(days=1))
    store.close()


@pytest.fixture(scope="module")
def filled_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole_log") / "filled.db"
    shutil.copy(migrated_sqlite, path)
    fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def filled_postgresql(cluster: Cluster, migrated_postgresql: str) -> str:
    """The name of a database."""
    fill(cluster.new_database("filled", like=_name(migrated_postgresql)))
    return "filled"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A copy of one that was filled once."""
    if request.param == "sqlite":
        path = tmp_path / "plugin.db"
        shutil.copy(request.getfixturevalue("filled_sqlite"), path)
        return f"sqlite:///{path}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_database("whole_log", like=request.getfixturevalue("filled_postgresql"))


def _name(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.fixture
def a_shop(store: SqlStore) -> Shop:
    found = store.shops.find("shopify", "demo.myshopify.com")
    assert found
    return found.shop


@pytest.fixture
def ids(store: SqlStore, a_shop: Shop) -> list[int]:
    """The shop's deliveries, newest first."""
    return all_ids(store, a_shop)


def all_ids(store: SqlStore, shop: Shop) -> list[int]:
    with store.database.read() as connection:
        table = tables.deliveries.c
        query = tables.deliveries.select().where(table.shop_id == shop.id)
        return sorted(connection.execute(query).scalars(), reverse=True)


def rows(found: Iterator[LogRow | None]) -> list[int]:
    return [row.id for row in found if row]


@pytest.mark.parametrize(
    "text", ["", "counter@example.com", "+48 512 345 678", "kubek", "77"], ids=["none", "mail", "phone", "name", "product"]
)
def test_all_of_a_shops_deliveries_come_once_and_newest_first(store: SqlStore, a_shop: Shop, ids: list[int], text: str) -> None:
    wanted = DeliveryFilter(shop_id=a_shop.id, search=text, limit=1)

    assert rows(store.log.everything(wanted)) == ids
    assert sum(store.log.count_all(wanted)) == len(ids)


def test_a_rare_one_is_found_in_steps_that_find_nothing(store: SqlStore, a_shop: Shop, ids: list[int]) -> None:
    found = list(store.log.everything(DeliveryFilter(shop_id=a_shop.id, locale="uk")))

    assert len([row for row in found if row]) == 2
    assert found.count(None) > 2


@pytest.mark.parametrize("text", ["nobody@example.com", "@", "\0", "nothing like it"])
def test_a_text_that_is_nowhere_finds_nothing(store: SqlStore, a_shop: Shop, ids: list[int], text: str) -> None:
    assert rows(store.log.everything(DeliveryFilter(shop_id=a_shop.id, search=text))) == []


def test_a_number_that_an_object_and_an_order_share_finds_each_once(store: SqlStore, a_shop: Shop, ids: list[int]) -> None:
    for number in range(MANY, MANY + 9):
        ordered(store, a_shop, number, object_id="77", version=str(number), kind=EventKind.ORDER_CREATED)

    assert rows(store.log.everything(DeliveryFilter(shop_id=a_shop.id, search="77"))) == all_ids(store, a_shop)


@pytest.mark.parametrize("text", ["", "counter@example.com", "kubek"], ids=["none", "mail", "name"])
@pytest.mark.parametrize("seed", range(2))
def test_what_comes_or_goes_meanwhile_moves_nothing_else(
    store: SqlStore, a_shop: Shop, ids: list[int], text: str, seed: int
) -> None:
    chance, came, gone, met = random.Random(seed), MANY, set[int](), list[int]()

    for row in store.log.everything(DeliveryFilter(shop_id=a_shop.id, search=text)):
        met += [row.id] if row else []
        if chance.random() < 0.3:
            ordered(store, a_shop, came)
            came += 1
        if chance.random() < 0.2:
            gone |= goes(store, chance.choice(ids))

    assert met == sorted(set(met), reverse=True)
    assert set(ids) - gone <= set(met) <= set(ids)


def goes(store: SqlStore, id: int) -> set[int]:
    with store.database.write() as connection:
        connection.execute(delete(log_tables.delivery_words).where(log_tables.delivery_words.c.delivery_id == id))
        connection.execute(delete(tables.deliveries).where(tables.deliveries.c.id == id))
    return {id}


def test_nothing_is_held_on_to_between_two_steps(store: SqlStore, a_shop: Shop, ids: list[int]) -> None:
    pool = store.database.engine.pool

    for _row in store.log.everything(DeliveryFilter(shop_id=a_shop.id, search="kubek")):
        assert pool.status().split("Current Checked out connections: ")[1] == "0"
