"""Names of a cart's products in its buyer's language: whom the API is asked for them, and what it says."""

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from plugin.config import Settings
from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.payload import read_json
from plugin.domain.routing import Flow
from plugin.domain.secret import AutomationId
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.platforms import discover
from plugin.platforms.saleor import manifest
from plugin.platforms.saleor.ids import global_id
from plugin.platforms.saleor.testing import TESTKIT
from plugin.platforms.saleor.translate import translate
from plugin.ports import LookupContext, Platform
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.pretend import PretendSaleor
from tests.support.builders import NOON
from tests.support.fakes import FakeConsents, FakeShops
from tests.support.platforms.saleor import fakes
from tests.support.platforms.saleor.bodies import a_checkout, a_sample
from tests.support.platforms.saleor.catalogue import RememberingCatalogue
from tests.support.shared_folder import SHARED, needs_shared

TEAPOT, CLOCK = (9101001, 48101001), (9101003, 48101005)
NOBODY: dict[str, Any] = {"email": None, "user": None, "billingAddress": None, "shippingAddress": None}


def flows(*locales: str) -> ShopSettings:
    made = tuple(Flow(locale=locale, automation_id=AutomationId(101)) for locale in locales)
    return replace(NO_SETTINGS, table=replace(NO_SETTINGS.table, flows=made))


@dataclass
class Shop:
    """A shop that may be asked, and what is remembered of it."""

    access: Mapping[str, Any]
    settings: ShopSettings = NO_SETTINGS
    catalogue: RememberingCatalogue = field(default_factory=RememberingCatalogue)

    platform: Platform = field(
        default_factory=lambda: discover()["saleor"].open(Settings.from_environ({}), TESTKIT.environ)
    )  #: one a process

    def complete(self, event: StoreEvent) -> StoreEvent:
        shop, _ = TESTKIT.installation()
        place = LookupContext(
            shop=shop, settings=self.settings, access=self.access, catalogue=self.catalogue, consents=FakeConsents(),
            shops=FakeShops(), now=NOON,
        )  # fmt: skip
        return self.platform.complete(event, place)


def a_body_line(product: int, variant: int, **asked: Any) -> dict[str, Any]:
    line = a_sample("cart_updated")["checkout"]["lines"][0]
    node = {"id": global_id("Product", str(product)), "name": "Moss teapot", "slug": "moss-teapot", **asked}
    own = {"id": global_id("ProductVariant", str(variant)), "name": "0.6 l", "sku": "TEA-06", "product": node}
    return {**line, "variant": own}


def a_left_cart(language: str = "PL", *lines: dict[str, Any], **changed: Any) -> StoreEvent:
    """Its body was asked for no translations, unless its lines say so."""
    *_, cart = a_checkout(languageCode=language, lines=list(lines or (a_body_line(*TEAPOT),)), **changed)
    return cart


@pytest.fixture
def shop() -> Iterator[Shop]:
    saleor = PretendSaleor()
    with serve_in_thread(saleor_app(saleor)) as serving:
        saleor.url = serving.url
        yield Shop({"token": saleor.add_app(manifest.written()).token, "api_url": saleor.api_url})


@pytest.fixture
def saleor() -> Iterator[fakes.PretendSaleor]:
    with fakes.PretendSaleor() as running:
        yield running


def of(saleor: fakes.PretendSaleor, settings: ShopSettings = NO_SETTINGS) -> Shop:
    saleor.answers["/graphql/"] = fakes.Answer(json.dumps({"data": {"productVariants": {"edges": []}}}).encode())
    return Shop({"token": "t", "api_url": saleor.address}, settings)


def names(event: StoreEvent) -> list[str]:
    return [product.name for product in event.products]


# ------------------------------------------------------------------ what the API says


@pytest.mark.parametrize(
    ("language", "found"),
    [
        ("PL", "Czajniczek Mech"),
        ("PL_PL", "Czajniczek Mech"),
        ("PT_BR", "Bule Musgo"),
        ("UK", "Чайник Мох"),
        ("SV", "Moss teapot"),
    ],
)
def test_products_are_named_in_the_buyers_language(shop: Shop, language: str, found: str) -> None:
    event = shop.complete(a_left_cart(language))

    assert names(event) == [found]
    assert (event.products[0].variant_name, event.wants) == ("0.6 l", "")
    assert "names are in your store" not in event.partial


def test_each_line_gets_its_own_name(shop: Shop) -> None:
    event = shop.complete(a_left_cart("DE", a_body_line(*CLOCK), a_body_line(*TEAPOT), a_body_line(1, 2)))

    assert names(event) == ["Uhr Nussbaum", "Teekanne Moos", "Moss teapot"]


