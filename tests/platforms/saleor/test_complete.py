"""Product links from the merchant's template."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from plugin.config import Settings
from plugin.domain.event import BuyerLocale, StoreEvent
from plugin.domain.settings import NO_SETTINGS, ShopSettings, StoreFacts
from plugin.platforms import discover
from plugin.platforms.saleor.testing import TESTKIT
from plugin.ports import LookupContext
from tests.support.builders import NOON, a_basket, a_product, an_event
from tests.support.fakes import FakeConsents, FakeShops


class NoCatalogue:
    """Links need nothing looked up."""

    def read(self, shop_id: int, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        raise AssertionError

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None:
        raise AssertionError


def settings(template: str, default_locale: str = "") -> ShopSettings:
    return replace(NO_SETTINGS, store=StoreFacts(product_link=template, default_locale=default_locale))


def complete(event: StoreEvent, written: ShopSettings) -> StoreEvent:
    shop, access = TESTKIT.installation()
    place = LookupContext(
        shop=replace(shop, locale=""), settings=written, access=access, catalogue=NoCatalogue(),
        consents=FakeConsents(), shops=FakeShops(), now=NOON,
    )  # fmt: skip
    return discover()["saleor"].open(Settings.from_environ({}), TESTKIT.environ).complete(event, place)


def a_saleor_event(
    *, locale: str = "PT_BR", slug: str = "fog-mug", channel: str = "brasil", variant: str = "502"
) -> StoreEvent:
    product = a_product(slug=slug, variant_id=variant, link="")
    return an_event(locale=locale, basket=a_basket(products=(product,), channel=channel))


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("https://demo.example/{locale}/products/{slug}", "https://demo.example/pt-BR/products/fog-mug"),
        ("https://demo.example/{channel}/{slug}?v={variant}", "https://demo.example/brasil/fog-mug?v=502"),
        ("https://demo.example/{slug}/{slug}", "https://demo.example/fog-mug/fog-mug"),
        ("https://demo.example/{other}/{slug}", "https://demo.example/{other}/fog-mug"),
    ],
)
def test_a_template_is_filled_in(template: str, link: str) -> None:
    event = complete(a_saleor_event(), settings(template))

    assert event.products[0].link == link
    assert event.partial == ""


def test_what_is_filled_in_cannot_leave_its_place() -> None:
    event = complete(a_saleor_event(slug="a/../b?c=d&e#{channel} ż"), settings("https://demo.example/p/{slug}"))

    assert event.products[0].link == "https://demo.example/p/a%2F..%2Fb%3Fc%3Dd%26e%23%7Bchannel%7D%20%C5%BC"


@pytest.mark.parametrize("hole", [{"slug": ""}, {"channel": ""}, {"variant": ""}, {"locale": ""}, {"locale": "???"}], ids=str)
def test_a_link_with_a_hole_is_none(hole: dict[str, str]) -> None:
    event = complete(a_saleor_event(**hole), settings("https://demo.example/{locale}/{channel}/{slug}/{variant}"))

    assert event.products[0].link == ""
    assert "1 of 1" in event.partial


def test_the_merchants_default_language_stands_in() -> None:
    event = complete(a_saleor_event(locale=""), settings("https://demo.example/{locale}/{slug}", "de"))

    assert event.products[0].link == "https://demo.example/de/fog-mug"


def test_without_a_template_the_log_says_what_to_write() -> None:
    event = complete(replace(a_saleor_event(), partial="something before"), settings(""))

    assert event.products[0].link == ""
    assert event.partial.startswith("something before; ")
    assert "store.product_link" in event.partial


def test_an_event_without_products_is_complete() -> None:
    customer = replace(an_event(), basket=None, locale=BuyerLocale())

    assert complete(customer, settings("")) == customer
