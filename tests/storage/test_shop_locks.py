"""Groups of many shops take the locks that are free, and wait for one shop while they hold no other."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Event, Thread

import pytest
from sqlalchemy import Connection, text

from plugin.domain.shop import Shop
from plugin.storage import SqlStore, open_store
from plugin.storage.shops import shop_locks
from tests.support.builders import NOON
from tests.support.databases import empty, settings_for
from tests.support.processes import until


@dataclass(frozen=True)
class Thing:
    name: str
    shop_id: int
    needs_lock: bool = True


@pytest.fixture
def two_shops(store: SqlStore) -> tuple[int, int]:
    found = [Shop(id=0, platform="shopify", address=f"{name}.myshopify.com") for name in ("one", "two")]
    one, two = (store.shops.install(shop, {}, now=NOON).id for shop in found)
    return one, two


class Kept:
    """What each transaction kept."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, _connection: Connection, part: Sequence[Thing]) -> None:
        self.names.append(" ".join(thing.name for thing in part))


def test_a_group_whose_shops_are_free_is_kept_by_one_transaction(store: SqlStore, two_shops: tuple[int, int]) -> None:
    one, two = two_shops
    kept = Kept()
    shop_locks.keep_by_shop(store.database, [Thing("a", one), Thing("b", two), Thing("c", one, needs_lock=False)], kept)
    assert kept.names == ["a b c"]


def test_what_belongs_to_a_shop_that_is_gone_is_kept_all_the_same(store: SqlStore, two_shops: tuple[int, int]) -> None:
    kept = Kept()
    shop_locks.keep_by_shop(store.database, [Thing("a", two_shops[0]), Thing("b", 10**9)], kept)
    assert " ".join(kept.names).split() == ["a", "b"]


@pytest.mark.parametrize("has_patience", [True, False], ids=["soon free", "free after all tries"])
def test_a_shop_another_has_is_kept_when_it_is_free_and_holds_up_no_other(
    migrated_postgresql: str, monkeypatch: pytest.MonkeyPatch, *, has_patience: bool
) -> None:
    """What is of the shop stays together and in its order, whether it needs the lock or not."""
    if not has_patience:
        monkeypatch.setattr(shop_locks, "TRIES", 2)
    empty(migrated_postgresql)
    with closing(open_store(settings_for(migrated_postgresql))) as store:
        one, two = (
            store.shops.install(Shop(id=0, platform="shopify", address=f"{name}.myshopify.com"), {}, now=NOON).id
            for name in ("one", "two")
        )
        group = [Thing("a", one), Thing("b", two), Thing("c", one, needs_lock=False), Thing("d", two)]
        kept, is_over = Kept(), Event()

        def keep() -> None:
            shop_locks.keep_by_shop(store.database, group, kept)
            is_over.set()

        with store.database.write() as connection:
            shop_locks.lock(connection, one)
            thread = Thread(target=keep)
            thread.start()
            until(lambda: kept.names, "the other shop's are kept", seconds=10)
            assert kept.names == ["b d"]
            assert not is_over.is_set()
        thread.join(10)
        assert kept.names == ["b d", "a c"]


def test_whoever_waits_for_a_shop_holds_no_other(migrated_postgresql: str) -> None:
    empty(migrated_postgresql)
    with closing(open_store(settings_for(migrated_postgresql))) as store:
        one, two = (
            store.shops.install(Shop(id=0, platform="shopify", address=f"{name}.myshopify.com"), {}, now=NOON).id
            for name in ("one", "two")
        )
        kept = Kept()
        with store.database.write() as first:
            shop_locks.lock(first, two)
            thread = Thread(target=shop_locks.keep_by_shop, args=(store.database, [Thing("a", one), Thing("b", two)], kept))
            thread.start()
            until(lambda: kept.names, "the free shop's is kept", seconds=10)
            with store.database.write() as second:
                second.execute(text("SET LOCAL lock_timeout = '5s'"))
                shop_locks.lock(second, one)
        thread.join(10)
        assert kept.names == ["a", "b"]


def test_postgresql_compiles_no_statement_first(migrated_postgresql: str) -> None:
    with closing(open_store(settings_for(migrated_postgresql))) as store, store.database.read() as connection:
        assert connection.execute(text("SHOW jit")).scalar_one() == "off"
