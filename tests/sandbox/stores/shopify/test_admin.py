"""The pretend Admin API answers as Shopify's would."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from plugin import platforms
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.pretend import Fault, PretendShopify

SHOP, TOKEN = "demo.myshopify.com", "shpat_test"
TITLE = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Product { title } } }"
TEAPOT = "gid://shopify/Product/9101001"


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pretend(clock: Clock) -> Iterator[PretendShopify]:
    found = PretendShopify(client_id="id", client_secret="s" * 32, seconds=clock)
    found.tokens.accept(SHOP, TOKEN)
    with serve_in_thread(admin_app(found)) as serving:
        found.url = serving.url
        yield found


def ask(
    pretend: PretendShopify,
    query: str = TITLE,
    variables: dict[str, Any] | None = None,
    *,
    token: str = TOKEN,
    version: str = "2026-10",
    shop: str = SHOP,
    **more: Any,
) -> requests.Response:
    prefix = f"/{shop}" if shop else ""
    return requests.post(
        f"{pretend.url}{prefix}/admin/api/{version}/graphql.json",
        json={"query": query, "variables": variables or {"ids": [TEAPOT]}, **more},
        headers={"X-Shopify-Access-Token": token},
        timeout=5,
    )


def test_a_product_is_found_by_its_id(pretend: PretendShopify) -> None:
    answer = ask(pretend)

    assert answer.json()["data"] == {"nodes": [{"id": TEAPOT, "title": "Moss teapot"}]}
    assert answer.headers["X-Shopify-API-Version"] == "2026-10"


SCOPED = {
    "translations": ('{ products(first: 1) { nodes { translations(locale: "fr") { value } } } }', "read_translations"),
    "webPresences": ("{ webPresences(first: 1) { nodes { id } } }", "read_markets"),
}


@pytest.mark.parametrize(("field", "query", "scope"), [(field, *asked) for field, asked in SCOPED.items()], ids=SCOPED)
def test_a_field_needs_its_scope(pretend: PretendShopify, field: str, query: str, scope: str) -> None:
    [error] = ask(pretend, query).json()["errors"]
    pretend.grant(SHOP, scope)

    assert (error["path"][-1], error["extensions"]["code"]) == (field, "ACCESS_DENIED")
    assert scope in error["message"]
    assert "errors" not in ask(pretend, query).json()


@pytest.mark.parametrize("shop", ["", SHOP])
def test_the_shop_may_stand_before_the_path(pretend: PretendShopify, shop: str) -> None:
    assert ask(pretend, shop=shop).status_code == 200


@pytest.mark.parametrize(("token", "shop"), [("", SHOP), ("other", SHOP), (TOKEN, "other.myshopify.com")])
def test_a_token_opens_its_own_shop_only(pretend: PretendShopify, token: str, shop: str) -> None:
    answer = ask(pretend, token=token, shop=shop)

    assert answer.status_code == 401
    assert answer.json()["errors"].startswith("[API] Invalid API key or access token")


def test_a_deleted_product_is_null(pretend: PretendShopify) -> None:
    answer = ask(pretend, variables={"ids": [TEAPOT, "gid://shopify/Product/1", "gid://shopify/Video/1"]})

    assert [node and node["id"] for node in answer.json()["data"]["nodes"]] == [TEAPOT, None, None]


def test_a_picture_comes_in_the_width_that_was_asked_for(pretend: PretendShopify) -> None:
    query = """query ($id: ID!) { productVariant(id: $id) { media(first: 1) { nodes { preview { image {
        url(transform: {maxWidth: 600}) plain: url } } } } } }"""

    answer = ask(pretend, query, {"id": "gid://shopify/ProductVariant/48101001"})

    image = answer.json()["data"]["productVariant"]["media"]["nodes"][0]["preview"]["image"]
    assert image["url"] == f"{image['plain']}&width=600"
    assert requests.get(image["url"], timeout=5).headers["Content-Type"].startswith("image/svg+xml")


@pytest.mark.parametrize(("count", "codes"), [(250, []), (251, ["MAX_INPUT_SIZE_EXCEEDED"])])
def test_a_list_of_ids_has_an_end(pretend: PretendShopify, count: int, codes: list[str]) -> None:
    answer = ask(pretend, variables={"ids": [TEAPOT] * count}).json()

    assert [error["extensions"]["code"] for error in answer.get("errors", [])] == codes


def test_a_product_page_can_be_opened(pretend: PretendShopify) -> None:
    answer = ask(pretend, '{ product(id: "gid://shopify/Product/9101007") { onlineStoreUrl } }')

    page = requests.get(answer.json()["data"]["product"]["onlineStoreUrl"], timeout=5)
    assert "River notebook" in page.text
    for path in ("products/none", "cdn/shop/files/none.svg"):
        assert requests.get(f"{pretend.url}/{SHOP}/{path}", timeout=5).status_code == 404


def test_every_question_of_the_app_is_answered(pretend: PretendShopify) -> None:
    queries = sorted((Path(platforms.__file__).parent / "shopify" / "queries").glob("*.graphql"))
    given = {"id": "gid://shopify/Order/1", "ids": [TEAPOT, "gid://shopify/Customer/7301001"], "uri": "https://app.example/w"}
    pretend.grant(SHOP, "read_fulfillments")

    answers = {path.stem: ask(pretend, path.read_text(), given).json() for path in queries}

    assert answers
    assert {name: answer.get("errors") for name, answer in answers.items() if "errors" in answer} == {}


def test_the_shop_tells_about_itself(pretend: PretendShopify) -> None:
    pretend.app_url = "http://app"
    query = """{ shop { myshopifyDomain primaryDomain { localization { defaultLocale } } } shopLocales { locale primary }
        currentAppInstallation { accessScopes { handle } } publicApiVersions { handle }
        products(first: 3) { nodes { title variants(first: 1) { nodes { price product { id } } } }
            pageInfo { hasNextPage endCursor } }
        customers(first: 2) { nodes { locale defaultPhoneNumber { phoneNumber } } }
        webhookSubscriptions(first: 50) { nodes { topic uri } } }"""

    data = ask(pretend, query).json()["data"]

    assert data["shop"]["myshopifyDomain"] == SHOP
    assert {"locale": "en", "primary": True} in data["shopLocales"]
    assert data["products"]["pageInfo"] == {"hasNextPage": True, "endCursor": "3"}
    assert {"topic": "ORDERS_PAID", "uri": "http://app/webhooks/shopify"} in data["webhookSubscriptions"]["nodes"]


def test_pages_follow_each_other(pretend: PretendShopify) -> None:
    query = "query ($after: String) { products(first: 5, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"

    first = ask(pretend, query, {"after": None}).json()["data"]["products"]
    second = ask(pretend, query, {"after": first["pageInfo"]["endCursor"]}).json()["data"]["products"]

    assert len({node["id"] for node in first["nodes"] + second["nodes"]}) == 8
    assert not second["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    "question",
    [
        {"query": "{ shop {"},
        {"query": "{ shop { secretOfTheShop } }"},
        {"query": 'query A { node(id: "7") { id } }'},
        {"query": "query A { shop { id } } query B { shop { id } }"},
        {"query": "query A { shop { id } }", "operationName": "C"},
    ],
    ids=["syntax", "field", "id", "two", "name"],
)
def test_a_bad_question_gets_errors_with_status_200(pretend: PretendShopify, question: dict[str, str]) -> None:
    answer = ask(pretend, **question)  # type: ignore[arg-type]

    assert answer.status_code == 200
    assert answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(("asked", "served"), [("2025-01", "2026-01"), ("2026-04", "2026-04"), ("2027-01", "2026-10")])
def test_a_retired_version_falls_forward(pretend: PretendShopify, asked: str, served: str) -> None:
    assert ask(pretend, version=asked).headers["X-Shopify-API-Version"] == served


def test_a_version_that_never_was_is_not_found(pretend: PretendShopify) -> None:
    assert ask(pretend, version="latest").status_code == 404


def test_every_answer_says_what_it_cost(pretend: PretendShopify) -> None:
    cost = ask(pretend, variables={"ids": [TEAPOT] * 40}).json()["extensions"]["cost"]

    assert cost["requestedQueryCost"] >= cost["actualQueryCost"] > 30
    assert cost["throttleStatus"] == {
        "maximumAvailable": 2000.0,
        "currentlyAvailable": 2000 - cost["actualQueryCost"],
        "restoreRate": 100.0,
    }


def test_an_empty_bucket_throttles_with_status_200_until_it_has_refilled(pretend: PretendShopify, clock: Clock) -> None:
    pretend.bucket(SHOP).take(1990)

    throttled = ask(pretend, variables={"ids": [TEAPOT] * 50})
    clock.seconds += 1
    later = ask(pretend, variables={"ids": [TEAPOT] * 50})

    assert throttled.status_code == 200
    assert throttled.json()["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert throttled.json()["extensions"]["cost"]["actualQueryCost"] is None
    assert "errors" not in later.json()


def test_a_query_over_the_limit_is_refused_whole(pretend: PretendShopify) -> None:
    answer = ask(pretend, "{ products(first: 250) { nodes { variants(first: 10) { nodes { id } } } } }")

    assert answer.json()["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


@pytest.mark.parametrize(
    ("fault", "status", "part"),
    [
        (Fault.THROTTLED, 200, "THROTTLED"),
        (Fault.UNAUTHORIZED, 401, "Invalid API key"),
        (Fault.FORBIDDEN, 403, "merchant approval"),
        (Fault.SERVER_ERROR, 500, "Internal Server Error"),
        (Fault.HTML, 200, "<!doctype html>"),
    ],
)
def test_a_fault_happens_as_often_as_asked(pretend: PretendShopify, fault: Fault, status: int, part: str) -> None:
    pretend.fail(fault, times=2)

    answers = [ask(pretend) for _ in range(3)]

    assert [(answer.status_code, part in answer.text) for answer in answers] == [(status, True)] * 2 + [(200, False)]


def test_a_slow_shop_answers_late(pretend: PretendShopify) -> None:
    pretend.fail(Fault.SLOW, seconds=0.3)
    began = time.monotonic()

    answer = ask(pretend)

    assert time.monotonic() - began >= 0.3
    assert answer.json()["data"]["nodes"]


def test_what_is_no_json_object_is_a_bad_request(pretend: PretendShopify) -> None:
    address = f"{pretend.url}/admin/api/2026-10/graphql.json"

    assert requests.post(address, data="[]", headers={"X-Shopify-Access-Token": TOKEN}, timeout=5).status_code == 400
