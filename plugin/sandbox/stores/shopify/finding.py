"""What one shop can be asked about, and how it is found: by an id, by an address, by a search."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLError, GraphQLResolveInfo

from plugin.sandbox.buyers import BUYERS, SampleBuyer, buyer_numbered
from plugin.sandbox.catalogue import product_numbered, variant_numbered
from plugin.sandbox.sale import Sale

from . import objects, order_search
from .bodies import order_id, registered_id
from .carriers import PARCELS
from .objects import Node
from .parcels import Subscriptions, parcel

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/([0-9]{1,18})(?:\?.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopData:
    """What one shop can be asked about."""

    address: str
    name: str
    storefront: str
    scopes: tuple[str, ...]
    locales: tuple[str, ...]  #: published
    unpublished: tuple[str, ...]  #: locales that are only being translated
    market_domain: str  #: of the market that is not everybody's; "" where it has folders of the shop's own
    app_url: str
    sales: Sequence[Sale]  #: newest last
    subscribed: Subscriptions  #: to what carriers say
    ordered: frozenset[int]  #: numbers of the sales that became orders; the others are checkouts

    @property
    def orders(self) -> list[Sale]:
        return [sale for sale in self.sales if sale.number in self.ordered]


def connection(items: Sequence[Node]) -> Callable[..., Node]:
    """Pages of a list; a cursor is the number of items before it."""

    def page(_info: object, first: int | None = None, after: str | None = None, reverse: bool = False, **_: object) -> Node:
        ordered = list(reversed(items)) if reverse else list(items)
        begin = int(json.loads(after)) if after else 0
        end = begin + (first or len(ordered))
        info = {"hasNextPage": end < len(ordered), "endCursor": str(min(end, len(ordered))) if ordered else None}
        return {"nodes": ordered[begin:end], "pageInfo": info}

    return page


def orders_of(shop: ShopData, sales: Sequence[Sale], searches: list[Node]) -> Callable[..., Node]:
    """A resolver of these orders, all or those a search finds; what it left out is told in `searches`."""

    def found(info: GraphQLResolveInfo[Any], query: str = "", **paging: Any) -> Node:
        rank = _RANKS.get(paging.pop("sortKey", "ID"))
        if rank is None:
            raise GraphQLError("The pretend Shopify sorts orders by ID and CREATED_AT only.")
        search = order_search.read(query)
        if search.unknown:
            warnings = [_unknown(name) for name in search.unknown]
            searches.append({"path": info.path.as_list(), "query": query, "warnings": warnings})
        nodes = [objects.order(sale, shop.storefront) for sale in sorted(sales, key=rank) if search.finds(sale)]
        return connection(nodes)(info, **paging)

    return found


_RANKS: Final[Mapping[str, Callable[[Sale], Any]]] = {"ID": order_id, "CREATED_AT": lambda sale: (sale.began_at, sale.number)}


def _unknown(name: str) -> Node:
    return {"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}


def identified(shop: ShopData, *, id: str = "", emailAddress: str = "", phoneNumber: str = "") -> Node | None:  # noqa: N803 (GraphQL's)
    """The customer with this id or exactly this address."""
    if id:
        return find(shop, id)
    for buyer in BUYERS:
        if emailAddress.casefold() == buyer.email.casefold() != "" or phoneNumber == buyer.phone != "":
            return _customer(shop, buyer.number)
    return None


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
    return next((objects.order(sale, shop.storefront) for sale in shop.orders if order_id(sale) == number), None)


def _customer(shop: ShopData, number: int) -> Node | None:
    """Somebody who registered in a sale, or one of the sample buyers with the language of their last sale."""
    for sale in reversed(shop.sales):
        if number in (registered_id(sale), sale.buyer.number):
            return _with_orders(shop, sale.buyer, number, sale.locale)
    buyer = buyer_numbered(number)
    return _with_orders(shop, buyer, number, buyer.locale) if buyer else None


def _with_orders(shop: ShopData, buyer: SampleBuyer, number: int, locale: str) -> Node:
    theirs = [sale for sale in shop.orders if sale.buyer.number == number]
    history = objects.history(theirs, shop.storefront)
    return objects.customer(buyer, number, locale) | history | {"orders": orders_of(shop, theirs, [])}


def _parcel(shop: ShopData, number: int) -> Node | None:
    return next((parcel(sale, shop.storefront) for sale in shop.orders if PARCELS + sale.number == number), None)


_FINDERS: Final[Mapping[str, Callable[[ShopData, int], Node | None]]] = {
    "Product": _product,
    "ProductVariant": _variant,
    "Order": _order,
    "Customer": _customer,
    "Fulfillment": _parcel,
}
