"""What the pretend Saleor finds among its sales and products, by the real one's filters.

https://github.com/saleor/saleor/blob/3.23/saleor/graphql/order/filters.py
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from graphql import GraphQLError

from plugin.domain.kinds import Family
from plugin.sandbox.catalogue import PRODUCTS

from . import objects, products
from .ids import global_id, key_of
from .objects import SaleState
from .pretend import PICTURES, PretendSaleor, StoredSale
from .products import Node

MOST: Final = 100  #: objects of one list in one answer
Fits = Callable[[Node], bool]


class Findings:
    """The shop's things as its API finds them now."""

    def __init__(self, pretend: PretendSaleor, languages: Mapping[str, object]) -> None:
        self._pretend, self._languages = pretend, languages

    def orders(self) -> list[Node]:
        """The newest first."""
        return [objects.order(self._scene(one)) for one in self._newest_first() if one.family is Family.ORDER]

    def users(self) -> list[Node]:
        return [objects.user(self._scene(one)) for one in self._newest_first()]

    def checkout(self, id: str) -> Node | None:
        """None for one that was deleted, as any is that became an order."""
        _keys((id,), "Checkout")
        found = self.open_checkout(id)
        return objects.checkout(self._scene(found)) if found else None

    def open_checkout(self, id: str) -> StoredSale | None:
        """What its buyer could still buy."""
        carts = (one for one in self._newest_first() if one.family is Family.CART)
        return next((one for one in carts if global_id("Checkout", one.sale.checkout_uuid) == id), None)

    def some_orders(
        self,
        *,
        filter: Mapping[str, Any] | None = None,
        where: Mapping[str, Any] | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> Node:
        if filter is not None and where is not None:
            raise _wrong("Only one filtering argument (filter or where) can be specified.")
        conditions = [FILTERS[word](value) for word, value in (filter or {}).items()]
        conditions += [CONDITIONS[word](value) for word, value in (where or {}).items()]
        return _page([order for order in self.orders() if all(fits(order) for fits in conditions)], first, last, "orders")

    def variants(
        self,
        *,
        ids: Sequence[str] | None = None,
        channel: str = "",  # noqa: ARG002 all are sold in every channel
        first: int | None = None,
        last: int | None = None,
    ) -> Node:
        """Those asked for; an empty list asks for all, as in the real one."""
        _keys(ids or (), "ProductVariant")
        known = (products.variant(product, one, PICTURES) for product in PRODUCTS for one in product.variants)
        return _page([node for node in known if not ids or node["id"] in ids], first, last, "productVariants")

    def _newest_first(self) -> Iterator[StoredSale]:
        return reversed(self._pretend.sales())

    def _scene(self, one: StoredSale) -> SaleState:
        return SaleState(sale=one.sale, origin=self._pretend.url, now=one.changed_at, languages=self._languages)


def _page(nodes: list[Node], first: int | None, last: int | None, name: str) -> Node:
    number = first or last
    if not number:
        raise _wrong(f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.")
    if number > MOST:
        raise _wrong(f"Requesting {number} records on the `{name}` connection exceeds the `first` limit of {MOST} records.")
    shown = nodes[:first] if first else nodes[-number:]
    return {"edges": [{"node": node} for node in shown], "totalCount": len(nodes)}


# ------------------------------------------------------------------ filters


def _between(word: str, *, without_ends: bool) -> Callable[[Mapping[str, str]], Fits]:
    """A range; one without ends lets everything through, or nothing."""

    def made(range: Mapping[str, str]) -> Fits:
        low, high = range.get("gte"), range.get("lte")

        def fits(order: Node) -> bool:
            moment = _moment(order[word])
            return not (low and moment < _moment(low)) and not (high and moment > _moment(high))

        return fits if low or high else lambda _order: without_ends

    return made


def _among(read: Callable[[Node], str | None], kind: str = "") -> Callable[[Mapping[str, Any]], Fits]:
    """`eq` or `oneOf`, letter by letter; an empty list finds nothing."""

    def made(value: Mapping[str, Any]) -> Fits:
        wanted: Collection[str] = [value["eq"]] if "eq" in value else value.get("oneOf") or ()
        if kind:
            _keys(wanted, kind)
        return lambda order: read(order) in wanted

    return made


def _one_of_ids(word: str, kind: str) -> Callable[[Collection[str]], Fits]:
    """A list of ids; an empty one is no filter at all."""

    def made(ids: Collection[str]) -> Fits:
        _keys(ids, kind)
        return lambda order: not ids or order[word] in ids

    return made


def _customer(text: str) -> Fits:
    """SQL's ILIKE over the address, with its wildcards; an empty text is no filter. Names are not looked at here."""
    pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in text)
    return lambda order: not text or bool(re.fullmatch(pattern, order["userEmail"] or "", re.IGNORECASE | re.DOTALL))


def _user(order: Node) -> str | None:
    return (order["user"] or {}).get("id")


FILTERS: Final[Mapping[str, Callable[[Any], Fits]]] = {
    "customer": _customer,
    "updatedAt": _between("updatedAt", without_ends=True),
    "ids": _one_of_ids("id", "Order"),
    "checkoutIds": _one_of_ids("checkoutId", "Checkout"),
}
CONDITIONS: Final[Mapping[str, Callable[[Any], Fits]]] = {
    "ids": lambda ids: _among(lambda order: order["id"], "Order")({"oneOf": ids}),
    "createdAt": _between("created", without_ends=False),
    "updatedAt": _between("updatedAt", without_ends=False),
    "user": _among(_user, "User"),
    "userEmail": _among(lambda order: order["userEmail"]),
    "checkoutId": _among(lambda order: order["checkoutId"], "Checkout"),
}


def _keys(ids: Collection[str], kind: str) -> None:
    for id in ids:
        try:
            key_of(id, kind)
        except ValueError as error:
            raise _wrong(f"Invalid ID: {id}. Expected: {kind}.") from error


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(f"DateTime cannot represent value: {text!r}") from error


def _wrong(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"exception": {"code": "GraphQLError"}})