@needs_shared
def test_a_cart_of_a_running_saleor_is_named_so_too(saleor: fakes.PretendSaleor) -> None:
    body = read_json((SHARED / "corpus" / "saleor" / "checkout-updated.body").read_bytes(), "$")
    *_, cart = translate("checkout_updated", body, TESTKIT.installation()[0]).events
    scarf = {"id": "UHJvZHVjdFZhcmlhbnQ6Mzcw", "sku": None, "exact": {"name": "370"}, "wide": None}
    node = {**scarf, "product": {"exact": {"name": "Komin"}, "wide": {"name": "Komin?"}}}
    shop = of(saleor)
    saleor.answers["/graphql/"].body = json.dumps({"data": {"productVariants": {"edges": [{"node": node}]}}}).encode()

    event = shop.complete(cart)

    assert names(event)[0] == "Komin"
    assert event.products[0].variant_name == ""
    assert json.loads(saleor.asked[0].body)["variables"]["language"] == "PL"


# ------------------------------------------------------------------ when it is asked


def test_what_was_asked_once_is_remembered_by_language(saleor: fakes.PretendSaleor) -> None:
    shop = of(saleor)

    for language in ("PL", "PL", "DE", "PL"):
        shop.complete(a_left_cart(language))

    assert len(saleor.asked) == 2


def test_many_carts_at_once_ask_for_a_new_product_once(saleor: fakes.PretendSaleor) -> None:
    shop, carts = of(saleor), [a_left_cart() for _ in range(16)]
    everybody = threading.Barrier(len(carts))

    def complete(cart: StoreEvent) -> StoreEvent:
        everybody.wait(20)
        return shop.complete(cart)

    with ThreadPoolExecutor(len(carts)) as pool:
        told = list(pool.map(complete, carts))

    assert [event.wants for event in told] == [""] * 16
    assert len(saleor.asked) == 1


def test_only_what_is_new_is_asked_for(saleor: fakes.PretendSaleor) -> None:
    shop = of(saleor)
    shop.complete(a_left_cart())

    shop.complete(a_left_cart("PL", a_body_line(*TEAPOT), a_body_line(*CLOCK)))

    assert json.loads(saleor.asked[-1].body)["variables"]["variants"] == [global_id("ProductVariant", str(CLOCK[1]))]


def test_a_very_long_cart_is_one_bounded_question(saleor: fakes.PretendSaleor) -> None:
    of(saleor).complete(a_left_cart("PL", *(a_body_line(number, number) for number in range(1, 200))))

    assert len(json.loads(saleor.asked[-1].body)["variables"]["variants"]) == 50


@pytest.mark.parametrize(
    ("cart", "settings"),
    [
        (a_left_cart("PL", a_body_line(*TEAPOT, translation_PL={"name": "Czajnik"})), NO_SETTINGS),
        (a_left_cart("PL", a_body_line(*TEAPOT, translation_PL=None)), NO_SETTINGS),
        (a_left_cart("PT_BR", a_body_line(*TEAPOT, translation_PT=None)), NO_SETTINGS),
        (a_left_cart("PL", a_body_line(*TEAPOT, translation=None)), NO_SETTINGS),
        (a_left_cart("XX", user=None), NO_SETTINGS),
        (a_left_cart("", user=None), NO_SETTINGS),
        (a_left_cart("PL", **NOBODY), NO_SETTINGS),
        (a_left_cart("PL"), flows("en", "de")),
        (a_left_cart("ZH_HANT"), flows("zh-CN")),
    ],
    ids=["told", "told that there is none", "told of its language", "told by an older query", "no language", "none said",
         "of nobody", "no flow", "no flow in its script"],
)  # fmt: skip
def test_where_it_would_tell_nothing_new_nobody_is_asked(
    saleor: fakes.PretendSaleor, cart: StoreEvent, settings: ShopSettings
) -> None:
    of(saleor, settings).complete(cart)

    assert saleor.asked == []


@pytest.mark.parametrize("locale", ["pl", "pl-PL", "Polish_Poland"])
def test_a_language_the_shop_writes_in_is_asked_for(saleor: fakes.PretendSaleor, locale: str) -> None:
    of(saleor, flows("en", "pl")).complete(a_left_cart("PL_PL"))

    assert len(saleor.asked) == 1


# ------------------------------------------------------------------ without an answer


def test_a_saleor_that_is_away_is_asked_again_later(saleor: fakes.PretendSaleor) -> None:
    shop = of(saleor)
    saleor.answers["/graphql/"] = fakes.Answer(b"", status=503)

    with pytest.raises(TryAgain):
        shop.complete(a_left_cart())
    assert shop.catalogue.known == {}


def test_without_a_token_the_log_says_so_once(saleor: fakes.PretendSaleor) -> None:
    shop = Shop({"api_url": saleor.address})

    event = shop.complete(shop.complete(a_left_cart()))

    assert names(event) == ["Moss teapot"]
    assert event.partial.count("names are in your store") == 1
    assert saleor.asked == []


@pytest.mark.parametrize("answer", [fakes.Answer(b"", status=401), fakes.Answer(b'{"errors": [{}]}', status=400)], ids=str)
def test_a_refusal_leaves_the_stores_own_names(saleor: fakes.PretendSaleor, answer: fakes.Answer) -> None:
    shop = of(saleor)
    saleor.answers["/graphql/"] = answer

    event = shop.complete(a_left_cart())

    assert names(event) == ["Moss teapot"]
    assert "names are in your store" in event.partial
    assert shop.catalogue.known == {}
