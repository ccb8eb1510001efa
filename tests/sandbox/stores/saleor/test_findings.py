"""The pretend Saleor finds orders and variants as the real one does."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from plugin.domain.kinds import Family
from plugin.sandbox.buyers import buyer_of
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sale import Sale, SaleLine
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.ids import global_id
from plugin.sandbox.stores.saleor.pretend import InstalledApp, PretendSaleor
from tests.support.builders import NOON

EVERYTHING = {"id": "an.app", "name": "App", "version": "1", "permissions": ["MANAGE_ORDERS", "MANAGE_CHECKOUTS"]}
ORDERS = "query Q($f: OrderFilterInput, $w: OrderWhereInput, $n: Int) { orders(filter: $f, where: $w, first: $n) { %s } }"
VARIANTS = "query Q($ids: [ID!], $n: Int) { productVariants(ids: $ids, first: $n) { edges { node { id } } } }"
LATER = (NOON + timedelta(hours=1)).isoformat()


def a_sale(number: int, buyer: str = "zofia") -> Sale:
    found = buyer_of(buyer)
    assert found
    line = SaleLine(number=1, product=PRODUCTS[0], variant=PRODUCTS[0].variants[0])
    return Sale(number=number, buyer=found, locale="pl", lines=(line,), began_at=NOON)


CART, FIRST, SECOND = a_sale(1), a_sale(2), a_sale(3, "juergen")


@pytest.fixture
def pretend() -> PretendSaleor:
    saleor = PretendSaleor(url="http://shop.example", now=lambda: NOON)
    saleor.remember(CART)
    saleor.remember(FIRST, family=Family.ORDER, at=NOON)
    saleor.remember(SECOND, family=Family.ORDER, at=NOON + timedelta(hours=2))
    return saleor


@pytest.fixture
def app(pretend: PretendSaleor) -> InstalledApp:
    return pretend.add_app(EVERYTHING)


def ask(pretend: PretendSaleor, app: InstalledApp, query: str, **variables: Any) -> dict[str, Any]:
    client: FlaskClient = saleor_app(pretend).test_client()
    question = {"query": query, "variables": variables}
    found: dict[str, Any] = client.post("/graphql/", json=question, headers={"Authorization": f"Bearer {app.token}"}).get_json()
    return found


def found(pretend: PretendSaleor, app: InstalledApp, **variables: Any) -> list[Sale]:
    said = ask(pretend, app, ORDERS % "edges { node { id } }", **{"n": 10, **variables})
    ids = [edge["node"]["id"] for edge in said["data"]["orders"]["edges"]]
    return [sale for id in ids for sale in (CART, FIRST, SECOND) if global_id("Order", sale.order_uuid) == id]


CHECKOUT = global_id("Checkout", FIRST.checkout_uuid)
FOUND: dict[str, tuple[dict[str, Any], list[Sale]]] = {
    "all": ({}, [SECOND, FIRST]),
    "the newest": ({"n": 1}, [SECOND]),
    "by checkout": ({"w": {"checkoutId": {"eq": CHECKOUT}}}, [FIRST]),
    "by some checkouts": ({"w": {"checkoutId": {"oneOf": [CHECKOUT]}}}, [FIRST]),
    "by no checkouts": ({"w": {"checkoutId": {"oneOf": []}}}, []),
    "by address": ({"w": {"userEmail": {"oneOf": [FIRST.buyer.email, "other@example.com"]}}}, [FIRST]),
    "by an address in capitals": ({"w": {"userEmail": {"eq": FIRST.buyer.email.upper()}}}, []),
    "by account": ({"w": {"user": {"oneOf": [global_id("User", 1)]}}}, []),
    "by id": ({"w": {"ids": [global_id("Order", SECOND.order_uuid)]}}, [SECOND]),
    "by change": ({"w": {"updatedAt": {"gte": LATER}}}, [SECOND]),
    "by an earlier change": ({"w": {"updatedAt": {"lte": LATER}}}, [FIRST]),
    "by beginning": ({"w": {"createdAt": {"gte": LATER}}}, []),
    "by any change": ({"w": {"updatedAt": {}}}, []),
    "by two things": ({"w": {"updatedAt": {"gte": LATER}, "userEmail": {"eq": FIRST.buyer.email}}}, []),
    "filtered by checkout": ({"f": {"checkoutIds": [CHECKOUT]}}, [FIRST]),
    "filtered by no checkouts": ({"f": {"checkoutIds": []}}, [SECOND, FIRST]),
    "filtered by id": ({"f": {"ids": [global_id("Order", SECOND.order_uuid)]}}, [SECOND]),
    "filtered by address in capitals": ({"f": {"customer": FIRST.buyer.email.upper()}}, [FIRST]),
    "filtered by a piece of an address": ({"f": {"customer": "wisniewska"}}, []),
    "filtered by wildcards": ({"f": {"customer": "zof%@_xample.com"}}, [FIRST]),
    "filtered by nobody": ({"f": {"customer": ""}}, [SECOND, FIRST]),
    "filtered by change": ({"f": {"updatedAt": {"gte": LATER}}}, [SECOND]),
    "filtered by any change": ({"f": {"updatedAt": {}}}, [SECOND, FIRST]),
}


@pytest.mark.parametrize(("asked", "sales"), FOUND.values(), ids=FOUND.keys())
def test_orders_are_found(pretend: PretendSaleor, app: InstalledApp, asked: dict[str, Any], sales: list[Sale]) -> None:
    assert found(pretend, app, **asked) == sales


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no number": ({"n": None}, "You must provide a `first`"),
    "too many": ({"n": 101}, "exceeds the `first` limit of 100"),
    "both": ({"f": {"customer": "a"}, "w": {"ids": []}}, "Only one filtering argument"),
    "another's id": ({"w": {"checkoutId": {"eq": global_id("Order", 1)}}}, "Invalid ID"),
    "no id": ({"f": {"checkoutIds": ["nonsense"]}}, "Invalid ID"),
    "no time": ({"w": {"updatedAt": {"gte": "yesterday"}}}, "DateTime cannot represent"),
}


@pytest.mark.parametrize(("asked", "message"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_question_is_refused(pretend: PretendSaleor, app: InstalledApp, asked: dict[str, Any], message: str) -> None:
    said = ask(pretend, app, ORDERS % "totalCount", **{"n": 10, **asked})

    assert said["data"] == {"orders": None}
    assert message in said["errors"][0]["message"]
    assert said["errors"][0]["extensions"]["exception"]["code"] == "GraphQLError"


def test_orders_are_for_those_who_may_see_them(pretend: PretendSaleor) -> None:
    app = pretend.add_app(EVERYTHING | {"permissions": ["MANAGE_CHECKOUTS"]})

    said = ask(pretend, app, ORDERS % "totalCount", n=1)

    assert said["errors"][0]["extensions"]["exception"]["code"] == "PermissionDenied"


def test_a_checkout_is_there_until_it_is_an_order(pretend: PretendSaleor, app: InstalledApp) -> None:
    query = "query Q($id: ID!) { checkout(id: $id) { token } }"
    its_id = global_id("Checkout", CART.checkout_uuid)

    there = ask(pretend, app, query, id=its_id)["data"]["checkout"]
    pretend.remember(CART, family=Family.ORDER)
    pretend.remember(CART)  # a late change of it does not bring it back

    assert there == {"token": str(CART.checkout_uuid)}
    assert ask(pretend, app, query, id=its_id)["data"] == {"checkout": None}
    assert "errors" in ask(pretend, app, query, id="nonsense")


def test_who_only_registered_has_no_checkout(pretend: PretendSaleor, app: InstalledApp) -> None:
    newcomer = a_sale(9, "emily")
    pretend.remember(newcomer, family=Family.CUSTOMER)

    said = ask(
        pretend, app, "query Q($id: ID!) { checkout(id: $id) { token } }", id=global_id("Checkout", newcomer.checkout_uuid)
    )

    assert said["data"] == {"checkout": None}


def test_variants_are_found_by_id(pretend: PretendSaleor, app: InstalledApp) -> None:
    wanted = [global_id("ProductVariant", 48101005), global_id("ProductVariant", 1)]

    assert ask(pretend, app, VARIANTS, ids=wanted, n=5)["data"]["productVariants"] == {"edges": [{"node": {"id": wanted[0]}}]}
    assert len(ask(pretend, app, VARIANTS, n=100)["data"]["productVariants"]["edges"]) == 15
    assert "errors" in ask(pretend, app, VARIANTS, ids=[global_id("Product", 1)], n=5)
