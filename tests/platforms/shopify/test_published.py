"""The languages a shop is published in, as a page asks for them: quickly, seldom, and never more than the store says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.shop import Shop
from plugin.platforms.shopify.published import GOOD_FOR, SILENT_SECONDS
from plugin.ports import LookupContext, Platform
from plugin.ports.platforms import PAGE_QUESTION_SECONDS
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.pretend import SCOPES, PretendShopify
from tests.support.builders import NOON
from tests.support.platforms.shopify.admin import (
    FakeAdmin,
    FakeCatalogue,
    Reply,
    a_place,
    a_storefront,
    data,
    running,
    says,
)
from tests.support.platforms.shopify.given import SHOP, opened

READ_LOCALES = "read_locales"


@dataclass
class World:
    """A shop, and who asks it."""

    platform: Platform
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    access: dict[str, Any] = field(default_factory=lambda: {"access_token": "t", "token_scopes": list(SCOPES)})

    def told(self, shop: Shop = SHOP, **later: float) -> list[str]:
        return list(self.platform.published_locales(self.place(shop, **later)))

    def place(self, shop: Shop, **later: float) -> LookupContext:
        return replace(a_place(self.catalogue, access=self.access), shop=shop, now=NOON + timedelta(**later))


@pytest.fixture
def pretend() -> Iterator[PretendShopify]:
    found = PretendShopify(client_id="id", client_secret="s" * 32)
    found.tokens.accept(SHOP.address, "t")
    with serve_in_thread(admin_app(found)) as serving:
        found.url = serving.url
        yield found


@pytest.fixture
def world(pretend: PretendShopify) -> World:
    return World(opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=f"{pretend.url}/{{shop}}"))


@contextmanager
def told_by(reply: Reply) -> Iterator[tuple[World, FakeAdmin]]:
    with running(says(500, b""), storefront=reply) as admin:
        yield World(opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=admin.url)), admin


# ------------------------------------------------------------------ what it says


@pytest.mark.parametrize("is_known", [True, False], ids=["known scopes", "a pasted token"])
def test_a_shop_is_in_what_it_has_published(world: World, pretend: PretendShopify, is_known: bool) -> None:
    pretend.unpublished = ("it", "uk")
    world.access |= {} if is_known else {"token_scopes": []}

    assert world.told() == ["en", "pl", "de", "pt-BR", "fr"]


def test_its_own_language_comes_first(world: World, pretend: PretendShopify) -> None:
    pretend.locales = ("de", "pl", "en")

    assert world.told() == ["en", "de", "pl"]


def test_without_the_scope_the_languages_of_its_domain_are_told(world: World, pretend: PretendShopify) -> None:
    pretend.withhold(SHOP.address, READ_LOCALES)
    world.access["token_scopes"] = [scope for scope in SCOPES if scope != READ_LOCALES]
    pretend.unpublished = ("it",)

    assert world.told() == ["en", "pl", "de", "pt-BR", "fr"]
    [(_, query)] = pretend.queries
    assert "shopLocales(published: true) @include(if: $locales)" in query


def test_a_scope_that_was_taken_away_is_a_refusal(world: World, pretend: PretendShopify) -> None:
    pretend.withhold(SHOP.address, READ_LOCALES)

    with pytest.raises(GiveUp, match="scopes"):
        world.told()


# ------------------------------------------------------------------ how often it is asked


def test_it_is_asked_anew_after_an_hour(world: World, pretend: PretendShopify) -> None:
    assert timedelta(hours=1) == GOOD_FOR
    world.told()
    pretend.locales += ("uk",)

    assert "uk" not in world.told(minutes=59)
    assert "uk" in world.told(minutes=61)
    assert len(pretend.queries) == 2


def test_what_is_older_serves_while_it_does_not_answer() -> None:
    answers = [data(a_storefront("pl", scopes=SCOPES)), says(503, b"")]
    with told_by(lambda handler: answers[min(len(admin.storefront_questions), 2) - 1](handler)) as (world, admin):
        assert world.told() == ["en", "pl"]

        assert world.told(hours=2) == world.told(hours=2) == ["en", "pl"]

    assert len(admin.storefront_questions) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_shop_that_did_not_answer_is_left_alone_for_a_minute(status: int) -> None:
    assert SILENT_SECONDS == 60
    with told_by(says(status, b"")) as (world, admin):
        for _ in range(3):
            with pytest.raises(TryAgain):
                world.told()

    assert len(admin.storefront_questions) == 1


def test_another_shop_is_asked_all_the_same() -> None:
    other = replace(SHOP, id=SHOP.id + 1, address="other.myshopify.com")
    silent, english = says(503, b""), data(a_storefront(scopes=SCOPES))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (english if handler.path.startswith(f"/{other.address}/") else silent)(handler)

    with told_by(answer) as (world, _):
        with pytest.raises(TryAgain):
            world.told()

        assert world.told(other) == ["en"]


# ------------------------------------------------------------------ how long it may take


def test_a_store_that_hangs_is_not_waited_for() -> None:
    assert PAGE_QUESTION_SECONDS <= 2
    let_go = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        let_go.wait()
        handler.close_connection = True

    with told_by(hang) as (world, admin):
        for _ in range(2):
            with pytest.raises(TryAgain):
                world.told()
        assert not let_go.is_set()
        let_go.set()

    assert len(admin.storefront_questions) == 1


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_refusal_is_told_in_words(status: int) -> None:
    with told_by(says(status, b"")) as (world, _), pytest.raises(GiveUp, match=r"Shopify|shop"):
        world.told()


def test_a_shop_without_a_token_is_not_asked(world: World, pretend: PretendShopify) -> None:
    world.access = {"access_token": "", "refresh_token": ""}

    with pytest.raises(TryAgain):
        world.told()

    assert pretend.queries == []
