"""What the Admin API adds to an event, and what happens when it does not."""

from dataclasses import replace
from typing import Any

import pytest

from plugin.domain.basket import Product
from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.routing import MOST_LINES
from plugin.domain.settings import NO_SETTINGS, StoreFacts
from plugin.platforms.shopify.api import REFUSALS
from plugin.platforms.shopify.complete import NO_ACCESS, complete
from plugin.platforms.shopify.lookups import Lookups
from plugin.ports import LookupContext
from tests.support.platforms.shopify.admin import FakeAdmin, FakeCatalogue, Reply, a_place, data, failing, running, says, way
from tests.support.platforms.shopify.given import the_event

MUG = "gid://shopify/ProductVariant/44001000000001"
TEA = "gid://shopify/ProductVariant/44001000000002"
CDN = "https://cdn.example/"


def completed(event: StoreEvent, *replies: Reply, place: LookupContext | None = None) -> tuple[StoreEvent, FakeAdmin]:
    with running(*replies) as admin:
        return complete(event, place or a_place(), way(admin.url), Lookups()), admin


def media(name: str) -> dict[str, Any]:
    return {"preview": {"image": {"url": CDN + name}}}


def a_variant(gid: str, *, slug: str, pictures: list[Any] | None = None, **page: Any) -> dict[str, Any]:
    usual = {"title": slug.title(), "handle": slug, "status": "ACTIVE", "featuredMedia": media(f"{slug}.png")}
    usual |= {"onlineStoreUrl": f"https://demo.example/products/{slug}"}
    return {"__typename": "ProductVariant", "id": gid, "media": {"nodes": pictures or []}, "product": usual | page}


BOTH = data({"nodes": [a_variant(MUG, slug="kubek", pictures=[media("green.png")]), a_variant(TEA, slug="herbata")]})


def an_order(**changed: Any) -> StoreEvent:
    return the_event("orders/paid", "order_created", **changed)


def test_lines_get_their_pages_and_pictures_in_one_question() -> None:
    event, admin = completed(an_order(), BOTH)

    mug, tea = event.products
    assert (mug.link, mug.image) == ("https://demo.example/products/kubek?variant=44001000000001", CDN + "green.png")
    assert (tea.link, tea.image) == ("https://demo.example/products/herbata?variant=44001000000002", CDN + "herbata.png")
    assert (mug.name, mug.slug) == ("Kubek z żubrem", "kubek")
    assert (event.wants, event.partial) == ("consent:7001000000001", "")
    assert [question["variables"] for question in admin.questions] == [{"ids": [MUG, TEA]}]


def test_what_was_looked_up_is_not_asked_again() -> None:
    place = a_place(FakeCatalogue())
    first, _ = completed(an_order(), BOTH, place=place)

    second, admin = completed(an_order(), BOTH, place=place)

    assert second == first
    assert admin.questions == []


def test_only_what_is_missing_is_asked() -> None:
    known = {"name": "Kubek", "slug": "kubek", "link": "https://demo.example/p", "image": CDN + "k.png"}
    place = a_place(FakeCatalogue({"product:8001000000001:44001000000001": known}))

    event, admin = completed(an_order(), data({"nodes": [a_variant(TEA, slug="herbata")]}), place=place)

    assert admin.questions[0]["variables"] == {"ids": [TEA]}
    assert [product.image for product in event.products] == [CDN + "k.png", CDN + "herbata.png"]


def test_a_deleted_product_keeps_its_words_and_is_remembered_as_gone() -> None:
    place = a_place(FakeCatalogue())
    reply = data({"nodes": [a_variant(MUG, slug="kubek"), None]})

    event, _ = completed(an_order(), reply, place=place)
    _, admin = completed(an_order(), reply, place=place)

    assert (event.products[1].name, event.products[1].link, event.products[1].image) == ("Herbata „Jesień”", "", "")
    assert event.partial == ""
    assert admin.questions == []


HOME = "https://demo.example"
PAGES: dict[str, tuple[dict[str, Any], str]] = {
    "not in the online store": ({"onlineStoreUrl": None}, HOME),
    "unlisted": ({"status": "UNLISTED"}, "https://demo.example/products/kubek?variant=44001000000001"),
    "a page with a query": ({"onlineStoreUrl": "https://demo.example/p?x=1"}, "https://demo.example/p?x=1&variant=44001000000001"),
    "a draft": ({"status": "DRAFT"}, HOME),
    "archived": ({"status": "ARCHIVED"}, HOME),
    "nothing at all": ({"onlineStoreUrl": None, "handle": None}, HOME),
    "no address": ({"onlineStoreUrl": "javascript:alert(1)", "handle": ""}, HOME),
}  # fmt: skip


@pytest.mark.parametrize(("page", "link"), PAGES.values(), ids=PAGES)
def test_a_line_leads_to_a_page_a_buyer_can_open(page: dict[str, Any], link: str) -> None:
    event, _ = completed(an_order(), data({"nodes": [a_variant(MUG, slug="kubek", **page)]}))

    assert event.products[0].link == link


def test_a_product_of_the_till_beside_one_with_a_page_leads_to_the_store_without_another_question() -> None:
    reply = data({"nodes": [a_variant(MUG, slug="kubek", onlineStoreUrl=None), a_variant(TEA, slug="herbata")]})

    event, admin = completed(an_order(), reply)

    assert event.products[0].link == HOME
    assert event.products[1].link == "https://demo.example/products/herbata?variant=44001000000002"
    assert len(admin.questions) == 1


