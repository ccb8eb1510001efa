"""Shops looked up a moment ago: known for two seconds, never longer than this process left them unchanged."""

from contextlib import closing

import pytest

from plugin.config import Settings
from plugin.domain.notice import ShopLeft, Translation
from plugin.domain.shop import Shop
from plugin.ports import Installation
from plugin.storage import SqlStore, open_store
from plugin.storage.shops import shop_cache
from plugin.storage.shops.shop_cache import SECONDS, SECONDS_UNKNOWN, ShopCache
from tests.support.builders import NOON
from tests.support.storage.situations import claimed_webhook
from tests.support.uninstalling import uninstall

HERE = ("shopify", "demo.myshopify.com")
DEMO = Installation(shop=Shop(id=1, platform="shopify", address="demo.myshopify.com"), access={}, is_active=True)


class Register:
    """What the database says, how often it was asked, and what time it is."""

    def __init__(self) -> None:
        self.answer: Installation | None = DEMO
        self.asked, self.seconds = 0, 100.0
        self.known = ShopCache(seconds_now=lambda: self.seconds)

    def look_up(self) -> Installation | None:
        self.asked += 1
        return self.answer

    def find(self, address: tuple[str, str] = HERE) -> Installation | None:
        return self.known.find(address, self.look_up)


@pytest.mark.parametrize(("answer", "seconds"), [(DEMO, SECONDS), (None, SECONDS_UNKNOWN)], ids=["installed", "not installed"])
def test_a_shop_is_asked_for_again_once_the_answer_is_old(answer: Installation | None, seconds: float) -> None:
    register = Register()
    register.answer = answer
    assert [register.find() for _ in range(3)] == [answer] * 3
    assert register.asked == 1

    register.seconds += seconds
    register.find()

    assert register.asked == 2


def test_an_answer_from_before_a_change_is_not_kept() -> None:
    register = Register()

    def changed_meanwhile() -> Installation:
        register.known.forget()
        return DEMO

    register.known.find(HERE, changed_meanwhile)
    register.find()

    assert register.asked == 1


def test_strangers_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_cache, "MOST", 10)
    register = Register()
    register.answer = None

    for number in range(95):
        register.find(("saleor", f"https://{number}.example/graphql/"))

    assert len(register.known._found) <= 10


@pytest.mark.parametrize("change", ["forget", "renew", "install", "notice"])
def test_what_this_process_changes_is_seen_at_once(store: SqlStore, a_shop: Shop, change: str) -> None:
    before = store.shops.find(*HERE)

    if change == "forget":
        store.shops.forget(a_shop.id)
    elif change == "renew":
        store.shops.renew(a_shop.id, {"token": "another"})
    elif change == "install":
        store.shops.install(a_shop, {"token": "another"}, now=NOON)
    else:
        store.inbox.translated(claimed_webhook(store, a_shop), Translation(notices=(ShopLeft(),)), now=NOON)

    assert store.shops.find(*HERE) != before


def test_what_another_process_changes_is_seen_soon(store: SqlStore, settings: Settings, a_shop: Shop) -> None:
    seconds = [100.0]
    known = ShopCache(seconds_now=lambda: seconds[0])
    with closing(open_store(settings)) as other:
        store.shops._known = known  # type: ignore[attr-defined]
        assert store.shops.find(*HERE)

        uninstall(other.shops, a_shop.id)
        seconds[0] += SECONDS

    found = store.shops.find(*HERE)
    assert found is not None
    assert not found.is_active
