"""Asking a shop's Saleor about its carts: is the checkout still there, and has its buyer ordered since?

A checkout that became an order is deleted, and `Order.checkoutId` names it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, Final

from plugin.domain.carts import CartState, is_settled_by
from plugin.domain.contact import person_names
from plugin.domain.errors import GiveUp, Misconfigured, TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.payload import Payload
from plugin.domain.wording import worded
from plugin.ports import LookupContext
from plugin.ports.platforms import CART_QUESTION_SECONDS

from .api import Api
from .event_times import newest
from .ids import checkout_of, global_id, primary_key
from .order_events import draft, is_sale
from .releases import Release, release

# Each costs its shop about 130 of the 50,000 points a query may cost.
# https://github.com/saleor/saleor/blob/3.23/saleor/graphql/query_cost_map.py
MOST_AT_ONCE: Final = 50
MOST_BYTES: Final = 2 * 1024 * 1024  #: of an answer about so many
WHERE_SINCE: Final = (3, 22, 0)  #: `orders(where:)`; what stands in its place before holds on all of them, but is deprecated
FILLED_IN: Final = "PLACED_FROM_DRAFT"  #: the event of an order that was a draft until then
NO_TOKEN: Final = worded("This app has no access token for your Saleor.")

_FOLDER: Final = Path(__file__).parent / "operations"
_PARTS: Final = re.compile(r"query CartQuestions\((?P<variables>.*?)\) \{\n(?P<fields>.*?)^\}\n(?P<fragments>.*)", re.S | re.M)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_CUSTOMER, _PERSON = "customer:", "person:"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cart:
    """What is asked of one cart, and what its answer is judged by."""

    checkout: str  #: its primary key, which is a UUID
    names: frozenset[str]  #: of its buyer
    begun_at: datetime
    changed_at: datetime

    @property
    def users(self) -> list[str]:
        """The ids of the buyer's accounts; none for a guest."""
        keys = (name.removeprefix(_CUSTOMER) for name in sorted(self.names) if name.startswith(_CUSTOMER))
        return [global_id("User", key) for key in keys if key.isascii() and key.isdigit()]

    @property
    def addresses(self) -> list[str]:
        """The buyer's e-mail addresses, in small letters."""
        return [name.removeprefix(_PERSON) for name in sorted(self.names) if name.startswith(_PERSON) and "@" in name]


class CartQuestions:
    """Asks about many carts of a shop at once, of a Saleor of any version."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def states(self, carts: Sequence[StoreEvent], place: LookupContext) -> tuple[CartState, ...]:
        """How each of these carts stands; raises `TryAgain` or `GiveUp`."""
        if not place.access.get("token"):
            raise GiveUp(NO_TOKEN)
        asked = {number: cart for number, event in enumerate(carts) if (cart := _cart(event))}
        numbers, until = list(asked), monotonic() + CART_QUESTION_SECONDS
        found = dict[int, CartState]()
        for start in range(0, len(numbers), MOST_AT_ONCE):
            some = {number: asked[number] for number in numbers[start : start + MOST_AT_ONCE]}
            data = self._answer(some, place, seconds=until - monotonic())
            found |= {number: _state(cart, number, data) for number, cart in some.items()}
        if found and set(found.values()) == {CartState.UNKNOWN}:
            raise GiveUp(worded("Your Saleor does not say which orders it has received."))
        return tuple(found.get(number, CartState.OPEN) for number in range(len(carts)))

    def _answer(self, carts: Mapping[int, _Cart], place: LookupContext, *, seconds: float) -> Payload:
        if seconds <= 0:
            raise TryAgain("The shop's API answers too slowly.")
        address, token = str(place.access.get("api_url") or place.shop.address), str(place.access["token"])
        query, variables = _question(carts, release(str(place.access.get("version") or "")))
        try:
            return self._api.whole_answer(address, token, query, variables, seconds=seconds, most_bytes=MOST_BYTES)
        except Misconfigured as error:
            raise GiveUp(str(error)) from error


def _cart(event: StoreEvent) -> _Cart | None:
    """None where no checkout of a Saleor stands behind the event."""
    checkout = checkout_of(event.basket.keys) if event.basket else ""
    if not _UUID.fullmatch(checkout):
        return None
    contact = event.contact
    names = event.person or person_names(emails=(contact.email or "",) if contact else ())
    begun_at = event.begun_at or event.happened_at
    return _Cart(checkout=checkout, names=frozenset(names), begun_at=begun_at, changed_at=event.happened_at)


# ------------------------------------------------------------------ the question


def _question(carts: Mapping[int, _Cart], version: Release) -> tuple[str, dict[str, Any]]:
    """The file's query, which asks about cart 0, made to ask about each of these by its number."""
    folder, people = (_FOLDER, _exactly) if version >= WHERE_SINCE else (_FOLDER / "before_3_22", _roughly)
    one = _one_cart(folder)
    variables, fields = (", ".join(_numbered(one["variables"], carts)), "".join(_numbered(one["fields"], carts)))
    told = {
        f"{name}_{number}": value
        for number, cart in carts.items()
        for name, value in {**_of_any_version(cart), **people(cart)}.items()
    }
    return f"query CartQuestions({variables}) {{\n{fields}}}\n{one['fragments']}", told


