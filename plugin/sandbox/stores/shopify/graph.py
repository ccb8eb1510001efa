"""Executes the Admin API's queries over one shop's sample objects."""

from collections.abc import Callable, Mapping, Sequence
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

from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS

from . import objects, parcels, storefronts
from .bodies import gid
from .bucket import Bucket, actual_cost, requested_cost
from .finding import ShopData, connection, find, identified, orders_of
from .objects import Node
from .scopes import allowed

MOST_IDS: Final = 250  #: of one list; https://shopify.dev/docs/api/usage/limits
MOST_POINTS: Final = 1000  #: of one query; https://shopify.dev/docs/api/usage/limits


@cache
def schema() -> GraphQLSchema:
    """The part of Admin API 2026-10 that this app asks for."""
    return build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))


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
    searches: list[Node] = []
    roots = _roots(shop, searches)
    scopes = frozenset(shop.scopes)
    result = execute_sync(
        schema(), document, root_value=roots, context_value=scopes, variable_values=variables, operation_name=name
    )
    actual = actual_cost(result.data)
    bucket.give_back(max(0, requested - actual))
    extensions = _cost(requested, actual, bucket) | ({"search": searches} if searches else {})
    return _formatted(result) | {"extensions": extensions}


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


def _roots(shop: ShopData, searches: list[Node]) -> dict[str, object]:
    """A resolver for every field of the query type; what there is to say of a search goes into `searches`."""

    def node(_info: object, id: str) -> Node | None:
        return find(shop, id)

    def nodes(_info: object, ids: Sequence[str]) -> list[Node | None]:
        if len(ids) > MOST_IDS:
            message = f"The input array size of {len(ids)} is greater than the maximum allowed of {MOST_IDS}."
            raise GraphQLError(message, extensions={"code": "MAX_INPUT_SIZE_EXCEEDED"})
        return [find(shop, id) for id in ids]

    home = shop.storefront
    customers = [objects.customer(buyer, buyer.number, buyer.locale) for buyer in BUYERS]
    return {
        "shop": storefronts.shop(shop.address, shop.name, home, shop.locales),
        "shopLocales": allowed("read_locales", storefronts.shop_locales(shop.locales, shop.unpublished)),
        "webPresences": allowed("read_markets", connection(storefronts.web_presences(home, shop.locales, shop.market_domain))),
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
        "customerByIdentifier": lambda _info, identifier: identified(shop, **identifier),
        "orders": orders_of(shop, shop.orders, searches),
        "customers": connection(customers),
        "products": connection([objects.product(product, home) for product in PRODUCTS]),
        "abandonedCheckouts": connection([]),
        "fulfillment": node,
        "webhookSubscriptions": _subscriptions(shop),
        **parcels.mutations(shop.subscribed),
    }


def _subscriptions(shop: ShopData) -> Callable[..., Node]:
    """Those of the app and those of this shop, or the ones to these topics."""
    every = [*objects.subscriptions(shop.app_url), *(parcels.subscription(*one) for one in shop.subscribed.items())]

    def found(info: object, topics: Sequence[str] = (), uri: str = "", **paging: Any) -> Node:
        wanted = [one for one in every if (not topics or one["topic"] in topics) and uri in ("", one["uri"])]
        return connection(wanted)(info, **paging)

    return found


VERSIONS: Final = ("2026-01", "2026-04", "2026-07", "2026-10")  #: those Shopify serves in November 2026
