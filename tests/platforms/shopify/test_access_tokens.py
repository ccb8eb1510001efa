"""Tokens that end every hour: renewed once, stored before use, and ended when Shopify says so."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from plugin import clock
from plugin.config import Settings
from plugin.domain.errors import TryAgain
from plugin.domain.refusal import Duty
from plugin.domain.shop import Shop
from plugin.platforms.shopify.access_tokens import OVER
from plugin.platforms.shopify.complete import NO_ACCESS
from plugin.ports import AccessLease, LookupContext
from plugin.storage import SqlStore, open_store
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.shopify.admin import a_place
from tests.support.platforms.shopify.fixtures import HOUR, World, a_world
from tests.support.platforms.shopify.given import SHOP, the_event
from tests.support.uninstalling import uninstall

THREADS = 20


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        world.open()
        yield world


@pytest.fixture
def shared(store: SqlStore) -> Iterator[World]:
    """The same over a real database."""
    with a_world() as world:
        world.shops = store.shops
        world.open()
        yield world


def the_shop(world: World) -> Shop:
    [found] = world.shops.list()
    return found.shop


def the_token(world: World) -> str:
    shop = the_shop(world)
    return world.access_tokens().token(shop, world.shops.access(shop.id), world.shops)


def age(world: World, *, minutes: int = 120) -> None:
    """Let the access token have been given out so long ago."""
    ends = clock.now() + HOUR - timedelta(minutes=minutes)
    world.shops.renew(the_shop(world).id, {"expires_at": ends.isoformat()})


def lives(world: World, token: str) -> bool:
    return world.pretend.tokens.shop_of(token) == SHOP.address


@pytest.mark.parametrize(("minutes", "asked"), [(0, 0), (54, 0), (56, 1), (70, 1)])
def test_a_token_is_renewed_five_minutes_before_its_end(world: World, minutes: int, asked: int) -> None:
    before = world.access["access_token"]
    age(world, minutes=minutes)

    token = the_token(world)

    assert (token == before, world.pretend.tokens.requests - 1) == (asked == 0, asked)
    assert token == world.access["access_token"]
    assert lives(world, token)


def test_twenty_at_once_renew_it_once(shared: World, settings: Settings) -> None:
    age(shared)
    shop, start = the_shop(shared), Barrier(THREADS)

    def ask(store: SqlStore) -> str:
        access = store.shops.access(shop.id)
        start.wait()
        return shared.access_tokens().token(shop, access, store.shops)

    # Half of them in one process, half in another: each has its own connections.
    with closing(open_store(settings)) as one, closing(open_store(settings)) as other, ThreadPoolExecutor(THREADS) as pool:
        tokens = list(pool.map(ask, [one, other] * (THREADS // 2)))

    assert shared.pretend.tokens.requests == 2  # the exchange, and one refresh
    assert set(tokens) == {shared.access["access_token"]}
    assert lives(shared, tokens[0])


class _Killed(BaseException):
    """What the process had after Shopify's answer is gone."""


class _DiesBeforeStoring(FakeShops):
    def end_lease(self, lease: AccessLease, changed: object) -> bool:
        raise _Killed


def test_killed_between_the_answer_and_the_commit_the_old_refresh_token_goes_on(world: World) -> None:
    dying = _DiesBeforeStoring(found=world.shops.found)  # type: ignore[attr-defined]
    age(world)
    with pytest.raises(_Killed):
        world.access_tokens().token(the_shop(world), {}, dying)

    token = the_token(world)

    assert world.pretend.tokens.requests == 3
    assert lives(world, token)


def test_the_killed_one_s_lease_runs_out(shared: World) -> None:
    age(shared)
    shop = the_shop(shared)
    shared.shops.lease_access(shop.id, now=shared.clock(), lease=timedelta(seconds=30))
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        shared.clock.move(seconds=10)

    token = shared.access_tokens(pause=pause).token(shop, {}, shared.shops)

    assert len(pauses) == 3
    assert lives(shared, token)


def test_who_waits_too_long_comes_again_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.platforms.shopify.access_tokens.PATIENCE_SECONDS", 0.0)
    age(world)
    world.shops.lease_access(the_shop(world).id, now=world.clock(), lease=HOUR)

    with pytest.raises(TryAgain):
        the_token(world)


