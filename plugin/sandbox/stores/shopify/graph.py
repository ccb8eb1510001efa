"""Executes the Admin API's queries over one shop's sample objects."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from plugin.sandbox.buyers import BUYERS, buyer_numbered
from plugin.sandbox.catalogue import PRODUCTS, product_numbered, variant_numbered
from plugin.sandbox.sale import Sale

from . import objects
from .bodies import gid, order_id, registered_id
from .bucket import Bucket, actual_cost, requested_cost
from .objects import Node

MOST_POINTS: Final = 1000  #: of one query; https://shopify.dev/docs/api/usage/limits
_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]{1,18})(?:\?.*)?")


@cache
def schema() -> GraphQLSchema:
    """The part of Admin API 2026-10 that this app asks for."""
    return build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopData:
    """What one shop can be asked about."""

    address: str
    name: str
    storefront: str
    scopes: tuple[str, ...]
    app_url: str
    sales: Sequence[Sale]  #: newest last


def answer(question: Mapping[str, Any], shop: ShopData, bucket: Bucket, *, is_throttled: bool = False) -> dict[str, Any]:
    """The body of the answer, always HTTP 200: data, or errors in Shopify's words, with what it cost."""
    try:
        document, operation = _understood(question)
    except GraphQLError as error:
        return {"errors": [error.formatted]}
    variables = question.get("variables") or {}
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    requested = requested_cost(operation, fragments, variables)
    if requested > MOST_POINTS:
        code = {"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": MOST_POINTS}
        return {"errors": [{"message": f"Query cost is {requested}, over the limit of {MOST_POINTS}", "extensions": code}]}
    if is_throttled or not bucket.take(requested):
        refusal = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return {"errors": [refusal], "extensions": _cost(requested, None, bucket)}
    name = operation.name.value if operation.name else None
    result = execute_sync(schema(), document, root_value=_roots(shop), variable_values=variables, operation_name=name)
    actual = actual_cost(result.data)
    bucket.give_back(max(0, requested - actual))
    return _formatted(result) | {"extensions": _cost(requested, actual, bucket)}


def _understood(question: Mapping[str, Any]) -> tuple[DocumentNode, OperationDefinitionNode]:
    document = parse(str(question.get("query") or ""))
    problems = validate(schema(), document)
    if problems:
        raise problems[0]
    wanted = question.get("operationName")
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if not wanted or (node.name and node.name.value == wanted)]
    if len(named) != 1:
        raise GraphQLError("An operation name is required" if not wanted else f'No operation named "{wanted}"')
    return document, named[0]


def _formatted(result: ExecutionResult) -> dict[str, Any]:
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    return body


def _cost(requested: int, actual: int | None, bucket: Bucket) -> dict[str, Any]:
    return {"cost": {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": bucket.status()}}


def _roots(shop: ShopData) -> dict[str, object]:
    """A resolver for every field of the query type."""

    def node(_info: object, id: str) -> Node | None:
        return find(shop, id)

    def nodes(_info: object, ids: Sequence[str]) -> list[Node | None]:
        return [find(shop, id) for id in ids]

    home = shop.storefront
    orders = [objects.order(sale, home) for sale in shop.sales]
    customers = [objects.customer(buyer, buyer.number, buyer.locale) for buyer in BUYERS]
    return {
        "shop": objects.shop(shop.address, shop.name, home),
        "shopLocales": objects.shop_locales(),
        "currentAppInstallation": {
            "id": gid("AppInstallation", 1),
            "accessScopes": [{"handle": scope} for scope in shop.scopes],
        },
        "publicApiVersions": [{"handle": handle, "displayName": handle, "supported": True} for handle in VERSIONS],
        "node": node,
        "nodes": nodes,
        "product": node,
        "productVariant": node,
        "order": node,
        "customer": node,
        "orders": _connection(orders),
        "customers": _connection(customers),
        "products": _connection([objects.product(product, home) for product in PRODUCTS]),
        "abandonedCheckouts": _connection([]),
        "webhookSubscriptions": _connection(objects.subscriptions(shop.app_url)),
    }


VERSIONS: Final = ("2026-01", "2026-04", "2026-07", "2026-10")  #: those Shopify serves in November 2026


def _connection(items: Sequence[Node]) -> Callable[..., Node]:
    """Pages of a list; a cursor is the number of items before it."""

    def page(_info: object, first: int | None = None, after: str | None = None, reverse: bool = False, **_: object) -> Node:
        ordered = list(reversed(items)) if reverse else list(items)
        begin = int(json.loads(after)) if after else 0
        end = begin + (first or len(ordered))
        info = {"hasNextPage": end < len(ordered), "endCursor": str(min(end, len(ordered))) if ordered else None}
        return {"nodes": ordered[begin:end], "pageInfo": info}

    return page


def find(shop: ShopData, id: str) -> Node | None:
    """The object with this global id; None for one that is not there, as for a deleted product."""
    match = _GID.fullmatch(id)
    if match is None:
        raise GraphQLError(f"Invalid global id '{id}'", extensions={"code": "INVALID_GLOBAL_ID"})
    finder = _FINDERS.get(match[1])
    return finder(shop, int(match[2])) if finder else None


def _product(shop: ShopData, number: int) -> Node | None:
    found = product_numbered(number)
    return objects.product(found, shop.storefront) if found else None


def _variant(shop: ShopData, number: int) -> Node | None:
    found = variant_numbered(number)
    return objects.variant_of(*found, shop.storefront) if found else None


def _order(shop: ShopData, number: int) -> Node | None:
    return next((objects.order(sale, shop.storefront) for sale in shop.sales if order_id(sale) == number), None)


def _customer(shop: ShopData, number: int) -> Node | None:
    """Somebody who registered in a sale, or one of the sample buyers with the language of their last sale."""
    for sale in reversed(shop.sales):
        if number in (registered_id(sale), sale.buyer.number):
            return objects.customer(sale.buyer, number, sale.locale)
    buyer = buyer_numbered(number)
    return objects.customer(buyer, number, buyer.locale) if buyer else None


_FINDERS: Final[Mapping[str, Callable[[ShopData, int], Node | None]]] = {
    "Product": _product,
    "ProductVariant": _variant,
    "Order": _order,
    "Customer": _customer,
}
