"""The pretend Shopify finds orders as the real one would, and says what it did not understand."""

from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLError

from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sale import Sale, SaleLine
from plugin.sandbox.stores.shopify import order_search
from plugin.sandbox.stores.shopify.pretend import PretendShopify
from tests.support.builders import NOON

SHOP = "demo.myshopify.com"
LINE = SaleLine(number=1, product=PRODUCTS[0], variant=PRODUCTS[0].variants[0])
SALE = Sale(number=7, buyer=BUYERS[0], locale="pl-PL", began_at=NOON, lines=(LINE,))
OLDER = Sale(number=9, buyer=BUYERS[0], locale="pl-PL", began_at=NOON - timedelta(days=1), lines=(LINE,))
ORDERS = (
    "query ($q: String) { found: orders(first: 5, sortKey: CREATED_AT, reverse: true, query: $q) { nodes { checkoutToken } } }"
)


@pytest.fixture
def pretend() -> PretendShopify:
    pretend = PretendShopify(client_id="c", client_secret="s")
    for sale in (SALE, OLDER):
        pretend.remember(SHOP, sale)
    return pretend


def ask(pretend: PretendShopify, query: str, **variables: Any) -> dict[str, Any]:
    return pretend.answer(SHOP, {"query": query, "variables": variables})


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        (f"checkout_token:{SALE.token}", True),
        (f'checkout_token:"{SALE.token}"', True),
        (f"cart_token:'{SALE.cart_token}'", True),
        ("checkout_token:x", False),
        ("customer_id:7301001", True),
        ("customer_id:7301001 customer_id:1", False),
        ("customer_id:7301001 OR customer_id:1", True),
        ("customer_id:1 OR (customer_id:7301001 AND created_at:>='2026-11-23T12:00:00Z')", True),
        ("customer_id:7301001 AND created_at:>='2026-11-23T12:00:01Z'", False),
        ('email:"zofia.wisniewska@example.com"', True),
        ('email:"Wisniewska@example"', True),
        ('email:"zofia@example.com"', False),
        (r'email:"zofia.wisniewska@example.com\" OR customer_id:7301001 OR email:\"x"', False),
        ("", True),
    ],
)
def test_a_search_finds_what_it_says(query: str, is_found: bool) -> None:
    search = order_search.read(query)

    assert (search.finds(SALE), search.unknown) == (is_found, [])


@pytest.mark.parametrize(
    "query",
    [
        "customer_id:1 OR customer_id:2 AND customer_id:3", "(customer_id:1", "customer_id:1)", "()", "OR", "customer_id:1 OR",
        "-customer_id:1", "NOT customer_id:1", "zofia", 'email:"x', "email:*", "created_at:<'2026-11-23'", "customer_id:>1",
        "created_at:>='yesterday'", '"',
    ],
)  # fmt: skip
def test_what_the_app_does_not_need_is_not_understood(query: str) -> None:
    with pytest.raises(GraphQLError):
        order_search.read(query)


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("phone:x AND customer_id:1", "phone"),
        ("created_at:>=2026-11-23T12:45:00Z OR customer_id:1", "45"),
        ("colour:red", "colour"),
    ],
)
def test_an_unknown_field_is_left_out_with_a_warning(pretend: PretendShopify, query: str, unknown: str) -> None:
    answer = ask(pretend, ORDERS, q=query)

    assert len(answer["data"]["found"]["nodes"]) == (2 if query == "colour:red" else 0)
    [search] = answer["extensions"]["search"]
    assert (search["path"], search["query"]) == (["found"], query)
    assert search["warnings"] == [
        {"field": unknown, "message": "Invalid search field for this query.", "code": "invalid_field"}
    ]


def test_the_newest_order_comes_first(pretend: PretendShopify) -> None:
    nodes = ask(pretend, ORDERS, q="customer_id:7301001")["data"]["found"]["nodes"]

    assert [node["checkoutToken"] for node in nodes] == [SALE.token, OLDER.token]


def test_a_checkout_is_no_order_until_it_is_one_for_ever(pretend: PretendShopify) -> None:
    begun = Sale(number=11, buyer=BUYERS[1], locale="de-DE", began_at=NOON, lines=(LINE,))
    counts = []
    for is_order in (False, True, False):
        pretend.remember(SHOP, begun, is_order=is_order)
        counts.append(len(ask(pretend, ORDERS, q=f"checkout_token:{begun.token}")["data"]["found"]["nodes"]))

    assert counts == [0, 1, 1]


@pytest.mark.parametrize(
    ("identifier", "number"),
    [
        ({"phoneNumber": BUYERS[0].phone}, 7301001),
        ({"phoneNumber": ""}, None),
        ({"phoneNumber": BUYERS[0].phone[:-1]}, None),
        ({"emailAddress": BUYERS[0].email.upper()}, 7301001),
        ({"emailAddress": ""}, None),
        ({"id": "gid://shopify/Customer/7301001"}, 7301001),
    ],
)
def test_a_customer_is_found_by_exactly_what_they_gave(pretend: PretendShopify, identifier: Any, number: int | None) -> None:
    query = """query ($by: CustomerIdentifierInput!) { customerByIdentifier(identifier: $by) {
        legacyResourceId orders(first: 1, sortKey: CREATED_AT, reverse: true) { nodes { checkoutToken } } } }"""

    customer = ask(pretend, query, by=identifier)["data"]["customerByIdentifier"]

    assert (customer and customer["legacyResourceId"]) == (number and str(number))
    assert not customer or customer["orders"]["nodes"] == [{"checkoutToken": SALE.token}]


def test_a_customer_is_named_in_one_way(pretend: PretendShopify) -> None:
    query = "query ($by: CustomerIdentifierInput!) { customerByIdentifier(identifier: $by) { id } }"

    assert ask(pretend, query, by={"id": "gid://shopify/Customer/7301001", "phoneNumber": "+48512345678"})["errors"]
    assert ask(pretend, query, by={})["errors"]


def test_orders_are_sorted_by_age_only(pretend: PretendShopify) -> None:
    assert "sorts" in ask(pretend, "{ orders(first: 1, sortKey: TOTAL_PRICE) { nodes { id } } }")["errors"][0]["message"]
