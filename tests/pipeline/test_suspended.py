"""A suspended shop: what it tells is kept, nothing is sent for it, and it goes on where it stood."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Final

import pytest
from sqlalchemy import select, text

from plugin.domain.delivery import State
from plugin.domain.notice import ShopLeft, ShopToForget, Translation
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.shops import shops, suspension
from plugin.storage.shops.suspension import SECONDS, Suspended, suspended_addresses
from tests.pipeline.conftest import Harness
from tests.support.builders import NOON, a_cart, an_event
from tests.support.processes import until
from tests.support.storage.situations import claimed_webhook
from tests.support.working import drain, prepare

WAITS: Final = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def suspend(harness: Harness) -> None:
    assert harness.store.shops.suspend(harness.shop.id, now=harness.clock())


def resume(harness: Harness) -> None:
    assert harness.store.shops.resume(harness.shop.id, now=harness.clock())


def states(harness: Harness) -> list[State]:
    return [row.state for row in harness.log()]


def test_nothing_is_prepared_or_sent_until_it_is_resumed(harness: Harness) -> None:
    suspend(harness)

    assert harness.happen(an_event())  # taken, so that the store does not give up on it
    drain(harness.worker)

    assert (harness.sent(), states(harness)) == ([], [])
    resume(harness)
    drain(harness.worker)
    assert (len(harness.sent()), states(harness)) == (1, [State.DELIVERED])


def test_what_waits_to_be_sent_stays(harness: Harness) -> None:
    harness.happen(an_event())
    prepare(harness.worker)
    suspend(harness)

    drain(harness.worker)

    assert (harness.sent(), states(harness)) == ([], [State.WAITING])
    assert harness.store.deliveries.ready_in(now=harness.clock()) is None
    resume(harness)
    drain(harness.worker)
    assert states(harness) == [State.DELIVERED]


def test_no_cart_is_reminded_of(harness: Harness) -> None:
    harness.happen(a_cart())
    prepare(harness.worker)
    suspend(harness)
    harness.clock.move(hours=2)

    drain(harness.worker)

    assert harness.sent() == []
    resume(harness)
    drain(harness.worker)
    assert [body["event_name"] for body in harness.sent()] == ["cart_abandoned"]


def test_what_the_store_removes_is_obeyed_all_the_same(harness: Harness) -> None:
    suspend(harness)
    harness.platform.meanings["left"] = Translation(notices=(ShopLeft(),))

    harness.tell("left")
    prepare(harness.worker)

    found = harness.store.shops.find("fake", "demo")
    assert found is not None
    assert (found.is_active, found.suspended_at) == (False, NOON)


def test_another_shop_sends_all_the_while(harness: Harness) -> None:
    other = harness.store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    assert harness.store.shops.suspend(other.id, now=NOON)

    harness.happen(an_event())
    drain(harness.worker)

    assert len(harness.sent()) == 1


def test_installing_again_does_not_resume(harness: Harness) -> None:
    suspend(harness)

    harness.store.shops.install(harness.shop, {"token": "new"}, now=NOON)

    found = harness.store.shops.find("fake", "demo")
    assert found is not None
    assert found.suspended_at == NOON


def redacted(store: SqlStore, shop: Shop) -> None:
    store.inbox.translated(claimed_webhook(store, shop), Translation(notices=(ShopToForget(),)), now=NOON)


def departed(store: SqlStore, shop: Shop) -> None:
    store.inbox.translated(claimed_webhook(store, shop), Translation(notices=(ShopLeft(),)), now=NOON)
    while store.retention.delete_departed(before=NOON):
        pass


def removed(store: SqlStore, shop: Shop) -> None:
    store.shops.forget(shop.id)


@pytest.mark.parametrize("end", [redacted, departed, removed])
def test_a_shop_that_was_deleted_comes_back_suspended(
    store: SqlStore, a_shop: Shop, end: Callable[[SqlStore, Shop], None]
) -> None:
    assert store.shops.suspend(a_shop.id, now=NOON)
    end(store, a_shop)
    assert store.shops.list() == []

    back = store.shops.install(a_shop, {"token": "new"}, now=NOON + timedelta(days=40))
    other = store.shops.install(replace(a_shop, address="other.myshopify.com"), {}, now=NOON)

    assert [found.suspended_at for found in store.shops.list()] == [NOON, None]
    assert [line.deed for line in store.audit.page(back.id, limit=9)] == ["shop_suspended", "installed"]
    assert store.shops.resume(back.id, now=NOON)
    store.shops.forget(back.id)
    store.shops.install(a_shop, {}, now=NOON)
    assert [found.suspended_at for found in store.shops.list()] == [None, None]
    assert other.id != back.id


# SQLite has one writer at a time.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_shop_that_is_suspended_while_it_is_removed_comes_back_suspended(store: SqlStore, a_shop: Shop) -> None:
    remove = Thread(target=store.shops.forget, args=(a_shop.id,))

    with store.database.write() as connection:
        assert suspension.suspend(connection, store.crypto, a_shop.id, now=NOON)
        remove.start()
        until(lambda: store.database.read_once(text(WAITS)), "the removal waits for the suspension")
    remove.join()
    back = store.shops.install(a_shop, {}, now=NOON)

    [found] = store.shops.list()
    assert (found.shop.id, found.suspended_at) == (back.id, NOON)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_shop_that_comes_back_while_it_is_removed_is_suspended_still(store: SqlStore, a_shop: Shop) -> None:
    assert store.shops.suspend(a_shop.id, now=NOON)
    come_back = Thread(target=store.shops.install, args=(a_shop, {}), kwargs={"now": NOON})

    with store.database.write() as connection:
        shops.forget(connection, store.crypto, a_shop.id)
        come_back.start()
        until(lambda: store.database.read_once(text(WAITS)), "the installation waits for the removal")
    come_back.join()

    [found] = store.shops.list()
    assert (found.shop.id == a_shop.id, found.suspended_at) == (False, NOON)
    assert [line.deed for line in store.audit.page(found.shop.id, limit=9)] == ["shop_suspended", "installed"]


def test_of_a_deleted_shop_nothing_readable_is_kept(store: SqlStore, a_shop: Shop) -> None:
    assert store.shops.suspend(a_shop.id, now=NOON)
    store.shops.forget(a_shop.id)

    with store.database.read() as connection:
        [row] = connection.execute(select(suspended_addresses)).all()
    assert "demo" not in str(row)
    assert len(row.hash) == 64


def test_it_is_suspended_once_and_resumed_once(harness: Harness) -> None:
    shops = harness.store.shops
    suspend(harness)

    assert not shops.suspend(harness.shop.id, now=NOON)
    resume(harness)
    assert not shops.resume(harness.shop.id, now=NOON)

    deeds = [line.deed for line in harness.store.audit.page(harness.shop.id, limit=2)]
    assert deeds == ["shop_resumed", "shop_suspended"]


def test_another_process_sees_it_soon(store: SqlStore, a_shop: Shop) -> None:
    seconds = [0.0]
    elsewhere = Suspended(store.database, seconds_now=lambda: seconds[0])
    assert elsewhere.ids() == set()

    assert store.shops.suspend(a_shop.id, now=NOON)

    assert elsewhere.ids() == set()
    seconds[0] = SECONDS
    assert elsewhere.ids() == {a_shop.id}
