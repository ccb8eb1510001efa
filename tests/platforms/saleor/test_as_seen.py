"""Products as the buyer saw them: French orders of a shop whose own language is English, beside the pretend Saleor."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from plugin.config import Settings
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Route
from plugin.domain.secret import EventUrl
from plugin.domain.settings import NO_SETTINGS, ShopSettings, StoreFacts
from plugin.pipeline.enrich import LONGEST_DELAY, Enricher
from plugin.platforms import discover
from plugin.platforms.saleor import manifest
from plugin.platforms.saleor.ids import global_id
from plugin.platforms.saleor.testing import TESTKIT
from plugin.ports import LookupContext, Platform, Store, StoredEvent
from plugin.sandbox.catalogue import PRODUCTS, SampleProduct
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.pretend import PretendSaleor
from plugin.sendpulse.body import bodies
from tests.support.builders import NOON
from tests.support.fakes import FakeConsents, FakeShops
from tests.support.platforms.saleor.bodies import a_checkout, a_sample, an_order
from tests.support.platforms.saleor.catalogue import RememberingCatalogue

TEAPOT = PRODUCTS[0]
STORE = StoreFacts(default_locale="en", product_link="https://demo.example/{locale}/products/{slug}")
SETTINGS = replace(NO_SETTINGS, store=STORE)
UNTRANSLATED = "Names of 1 of 1 products are in your store’s language: they are not translated into {}."


@dataclass
class Seen:
    """A shop whose API is the pretend one, with a copy of the catalogue."""

    saleor: PretendSaleor
    access: Mapping[str, Any]
    settings: ShopSettings = SETTINGS
    catalogue: RememberingCatalogue = field(default_factory=RememberingCatalogue)
    platform: Platform = field(default_factory=lambda: discover()["saleor"].open(Settings.from_environ({}), TESTKIT.environ))

    def place(self, *, after: timedelta = timedelta(0)) -> LookupContext:
        shop, _ = TESTKIT.installation()
        return LookupContext(
            shop=replace(shop, locale=""), settings=self.settings, access=self.access, catalogue=self.catalogue,
            consents=FakeConsents(), shops=FakeShops(), now=NOON + after,
        )  # fmt: skip

    def completed(self, event: StoreEvent, **later: timedelta) -> StoreEvent:
        return self.platform.complete(event, self.place(**later))

    @property
    def asked(self) -> int:
        return sum("ProductNames" in query for query in self.saleor.queries)


@pytest.fixture
def seen() -> Iterator[Seen]:
    saleor = PretendSaleor()
    with serve_in_thread(saleor_app(saleor)) as serving:
        saleor.url = serving.url
        yield Seen(saleor, {"token": saleor.add_app(manifest.written()).token, "api_url": saleor.api_url})


def a_line(product: SampleProduct, **told: str) -> dict[str, Any]:
    line = a_sample("order_created")["order"]["lines"][0]
    node = {"id": global_id("Product", str(product.number)), "name": product.title, "slug": product.handle}
    variant = {"id": global_id("ProductVariant", str(product.variants[0].number)), "name": "0.6 l", "sku": "X"}
    names = {"productName": product.title, "translatedProductName": "", "variantName": "0.6 l", "translatedVariantName": ""}
    return {**line, **names, **told, "variant": variant | {"product": node}}


def tells(language: str, *lines: dict[str, Any], **more: Any) -> StoreEvent:
    return an_order(languageCodeEnum=language, lines=list(lines or (a_line(TEAPOT),)), **more)


def names(event: StoreEvent) -> list[str]:
    return [product.name for product in event.products]


def test_a_french_order_of_an_english_shop_leaves_in_french(seen: Seen) -> None:
    event = seen.completed(tells("FR", a_line(TEAPOT, translatedProductName="Théière Mousse")))
    url = EventUrl("https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef/1234567")
    route = Route(kind=EventKind.ORDER_CREATED, event_url=url)
    [made] = bodies(event, route, None, seen.place().shop, SETTINGS, lambda address, _: address)
    body = json.loads(made.text)

    assert body["product_name"] == "Théière Mousse"
    assert body["product_link"] == "https://demo.example/fr/products/moss-teapot"
    assert (
        body["total_text"].replace("\N{NARROW NO-BREAK SPACE}", " ").endswith(("\N{NO-BREAK SPACE}€", "\N{NO-BREAK SPACE}$US"))
    )
    assert "," in body["total_text"]
    assert seen.asked == 0
    assert "own names" not in event.partial


@pytest.mark.parametrize("language", ["FR", "FR_CA"])
def test_a_name_the_order_does_not_tell_is_asked_for(seen: Seen, language: str) -> None:
    event = seen.completed(tells(language))

    assert (names(event), seen.asked, event.wants) == (["Théière Mousse"], 1, "")
    assert "own names" not in event.partial


def test_what_the_order_tells_stays(seen: Seen) -> None:
    event = seen.completed(tells("FR", a_line(TEAPOT, translatedProductName="Ma théière"), a_line(PRODUCTS[2])))

    assert sorted(names(event)) == ["Horloge en noyer", "Ma théière"]


@pytest.mark.parametrize("language", ["EN", "EN_GB"])
def test_in_the_shops_own_language_nothing_is_asked_or_said(seen: Seen, language: str) -> None:
    event = seen.completed(tells(language))

    assert (names(event), seen.asked) == (["Moss teapot"], 0)
    assert "own names" not in event.partial


def test_a_shop_that_never_said_its_language_is_not_asked(seen: Seen) -> None:
    seen.settings = NO_SETTINGS

    event = seen.completed(tells("FR"))

    assert (names(event), seen.asked) == (["Moss teapot"], 0)
    assert "own names" not in event.partial


def test_a_product_without_a_translation_keeps_its_name_and_the_log_says_so(seen: Seen) -> None:
    event = seen.completed(tells("SV"))

    assert names(event) == ["Moss teapot"]
    assert UNTRANSLATED.format("SV") in event.partial
    assert seen.completed(event) == event


def test_a_cart_that_was_told_of_no_translation_says_so_without_a_question(seen: Seen) -> None:
    line = a_sample("cart_updated")["checkout"]["lines"][0]
    line["variant"]["product"] |= {"translation_SV": None}
    *_, cart = a_checkout(languageCode="SV", lines=[line])

    event = seen.completed(cart)

    assert seen.asked == 0
    assert UNTRANSLATED.format("SV") in event.partial


def test_the_language_a_rule_gives_is_asked_for(seen: Seen) -> None:
    order = tells("", user=None, languageCode="")

    event = seen.completed(replace(order, locale=BuyerLocale(raw="fr", origin=LocaleOrigin.COUNTRY)))

    assert (names(event), seen.asked) == (["Théière Mousse"], 1)


def test_a_thousand_french_orders_ask_once_for_fifty_products_and_locale(seen: Seen) -> None:
    lines = [a_line(product) for product in PRODUCTS]
    french, german = tells("FR", *lines), tells("DE", *lines)
    orders = [replace(event, object_id=str(number)) for number in range(500) for event in (french, german)]

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(seen.completed, orders))

    assert {name for event in told for name in names(event)} == {p.titles[code] for p in PRODUCTS for code in ("fr", "de")}
    assert seen.asked == 2


def test_names_are_asked_anew_after_a_day(seen: Seen) -> None:
    for hours in (0, 23, 25, 26):
        seen.completed(tells("FR"), after=timedelta(hours=hours))

    assert seen.asked == 2


def test_what_is_known_serves_while_the_api_is_down(seen: Seen) -> None:
    first = seen.completed(tells("FR"))
    seen.saleor.outage.begin()

    assert seen.completed(tells("FR"), after=timedelta(days=3)) == first


def test_with_the_api_down_the_order_leaves_within_a_minute_marked_partial(seen: Seen) -> None:
    order, enricher = tells("FR"), Enricher()
    seen.saleor.outage.begin()

    after = timedelta(0)
    while not isinstance(left := enriched(seen, order, enricher, after=after), StoreEvent):
        assert left > NOON + after
        after = left - NOON

    assert after <= LONGEST_DELAY
    assert names(left) == ["Moss teapot"]
    assert left.partial


def enriched(seen: Seen, event: StoreEvent, enricher: Enricher, *, after: timedelta) -> StoreEvent | datetime:
    place = seen.place(after=after)
    stored = StoredEvent(
        id=1, shop=place.shop, settings=place.settings, access=seen.access, event=event, created_at=NOON, tries=1
    )
    return enricher.enrich(stored, seen.platform, cast(Store, place), now=place.now)  # has the parts that are looked at
