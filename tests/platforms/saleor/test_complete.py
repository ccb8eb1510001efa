"""Product links from the merchant's template."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from plugin.config import Settings
from plugin.domain.event import BuyerLocale, StoreEvent
from plugin.domain.kinds import EventKind
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


def settings(template: str, default_locale: str = "", *, cart_link: str = "", order_link: str = "") -> ShopSettings:
    store = StoreFacts(product_link=template, default_locale=default_locale, cart_link=cart_link, order_link=order_link)
    return replace(NO_SETTINGS, store=store)


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
    assert "address of a product’s page" in event.partial


def test_an_event_without_products_is_complete() -> None:
    customer = replace(an_event(), basket=None, locale=BuyerLocale())

    assert complete(customer, settings("")) == customer


# ------------------------------------------------------------------ the way back

SHOP_LINK = "https://demo.example/{slug}"
CHECKOUT_ID = "Q2hlY2tvdXQ6NWMx"  # Checkout:5c1


def a_cart(email: str | None = "ola@example.com") -> StoreEvent:
    event = a_saleor_event(locale="PL")
    assert event.basket
    assert event.contact
    basket = replace(event.basket, keys=("checkout:5c1",), order_id="", order_number="")
    return replace(
        event, kind=EventKind.CART_UPDATED, basket=basket, contact=replace(event.contact, email=email, phone="+48600100200")
    )


@pytest.mark.parametrize(
    ("template", "link"),
    [
        (
            "https://demo.example/{locale}/checkout?checkout={checkout}",
            f"https://demo.example/pl/checkout?checkout={CHECKOUT_ID}",
        ),
        ("https://demo.example/{channel}/{token}", "https://demo.example/brasil/5c1"),
        ("https://demo.example/?e={email}", "https://demo.example/?e=ola%40example.com"),
    ],
)
def test_a_cart_can_be_opened_again(template: str, link: str) -> None:
    event = complete(a_cart(), settings(SHOP_LINK, cart_link=template))

    assert event.basket
    assert (event.basket.cart_link, event.basket.order_link, event.partial) == (link, "", "")


def test_an_order_has_a_page() -> None:
    event = a_saleor_event(locale="PL")
    assert event.basket
    event = replace(event, basket=replace(event.basket, order_id="77", order_number="1001"))

    template = "https://demo.example/{locale}/orders/{order_number}?id={order}"
    found = complete(event, settings(SHOP_LINK, order_link=template, cart_link="https://demo.example/{token}")).basket

    assert found
    assert (found.order_link, found.cart_link) == ("https://demo.example/pl/orders/1001?id=T3JkZXI6Nzc%3D", "")


def test_a_way_back_with_a_hole_is_none_and_the_log_says_so() -> None:
    event = complete(a_cart(email=None), settings(SHOP_LINK, cart_link="https://demo.example/{email}"))

    assert event.basket
    assert event.basket.cart_link == ""
    assert "No link back to the cart" in event.partial


def test_a_basket_without_products_has_a_way_back_too() -> None:
    event = complete(a_cart().with_products(()), settings("", cart_link="https://demo.example/{token}"))

    assert event.basket
    assert (event.basket.cart_link, event.partial) == ("https://demo.example/5c1", "")


def test_what_is_missing_is_said_once() -> None:
    once = complete(a_cart(), settings("", cart_link="https://demo.example/{order}"))

    assert complete(once, settings("", cart_link="https://demo.example/{order}")) == once
