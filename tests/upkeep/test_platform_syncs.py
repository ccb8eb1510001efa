"""Many platforms told at once, on both databases: a store that hangs delays no other."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.errors import TryAgain
from plugin.domain.refusal import Duty, Refusal
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import NO_SENTENCE
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.upkeep.install import import_settings
from plugin.upkeep.platform_sync import FAILING_SLOTS, LATER, SLOTS, PlatformSyncs, sync_due
from plugin.wiring import Services
from plugin.worker import Worker
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakePlatform, FakeSendPulse
from tests.support.journeys.running import until

MINUTE = timedelta(minutes=1)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform(name="shopify")


def sync(store: SqlStore, platform: FakePlatform) -> int:
    return sync_due(store, {"shopify": platform}, now=NOON + MINUTE)


def test_a_platform_that_is_being_told_is_not_claimed_again(store: SqlStore, platform: FakePlatform, a_shop: Shop) -> None:
    syncs = PlatformSyncs(store, {"shopify": platform})
    [claimed] = syncs.claim(5, now=NOON)

    assert syncs.claim(5, now=NOON) == []
    syncs.tell(claimed, now=NOON)
    import_settings(store, a_shop.id, a_settings_document(), who="test", now=NOON + MINUTE)
    assert [pending.id for pending in syncs.claim(5, now=NOON + MINUTE)] == [a_shop.id]


def shops(store: SqlStore, how_many: int, *, name: str) -> list[Shop]:
    return [an_installation(store, address=f"{name}-{number}.myshopify.com") for number in range(how_many)]


def an_installation(store: SqlStore, *, address: str) -> Shop:
    return store.shops.install(Shop(id=0, platform="shopify", address=address), {"token": "t"}, now=NOON)


def test_those_that_failed_come_after_those_that_did_not(store: SqlStore, platform: FakePlatform) -> None:
    failing = shops(store, 2, name="failing")
    platform.answers_to_settling += [TryAgain("away")] * 2
    sync(store, platform)
    [new] = shops(store, 1, name="new")

    claimed = PlatformSyncs(store, {"shopify": platform}).claim(2, now=NOON + MINUTE + LATER)

    assert [(pending.id, pending.has_failed) for pending in claimed] == [(new.id, False), (failing[0].id, True)]


def test_those_that_failed_never_take_every_slot(store: SqlStore, platform: FakePlatform) -> None:
    shops(store, FAILING_SLOTS + 3, name="failing")
    platform.answers_to_settling += [TryAgain("away")] * (FAILING_SLOTS + 3)
    sync(store, platform)
    syncs, again = PlatformSyncs(store, {"shopify": platform}), NOON + MINUTE + LATER

    first, more = syncs.claim(SLOTS, now=again), syncs.claim(SLOTS, now=again)
    syncs.tell(first[0], now=again)
    next_one = syncs.claim(SLOTS, now=again)

    assert [len(claimed) for claimed in (first, more, next_one)] == [FAILING_SLOTS, 0, 1]


@dataclass
class HangingPlatform(FakePlatform):
    """Says nothing to the shops in `hanging` until it is let go."""

    name: str = "shopify"
    let_go: threading.Event = field(default_factory=threading.Event)
    asked_now: list[str] = field(default_factory=list)

    def sync(self, shop: Shop, access: Mapping[str, Any], settings: ShopSettings, trouble: str) -> Mapping[str, Any]:
        if shop.address.startswith("hanging"):
            self.asked_now.append(shop.address)
            self.let_go.wait()
            raise TryAgain("no answer")
        return FakePlatform.sync(self, shop, access, settings, trouble)


@contextmanager
def telling(store: SqlStore, platform: HangingPlatform) -> Iterator[None]:
    """The worker's own pool, on a clock of today."""
    services = Services(
        settings=Settings.from_environ({}), store=store, platforms={"shopify": platform}, post=FakeSendPulse(),
        write_bodies=bodies, short_link=lambda *_: "",
    )  # fmt: skip
    stopping, pool = threading.Event(), Worker(services, now=lambda: NOON + MINUTE + LATER).syncing
    thread = threading.Thread(target=pool.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        platform.let_go.set()
        thread.join()


@pytest.mark.parametrize("how_many", [8, 30])
def test_stores_that_hang_delay_no_other(store: SqlStore, how_many: int) -> None:
    platform = HangingPlatform()
    shops(store, how_many, name="hanging")

    with telling(store, platform):
        until(lambda: len(platform.asked_now) == how_many, "all that hang are asked", seconds=20)
        an_installation(store, address="new.myshopify.com")
        until(lambda: platform.settled, "the new one is told while the others hang", seconds=20)

    assert platform.settled == [("new.myshopify.com", "")]
    assert len(platform.asked_now) == how_many


def test_more_stores_that_hung_before_than_there_are_slots_delay_no_other(store: SqlStore) -> None:
    platform = HangingPlatform()
    for shop in shops(store, SLOTS + 5, name="hanging"):
        [pending] = store.platform_sync.due(limit=1, has_failed=False, now=NOON)
        store.shops.refused(shop.id, Refusal(duty=Duty.SETTLE, reason=NO_SENTENCE, fix=NO_SENTENCE, is_final=False, since=NOON))
        store.platform_sync.done(pending, again_at=NOON + LATER)

    with telling(store, platform):
        until(lambda: len(platform.asked_now) == FAILING_SLOTS, "as many as may hang", seconds=20)
        an_installation(store, address="new.myshopify.com")
        until(lambda: platform.settled, "the new one is told while the others hang", seconds=20)
        assert len(platform.asked_now) == FAILING_SLOTS