@cache
def _one_cart(folder: Path) -> Mapping[str, str]:
    found = _PARTS.fullmatch((folder / "CartQuestions.graphql").read_text(encoding="utf-8"))
    assert found
    return found.groupdict()


def _numbered(text: str, numbers: Iterable[int]) -> Iterator[str]:
    return (text.replace("_0", f"_{number}") for number in numbers)


def _of_any_version(cart: _Cart) -> Mapping[str, str]:
    return {"checkout": global_id("Checkout", cart.checkout), "since": cart.begun_at.astimezone(UTC).isoformat()}


def _exactly(cart: _Cart) -> Mapping[str, list[str]]:
    """By accounts and addresses; these are compared letter by letter, and an order keeps its own as it was typed."""
    return {"users": cart.users, "addresses": [spelling for address in cart.addresses for spelling in _spellings(address)]}


def _spellings(address: str) -> Iterable[str]:
    """How people type an address: telephones begin it with a capital letter, some write both their names so."""
    name, at, host = address.partition("@")
    return dict.fromkeys((address, address.capitalize(), f"{name.title()}{at}{host}", address.upper()))


def _roughly(cart: _Cart) -> Mapping[str, str]:
    """By what resembles a customer's address or name: the filter finds too many, never too few.

    An empty text would find every order of the shop; nobody is called like a checkout.
    """
    addresses = cart.addresses or [cart.checkout]
    return {"user": addresses[-1], "address": addresses[0]}


# ------------------------------------------------------------------ the answer


def _state(cart: _Cart, number: int, data: Payload) -> CartState:
    found = [_orders(data, f"{word}_{number}") for word in ("became", "ofUser", "ofAddress")]
    became, *of_buyer = (orders or [] for orders in found)
    if any(primary_key(order.text("checkoutId")) == cart.checkout for order in became):
        return CartState.BOUGHT
    visits = [placed_at for orders in of_buyer for order in orders if (placed_at := _visited_at(order, cart))]
    if any(is_settled_by(placed_at, begun_at=cart.begun_at, changed_at=cart.changed_at) for placed_at in visits):
        return CartState.BOUGHT
    if None in found or f"checkout_{number}" not in data.fields:
        return CartState.UNKNOWN
    return CartState.OPEN if data.object(f"checkout_{number}") else CartState.CLOSED


def _orders(data: Payload, name: str) -> list[Payload] | None:
    """Those found under this name, drafts left out; None when the shop does not say."""
    if not isinstance(data.object(name).fields.get("edges"), list):
        return None
    nodes = (edge.object("node") for edge in data.object(name).objects("edges"))
    return [order for order in nodes if draft(order, None) is None]


def _visited_at(order: Payload, cart: _Cart) -> datetime | None:
    """When the cart's buyer placed this order; None for another's, and for one that nobody came to the store for."""
    user = order.object("user")
    names = person_names(customer_id=primary_key(user.text("id")), emails=(order.text("userEmail"), user.text("email")))
    if cart.names.isdisjoint(names) or not is_sale(order):
        return None
    completed = (event.when("date") for event in order.objects("events") if event.text("type") == FILLED_IN)
    return newest(completed) or order.when("created")