def test_the_merchant_s_own_address_of_the_store_comes_first() -> None:
    settings = replace(NO_SETTINGS, store=StoreFacts(link="https://front.example/"))
    reply = data({"nodes": [a_variant(MUG, slug="kubek", onlineStoreUrl=None)]})

    event, _ = completed(an_order(), reply, place=a_place(settings=settings))

    assert event.products[0].link == "https://front.example"


NO_PAGE = data({"nodes": [a_variant(MUG, slug="kubek", onlineStoreUrl=None)]})
NOWHERE = data({"products": {"nodes": [{"onlineStoreUrl": None}]}})
SOMEWHERE = data({"products": {"nodes": [{"onlineStoreUrl": "https://demo.example/products/inny"}]}})
TEMPLATE = "https://front.example/{locale}/p/{slug}"
SHOPS: dict[str, tuple[Reply, str, str]] = {
    "with its own storefront": (NOWHERE, "", "https://demo.example/products/kubek?variant=44001000000001"),
    "with its own storefront, and its addresses known": (NOWHERE, TEMPLATE, "https://front.example/pl-PL/p/kubek"),
    "whose template wants what there is not": (
        NOWHERE, "https://front.example/{channel}/{slug}", "https://demo.example/products/kubek?variant=44001000000001",
    ),
    "with an online store": (SOMEWHERE, TEMPLATE, HOME),
    "that may not be asked": (failing("ACCESS_DENIED"), TEMPLATE, HOME),
    "that answers too slowly": (failing("THROTTLED"), TEMPLATE, HOME),
}  # fmt: skip


@pytest.mark.parametrize(("shop", "template", "link"), SHOPS.values(), ids=SHOPS)
def test_a_page_is_made_up_only_in_a_shop_none_of_whose_products_has_one(shop: Reply, template: str, link: str) -> None:
    settings = replace(NO_SETTINGS, store=StoreFacts(product_link=template))

    event, _ = completed(an_order(source_name=""), NO_PAGE, shop, place=a_place(settings=settings))

    assert (event.products[0].link, event.partial) == (link, "")


def test_whether_a_shop_has_pages_is_asked_once() -> None:
    place = a_place(FakeCatalogue())
    completed(an_order(), NO_PAGE, NOWHERE, place=place)

    event, admin = completed(an_order(), NO_PAGE, place=place)

    assert event.products[0].link.endswith("/products/kubek?variant=44001000000001")
    assert admin.questions == []


def test_a_line_without_a_variant_is_asked_by_its_product() -> None:
    line = {"product_id": 7, "title": "Vase", "quantity": 1}
    node = {"id": "gid://shopify/Product/7", "title": "Vase", "handle": "vase", "onlineStoreUrl": "https://demo.example/v"}

    event, admin = completed(an_order(line_items=[line]), data({"nodes": [node | {"featuredMedia": media("v.png")}]}))

    assert (event.products[0].link, event.products[0].image) == ("https://demo.example/v", CDN + "v.png")
    assert admin.questions[0]["variables"] == {"ids": ["gid://shopify/Product/7"]}


def test_of_five_hundred_lines_the_first_and_the_dearest_are_asked() -> None:
    lines = [{"product_id": n, "title": "T", "price": "900.00" if n == 400 else "1.00", "quantity": 1} for n in range(1, 501)]

    event, admin = completed(an_order(line_items=lines), data({"nodes": []}))

    ids = admin.questions[0]["variables"]["ids"]
    assert (len(admin.questions), len(ids), ids[-1]) == (1, MOST_LINES + 1, "gid://shopify/Product/400")
    assert len(event.products) == 500


def test_an_event_that_lacks_nothing_asks_nothing() -> None:
    event = replace(an_order(), wants="")

    answer, admin = completed(event, says(500, b""))

    assert answer is event
    assert admin.questions == []


def test_lines_that_have_everything_ask_nothing() -> None:
    product = Product(id="1", price=None, link="https://demo.example/p", image=CDN + "p.png")

    event, admin = completed(an_order().with_products((product,)), says(500, b""))

    assert (event.products, event.partial, admin.questions) == ((product,), "", [])


@pytest.mark.parametrize("access", [{}, {"access_token": ""}, {"access_token": None}])
def test_without_access_the_event_goes_on_and_says_so(access: dict[str, Any]) -> None:
    event = an_order()

    answer, admin = completed(event, BOTH, place=a_place(access=access))

    assert answer == replace(event, partial=NO_ACCESS)
    assert admin.questions == []


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_refusal_leaves_the_event_as_it_was_and_remembers_nothing(status: int) -> None:
    catalogue, event = FakeCatalogue(), an_order()

    with running(says(status, b""), storefront=says(status, b"")) as admin:
        answer = complete(event, a_place(catalogue), way(admin.url), Lookups())

    assert answer == replace(event, partial=REFUSALS[status])
    assert catalogue.records == {}


def test_products_that_may_be_forbidden_are_not_remembered_as_gone() -> None:
    catalogue = FakeCatalogue()
    errors = [{"extensions": {"code": "ACCESS_DENIED"}}]

    event, _ = completed(
        an_order(), data({"nodes": [a_variant(MUG, slug="kubek"), None]}, errors=errors), place=a_place(catalogue)
    )

    assert [key for key in catalogue.records if "product:" in key] == ["product:8001000000001:44001000000001"]
    assert event.products[0].link
    assert event.partial == REFUSALS[403]


def test_a_throttled_question_is_asked_again_later() -> None:
    event, catalogue = an_order(), FakeCatalogue()

    with running(failing("THROTTLED"), BOTH) as admin:
        with pytest.raises(TryAgain):
            complete(event, a_place(catalogue), way(admin.url), Lookups())
        answer = complete(event, a_place(catalogue), way(admin.url), Lookups())

    assert answer.products[0].link