def test_a_refresh_that_fails_changes_nothing_and_holds_nobody_up() -> None:
    with a_world() as world:
        world.open()
        age(world)
        before, good = world.access, world.config
        world.config = replace(good, admin_url="http://127.0.0.1:9/{shop}")
        with pytest.raises(TryAgain):
            the_token(world)

        world.config = good

        assert world.access == before
        assert lives(world, the_token(world))


def test_when_shopify_ends_the_access_nobody_asks_again_until_the_app_is_opened(world: World) -> None:
    world.pretend.tokens.revoke(SHOP.address)
    age(world)

    assert [the_token(world) for _ in range(5)] == [""] * 5

    assert world.pretend.tokens.requests == 2
    assert not world.access["refresh_token"]
    assert world.access_tokens().way(the_place(world)) is None
    assert "Open the app once in the Shopify admin" in NO_ACCESS


def test_an_access_that_ended_is_kept_as_a_refusal_until_the_app_is_opened(shared: World) -> None:
    shared.pretend.tokens.revoke(SHOP.address)
    age(shared)

    assert [the_token(shared) for _ in range(2)] == ["", ""]
    [refusal] = shared.shops.refusals(the_shop(shared).id)
    shared.pretend.tokens.admit(SHOP.address)
    shared.open()

    assert (refusal.duty, refusal.is_final) == (Duty.ACCESS, True)
    assert "Open the app once" in refusal.fix
    assert "shp" not in f"{refusal.reason} {refusal.fix}"
    assert shared.shops.refusals(the_shop(shared).id) == []


def test_an_access_that_ended_before_anybody_kept_refusals_is_noticed_with_the_next_event(world: World) -> None:
    shop = the_shop(world)
    world.shops.renew(shop.id, OVER)

    the_token(world)

    [refusal] = world.shops.refusals(shop.id)
    assert refusal.is_final


def test_a_shop_that_never_had_an_access_is_refused_nothing(world: World) -> None:
    shop = world.shops.install(replace(SHOP, address="custom.myshopify.com"), {}, now=NOON)

    assert world.access_tokens().token(shop, {}, world.shops) == ""
    assert world.shops.refusals(shop.id) == []


def test_a_refresh_that_fails_may_pass_and_is_over_with_the_next_one(world: World) -> None:
    age(world)
    good, shop = world.config, the_shop(world)
    world.config = replace(good, admin_url="http://127.0.0.1:9/{shop}")
    with pytest.raises(TryAgain):
        the_token(world)
    [refusal] = world.shops.refusals(shop.id)

    world.config = good
    the_token(world)

    assert not refusal.is_final
    assert world.shops.refusals(shop.id) == []


def test_a_token_refused_early_is_renewed_and_the_question_asked_again(world: World) -> None:
    place = the_place(world)
    world.shops.renew(place.shop.id, {"access_token": "shpat_dead"})
    ask = world.access_tokens().way(the_place(world))
    assert ask

    answer = ask("ShopForSettings", {})

    assert answer.data.object("shop").text("name") == "Demo"
    assert world.pretend.tokens.requests == 2


def test_a_refresh_that_was_overtaken_by_an_uninstall_stores_nothing(shared: World) -> None:
    shop = the_shop(shared)
    lease = shared.shops.lease_access(shop.id, now=shared.clock(), lease=HOUR)
    assert lease
    uninstall(shared.shops, shop.id)

    assert not shared.shops.end_lease(lease, {"access_token": "shpat_late"})
    assert the_token(shared) == ""


def test_an_event_is_completed_with_a_renewed_token(world: World) -> None:
    age(world)
    place = the_place(world)
    event = the_event("orders/paid", "order_created")

    found = world.platform.complete(event, place)

    assert world.pretend.tokens.requests == 2
    assert "open the app" not in found.partial


def the_place(world: World) -> LookupContext:
    shop = the_shop(world)
    usual = a_place(access=world.shops.access(shop.id))
    return LookupContext(
        shop=shop, settings=usual.settings, access=usual.access, catalogue=usual.catalogue,
        consents=usual.consents, shops=world.shops, now=NOON,
    )  # fmt: skip
