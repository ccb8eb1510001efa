"""Executes queries and subscriptions over the pretend shop's sample objects."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLEnumType,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from plugin.sandbox.catalogue import PRODUCTS

from . import objects, products
from .findings import Findings
from .ids import CHANNELS, global_id
from .mutations import mutations, webhook_id
from .pretend import SCHEMA_VERSION, VERSION, InstalledApp, PretendSaleor
from .products import Node


@cache
def schema() -> GraphQLSchema:
    """The part of Saleor 3.23's schema that this app asks for."""
    return build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))


@cache
def languages() -> Mapping[str, object]:
    """The names of LanguageCodeEnum."""
    return _enum("LanguageCodeEnum")


def _enum(name: str) -> Mapping[str, object]:
    found = schema().type_map[name]
    assert isinstance(found, GraphQLEnumType)
    return dict(found.values)


@cache
def permissions() -> Mapping[str, object]:
    """The names of PermissionEnum."""
    return _enum("PermissionEnum")


@cache
def async_events() -> Mapping[str, object]:
    """The names of WebhookEventTypeAsyncEnum this pretend Saleor knows."""
    return _enum("WebhookEventTypeAsyncEnum")


def answer(question: Mapping[str, Any], pretend: PretendSaleor, app: InstalledApp | None) -> dict[str, Any]:
    """The body of POST /graphql/."""
    document, problems = _read(str(question.get("query") or ""))
    if document is None or problems:
        return {"errors": [error.formatted for error in problems]}
    result = execute_sync(
        schema(),
        document,
        root_value=_roots(pretend, app),
        variable_values=question.get("variables") or {},
        operation_name=question.get("operationName"),
    )
    return _body(result)


def _body(result: ExecutionResult) -> dict[str, Any]:
    errors = [error.formatted for error in result.errors or ()]
    return {"errors": errors, "data": result.data} if errors else {"data": result.data}


def problems_of(query: str) -> list[str]:
    """Why Saleor would refuse this subscription; nothing when it would not."""
    document, problems = _read(query)
    if document is not None and _subscription(document) is None:
        return ["there is no subscription in it"]
    return [error.message for error in problems]


@lru_cache(maxsize=128)
def _read(query: str) -> tuple[DocumentNode | None, Sequence[GraphQLError]]:
    """The query, parsed where it can be, with what Saleor says against it; an app asks few, and reading one takes 20 ms."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [error]
    return document, validate(schema(), document)


def _subscription(document: DocumentNode) -> OperationDefinitionNode | None:
    found = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return next((node for node in found if node.operation is OperationType.SUBSCRIPTION), None)


def payload(query: str, event: Node) -> dict[str, Any] | None:
    """What the subscription selects of the event, as it is delivered; None when no fragment fits its type.

    Saleor executes the stored subscription once per event, with the event as the value of the root field, and sends
    what stands under `event` itself. graphql-core's `execute` does the same with a subscription operation: it resolves
    the root field like a query's. Errors of single fields are delivered beside the data.
    """
    document = parse(query)
    operation = _subscription(document)
    name = operation.name.value if operation and operation.name else None
    result = execute_sync(schema(), document, root_value={"event": event}, operation_name=name)
    found = (result.data or {}).get("event")
    if not found:
        return None
    errors = [error.formatted for error in result.errors or ()]
    return {**found, "errors": errors} if errors else dict(found)


def app_node(app: InstalledApp) -> Node:
    webhooks = [
        {
            "id": webhook_id(app, place),
            "name": webhook.get("name"),
            "isActive": webhook.get("isActive", True),
            "targetUrl": webhook["targetUrl"],
            "subscriptionQuery": webhook["query"],
            "asyncEvents": [{"eventType": event} for event in webhook.get("asyncEvents") or ()],
        }
        for place, webhook in enumerate(app.webhooks)
    ]
    return {
        "__typename": "App",
        "id": app.id,
        "identifier": app.identifier,
        "name": app.name,
        "version": app.version,
        "isActive": True,
        "permissions": [{"code": code} for code in app.permissions],
        "webhooks": webhooks,
    }


def _roots(pretend: PretendSaleor, app: InstalledApp | None) -> dict[str, object]:
    def own_app(_info: object) -> Node:
        if app is None:
            raise _denied("AUTHENTICATED_APP")
        return app_node(pretend.current(app))

    found = Findings(pretend, languages())
    shop = {
        "name": pretend.name,
        "description": "",
        "version": VERSION,
        "schemaVersion": SCHEMA_VERSION,
        "domain": {"host": pretend.domain, "url": f"{pretend.url}/"},
        "languages": [{"code": code, "language": code} for code in languages()],
    }
    return {
        **mutations(pretend, app, problems_of),
        "app": own_app,
        "shop": shop,
        "channels": [objects.channel(channel) for channel in CHANNELS.values()] if app else None,
        "order": _owned(app, "MANAGE_ORDERS", lambda id="": _with_id(found.orders(), id)),
        "orders": _owned(app, "MANAGE_ORDERS", found.some_orders),
        "checkout": lambda _info, id="": found.checkout(id),
        "user": _owned(app, "MANAGE_USERS", lambda id="": _with_id(found.users(), id)),
        "product": lambda _info, id=None, **_: _product(pretend, id),
        "productVariants": lambda _info, **asked: found.variants(**asked),
    }


def _owned(app: InstalledApp | None, permission: str, find: Callable[..., object]) -> Callable[..., object]:
    """A root field that asks for a permission."""

    def resolve(_info: object, **asked: Any) -> object:
        if app is None or permission not in app.permissions:
            raise _denied(permission)
        return find(**asked)

    return resolve


def seen_by(app: InstalledApp, fields: Node) -> Node:
    """What an event tells this app: an account's orders are for those that may manage orders."""
    if "user" not in fields or "MANAGE_ORDERS" in app.permissions:
        return fields

    def orders(_info: object, **_: Any) -> object:
        raise _denied("MANAGE_ORDERS")

    return {**fields, "user": {**fields["user"], "orders": orders}}


def _with_id(nodes: Iterable[Node], id: str) -> Node | None:
    return next((node for node in nodes if node["id"] == id), None)


def _product(pretend: PretendSaleor, id: str | None) -> Node | None:
    found = next((product for product in PRODUCTS if global_id("Product", product.number) == id), None)
    return products.product(found, pretend.url) if found else None


def _denied(permission: str) -> GraphQLError:
    message = f"To access this path, you need one of the following permissions: {permission}"
    return GraphQLError(message, extensions={"exception": {"code": "PermissionDenied"}})
