"""Products as the buyer saw them: what the pretend Admin API, which executes our questions, makes of a French order."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from plugin.domain.event import StoreEvent
from plugin.domain.hosts import host_of
from plugin.domain.kinds import EventKind
from plugin.domain.payload import read_json
from plugin.domain.routing import Route
from plugin.domain.secret import EventUrl
from plugin.pipeline.enrich import LONGEST_DELAY, Enricher
from plugin.platforms.shopify.lookups import EDITIONS
from plugin.platforms.shopify.own_hosts import own_hosts
from plugin.platforms.shopify.products import UNTOLD
from plugin.ports import LookupContext, Store, StoredEvent
from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sale import Sale, SaleLine
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.bodies import SaleState
from plugin.sandbox.stores.shopify.pretend import OPTIONAL, SCOPES, PretendShopify
from plugin.sandbox.stores.shopify.topics import TOPICS
from plugin.sendpulse.body import bodies
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.shopify.admin import FakeCatalogue, a_place
from tests.support.platforms.shopify.given import SHOP, opened

TEAPOT, APRON = PRODUCTS[0], PRODUCTS[3]
ALL = (*SCOPES, *OPTIONAL)


@dataclass
class Seen:
    """A shop whose Admin API is the pretend one."""

    pretend: PretendShopify
    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    shops: FakeShops = field(default_factory=FakeShops)
    access: dict[str, Any] = field(default_factory=lambda: {"access_token": "t"})

    def __post_init__(self) -> None:
        self.platform = opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=f"{self.pretend.url}/{{shop}}")
        self.shop = self.shops.install(replace(SHOP, link=self.home), self.access, now=NOON)

    @property
    def home(self) -> str:
        return self.pretend.storefront(SHOP.address)

    def place(self, *, after: timedelta = timedelta(0)) -> LookupContext:
        place = replace(a_place(self.catalogue, access=self.access), shop=self.shop, shops=self.shops)
        return replace(place, now=NOON + after)

    def completed(self, event: StoreEvent, **later: timedelta) -> StoreEvent:
        return self.platform.complete(event, self.place(**later))

    def tells(self, kind: str, locale: str, *products: int, country: str = "FR", number: int = 1) -> StoreEvent:
        """What the webhook of a sale of these products says."""
        buyer = replace(BUYERS[0], locale=locale, country=country, currency="EUR")
        lines = [SaleLine(number=i, product=PRODUCTS[i], variant=PRODUCTS[i].variants[0]) for i in products or (0, 3)]
        sale = Sale(number=number, buyer=buyer, locale=locale, lines=tuple(lines), began_at=NOON)
        topic, make = TOPICS[kind]
        self.pretend.remember(SHOP.address, sale)
        body = make(SaleState(sale=sale, storefront=self.home, now=NOON, turn=1))
        *_, event = self.platform.translate(topic, read_json(json.dumps(body).encode(), topic), SHOP).events
        return event

    def asked(self, name: str) -> int:
        return sum(f"query {name}" in query for _, query in self.pretend.queries)


@pytest.fixture
def seen() -> Iterator[Seen]:
    found = PretendShopify(client_id="id", client_secret="s" * 32)
    found.tokens.accept(SHOP.address, "t")
    found.grant(SHOP.address, *OPTIONAL)
    with serve_in_thread(admin_app(found)) as serving:
        found.url = serving.url
        yield Seen(found)


def names(event: StoreEvent) -> list[str]:
    return [product.name for product in event.products]


def paths(event: StoreEvent) -> list[str]:
    return [product.link.partition(SHOP.address)[2].partition("?")[0] for product in event.products]


def body_of(event: StoreEvent, seen: Seen) -> Mapping[str, Any]:
    url = EventUrl("https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef/1234567")
    route = Route(kind=EventKind.ORDER_PAID, event_url=url)
    [made] = bodies(event, route, None, seen.shop, seen.place().settings, lambda address, _: address)
    document: dict[str, Any] = json.loads(made.text)
    return document


def test_a_french_order_of_an_english_shop_leaves_in_french(seen: Seen) -> None:
    body = body_of(seen.completed(seen.tells("order_paid", "fr")), seen)

    assert body["product_name"] == "Théière Mousse"
    assert body["product_link"] == f"{seen.home}/fr/products/moss-teapot?variant={TEAPOT.variants[0].number}"
    assert body["total_text"] == "66,80\N{NO-BREAK SPACE}€"
    assert [line["product_name"] for line in body["products"]] == ["Théière Mousse", "Tablier en lin"]
    assert body["products"][1]["variant_name"] == "Prune"


@pytest.mark.parametrize(
    ("locale", "country", "folder"),
    [("fr", "FR", "/fr"), ("fr-FR", "BE", "/fr"), ("fr", "CA", "/fr-ca"), ("en", "CA", "/en-ca"), ("en", "GB", "")],
)
def test_links_lead_into_the_buyers_market(seen: Seen, locale: str, country: str, folder: str) -> None:
    seen.access["token_scopes"] = list(ALL)

    event = seen.completed(seen.tells("order_paid", locale, 0, country=country))

    assert paths(event) == [f"{folder}/products/moss-teapot"]


def test_what_the_store_says_in_the_buyers_words_stays(seen: Seen) -> None:
    checkout = seen.tells("checkout_started", "fr", 0)
    lines = tuple(replace(product, name="Ma théière") for product in checkout.products)

    event = seen.completed(checkout.with_products(lines))

    assert (names(event), paths(event), event.partial) == (["Ma théière"], ["/fr/products/moss-teapot"], "")


def test_a_refund_is_told_in_the_language_of_its_order(seen: Seen) -> None:
    event = seen.completed(seen.tells("order_refunded", "fr", 0))

    assert (names(event), paths(event)) == (["Théière Mousse"], ["/fr/products/moss-teapot"])


@pytest.mark.parametrize("locale", ["en", "en-US", "", "xx", "sv"])
def test_the_shops_own_text_serves_its_own_and_unpublished_languages(seen: Seen, locale: str) -> None:
    event = seen.completed(seen.tells("order_paid", locale, 0))

    assert (names(event), paths(event), event.partial) == (["Moss teapot"], ["/products/moss-teapot"], "")
    assert (seen.asked("ProductsForEvent"), seen.asked("StorefrontForEvent") > 0) == (1, locale == "sv")


def test_a_product_without_a_translation_keeps_its_name_and_the_log_says_so(seen: Seen) -> None:
    event = seen.completed(seen.tells("order_paid", "uk"))
    assert (names(event), event.partial) == (["Moss teapot", "Linen apron"], "")  # Ukrainian is not published

    seen.pretend.locales += ("uk",)
    seen.catalogue.records.clear()
    event = seen.completed(seen.tells("order_paid", "uk"))

    assert names(event) == ["Чайник Мох", "Linen apron"]
    assert event.partial == "Names of 1 of 2 products are in your store’s language: they are not translated into uk."


# ------------------------------------------------------------------ without the optional scopes


@pytest.mark.parametrize("is_known", [True, False], ids=["known scopes", "a pasted token"])
def test_without_the_scopes_the_shops_words_leave_and_nothing_is_refused(seen: Seen, is_known: bool) -> None:
    seen.pretend.grant(SHOP.address)
    seen.access |= {"token_scopes": list(SCOPES)} if is_known else {}

    event = seen.completed(seen.tells("order_paid", "fr", 0))

    assert (names(event), paths(event), event.partial) == (["Moss teapot"], ["/fr/products/moss-teapot"], UNTOLD)
    assert seen.asked("StorefrontForEvent") == (1 if is_known else 2)


def test_a_token_that_lost_a_scope_costs_no_link(seen: Seen) -> None:
    seen.access["token_scopes"] = list(ALL)
    seen.completed(seen.tells("order_paid", "fr", 1))
    seen.pretend.grant(SHOP.address)

    event = seen.completed(seen.tells("order_paid", "fr", 0))

    assert (names(event), paths(event)) == (["Moss teapot"], ["/fr/products/moss-teapot"])
    assert "check the app's scopes" in event.partial


# ------------------------------------------------------------------ how often it is asked


def test_a_thousand_french_orders_ask_once_for_fifty_products_and_locale(seen: Seen) -> None:
    seen.access["token_scopes"] = list(ALL)
    locales = ("fr", "fr-FR", "fr-CA", "de", "de-AT")
    told_by = [seen.tells("order_paid", locale, *range(8)) for locale in locales]
    orders = [replace(event, object_id=str(number)) for number in range(200) for event in told_by]

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(seen.completed, orders))

    assert {name for event in told for name in names(event)} == {p.titles[code] for p in PRODUCTS for code in ("fr", "de")}
    assert (seen.asked("StorefrontForEvent"), seen.asked("ProductsForEvent")) == (1, 2)  # fr and de
    assert len(seen.pretend.queries) == 3


def test_languages_are_asked_anew_after_a_day(seen: Seen) -> None:
    seen.access["token_scopes"] = list(ALL)
    for hours in (0, 23, 25, 26):
        seen.completed(seen.tells("order_paid", "fr", 0), after=timedelta(hours=hours))

    assert (seen.asked("StorefrontForEvent"), seen.asked("ProductsForEvent")) == (2, 2)


def test_another_scope_is_asked_with_at_once(seen: Seen) -> None:
    seen.access["token_scopes"] = list(SCOPES)
    seen.completed(seen.tells("order_paid", "fr", 0))

    seen.access["token_scopes"] = list(ALL)
    event = seen.completed(seen.tells("order_paid", "fr", 0))

    assert names(event) == ["Théière Mousse"]


# ------------------------------------------------------------------ a catalogue that is down


def enriched(seen: Seen, event: StoreEvent, enricher: Enricher, *, after: timedelta) -> StoreEvent | datetime:
    place = seen.place(after=after)
    stored = StoredEvent(
        id=1, shop=seen.shop, settings=place.settings, access=seen.access, event=event, created_at=NOON, tries=1
    )
    return enricher.enrich(stored, seen.platform, cast(Store, place), now=place.now)  # has the parts that are looked at


def test_with_the_catalogue_down_the_order_leaves_within_a_minute_marked_partial(seen: Seen) -> None:
    order, enricher = seen.tells("order_paid", "fr", 0), Enricher()
    seen.pretend.outage.begin()

    after = timedelta(0)
    while not isinstance(left := enriched(seen, order, enricher, after=after), StoreEvent):
        assert left > NOON + after
        after = left - NOON

    assert after <= LONGEST_DELAY
    assert (names(left), left.partial) == (["Moss teapot"], "Shopify answered 503.")


def test_what_is_known_serves_while_the_catalogue_is_down(seen: Seen) -> None:
    first = seen.completed(seen.tells("order_paid", "fr", 0))
    seen.pretend.outage.begin()

    assert seen.completed(seen.tells("order_paid", "fr", 0), after=timedelta(days=3)) == first


# ------------------------------------------------------------------ whose hosts


def test_the_domains_of_its_markets_are_the_shops_own(seen: Seen) -> None:
    seen.pretend.market_domain = "https://demo.ca"

    event = seen.completed(seen.tells("order_paid", "fr", 0, country="CA"))

    assert event.products[0].link.startswith("https://demo.ca/fr/products/moss-teapot?")
    [found] = seen.shops.list()
    assert host_of(event.products[0].link) in own_hosts(found)
    assert EDITIONS in seen.catalogue.records
