"""Which hosts a Shopify shop has shown to be its own: by what Shopify signed or answered, never by its settings."""

from dataclasses import replace

import pytest

from plugin.domain.settings import NO_SETTINGS
from plugin.platforms.shopify.own_hosts import HOSTS, MOST, learn_from_event, learn_from_products, own_hosts
from plugin.ports import Installation, LookupContext
from tests.support.builders import a_basket, an_event
from tests.support.fakes import FakeShops
from tests.support.platforms.shopify.admin import a_place
from tests.support.platforms.shopify.given import SHOP, installed, opened


@pytest.fixture
def shops() -> FakeShops:
    return installed(replace(SHOP, link="https://demo.example"))[0]


def found(shops: FakeShops) -> Installation:
    [installation] = shops.list()
    return installation


def place(shops: FakeShops) -> LookupContext:
    here = found(shops)
    return replace(a_place(), shop=here.shop, access=here.access, shops=shops)


def test_its_address_and_its_domain_are_its_own_from_the_start(shops: FakeShops) -> None:
    assert own_hosts(found(shops)) == {"demo.myshopify.com", "demo.example"}


def test_pages_of_orders_and_checkouts_show_hosts(shops: FakeShops) -> None:
    event = an_event(
        basket=a_basket(
            order_link="https://shopify.com/1/account/orders/2", cart_link="https://demo.de/checkouts/ac/1/recover?key=2"
        )
    )

    opened().complete(event, place(shops))

    assert own_hosts(found(shops)) >= {"shopify.com", "demo.de"}
    assert opened().own_hosts(found(shops)) == own_hosts(found(shops))


def test_pages_and_pictures_of_products_show_hosts(shops: FakeShops) -> None:
    learn_from_products(
        [{"link": "https://demo.fr/products/mug", "image": "https://cdn.shopify.com/s/mug.png"}, {"link": ""}, {}], place(shops)
    )

    assert own_hosts(found(shops)) >= {"demo.fr", "cdn.shopify.com"}


def test_the_settings_show_none(shops: FakeShops) -> None:
    store = replace(NO_SETTINGS.store, link="https://evil.example", product_link="https://evil.example/{slug}")
    here = replace(place(shops), settings=replace(NO_SETTINGS, store=store), is_last_try=True)

    opened().complete(an_event(wants="products:"), here)

    assert own_hosts(found(shops)) == {"demo.myshopify.com", "demo.example"}


def test_what_is_known_is_not_written_again(shops: FakeShops) -> None:
    event = an_event(basket=a_basket(order_link="https://demo.example/orders/1", cart_link=""))

    learn_from_event(event, place(shops))

    assert HOSTS not in found(shops).access


def test_the_newest_are_kept(shops: FakeShops) -> None:
    for number in range(MOST + 5):
        learn_from_products([{"link": f"https://{number}.example/x"}], place(shops))

    hosts = found(shops).access[HOSTS]
    assert (len(hosts), hosts[0]) == (MOST, f"{MOST + 4}.example")
