"""Stores that hang when they are asked about their carts, beside others that answer, on both databases."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from plugin.config import Settings
from plugin.domain.carts import CartState
from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.shop import Shop
from plugin.pipeline.remind import DOUBTFUL_AT_ONCE, SHORTEST_PAUSE, Reminders
from plugin.ports import LookupContext
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.wiring import Services
from plugin.worker import Worker
from tests.support.builders import NOON, a_settings_document
from tests.support.fake_platform import FakePlatform, FakeSendPulse
from tests.support.journeys.running import until
from tests.support.storage.situations import waiting_cart

HOUR = timedelta(hours=1)


@dataclass
class HangingPlatform(FakePlatform):
    """Says nothing of the carts of shops that hang until it is let go."""

    name: str = "shopify"
    let_go: threading.Event = field(default_factory=threading.Event)
    hanging: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    def look_at_carts(self, carts: Sequence[StoreEvent], place: LookupContext) -> Sequence[CartState]:
        if place.shop.address.startswith("hanging"):
            self.hanging.append(place.shop.address)
            self.let_go.wait()
            raise TryAgain("no answer")
        self.answered.append(place.shop.address)
        return [CartState.OPEN for _ in carts]


def a_shop_with_a_due_cart(store: SqlStore, address: str) -> Shop:
    """Its cart rings an hour after noon."""
    shop = store.shops.install(Shop(id=0, platform="shopify", address=address), {"token": "t"}, now=NOON)
    store.shops.write_settings(shop.id, a_settings_document(), who="test", now=NOON)
    waiting_cart(store, shop)
    return shop


@contextmanager
def asking(store: SqlStore, platform: HangingPlatform) -> Iterator[None]:
    """The worker's own pool, an hour after noon."""
    services = Services(
        settings=Settings.from_environ({}), store=store, platforms={"shopify": platform}, post=FakeSendPulse(),
        write_bodies=bodies, short_link=lambda *_: "",
    )  # fmt: skip
    stopping, pool = threading.Event(), Worker(services, now=lambda: NOON + HOUR).expiring
    thread = threading.Thread(target=pool.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        platform.let_go.set()
        thread.join()


def test_stores_that_hang_keep_no_other_from_being_asked(store: SqlStore) -> None:
    platform = HangingPlatform()
    for number in range(12):
        a_shop_with_a_due_cart(store, f"hanging-{number}")

    with asking(store, platform):
        until(lambda: len(platform.hanging) == 12, "all that hang are asked", seconds=20)
        a_shop_with_a_due_cart(store, "healthy")
        until(lambda: platform.answered, "the healthy one is asked while the others hang", seconds=20)

    assert platform.answered == ["healthy"]


def test_however_many_did_not_answer_only_some_of_them_are_asked_at_once(store: SqlStore) -> None:
    platform, reminders = HangingPlatform(), Reminders()
    platform.let_go.set()
    for number in range(DOUBTFUL_AT_ONCE + 1):
        a_shop_with_a_due_cart(store, f"hanging-{number}")

    def rings(after: timedelta) -> list[Callable[[], None]]:
        now = NOON + HOUR + after
        due = store.timers.claim(limit=99, now=now, lease=HOUR)
        return [partial(reminders.ring, each, platform, store, now=now) for each in due]

    for ring in rings(timedelta(0)):
        ring()
    platform.let_go.clear()
    platform.hanging.clear()
    threads = [threading.Thread(target=ring) for ring in rings(SHORTEST_PAUSE)]
    for thread in threads:
        thread.start()
    until(lambda: sum(thread.is_alive() for thread in threads) == DOUBTFUL_AT_ONCE, "one was put off unasked", seconds=20)
    platform.let_go.set()
    for thread in threads:
        thread.join()

    assert len(platform.hanging) == DOUBTFUL_AT_ONCE
    platform.hanging.clear()
    for ring in rings(SHORTEST_PAUSE * 3):
        ring()
    assert len(platform.hanging) == DOUBTFUL_AT_ONCE + 1, "a question that ended makes room for the next"
