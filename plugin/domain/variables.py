"""Every key a body can have: its type, which kinds of events have it, and what it says. The only place that lists them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.wording import Sentence, worded


class VariableType(StrEnum):
    """SendPulse's types of variables. A key keeps its type for ever: the merchant declared it there."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  #: YYYY-MM-DD
    LIST = "list"  #: of objects, which SendPulse calls a structure


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One key."""

    name: str
    type: VariableType
    kinds: frozenset[EventKind]
    about: Sentence  #: for merchants
    example: str | int | float


_EVERY: Final = frozenset(EventKind)
_ORDERS: Final = frozenset(kind for kind in EventKind if KINDS[kind].family is Family.ORDER)
_CARTS: Final = frozenset(kind for kind in EventKind if KINDS[kind].family is Family.CART)
_CUSTOMERS: Final = frozenset(kind for kind in EventKind if KINDS[kind].family is Family.CUSTOMER)
_BASKETS: Final = _ORDERS | _CARTS
_REFUNDED: Final = frozenset({EventKind.ORDER_REFUNDED})
_CANCELLED: Final = frozenset({EventKind.ORDER_CANCELLED})
_PARCELS: Final = frozenset(kind for kind in EventKind if KINDS[kind].tells_parcels)


def _text(name: str, kinds: frozenset[EventKind], about: Sentence, example: str) -> Variable:
    return Variable(name=name, type=VariableType.TEXT, kinds=kinds, about=about, example=example)


def _number(name: str, kinds: frozenset[EventKind], about: Sentence, example: float) -> Variable:
    return Variable(name=name, type=VariableType.NUMBER, kinds=kinds, about=about, example=example)


def _amount(name: str, kinds: frozenset[EventKind], about: Sentence, example: str, written: str) -> tuple[Variable, ...]:
    """An amount as a text with a point, and as the buyer writes it."""
    as_the_buyer = worded("The same amount in the buyer’s own format.")
    return _text(name, kinds, about, example), _text(f"{name}_text", kinds, as_the_buyer, written)


def _list(name: str, kinds: frozenset[EventKind], about: Sentence) -> Variable:
    return Variable(name=name, type=VariableType.LIST, kinds=kinds, about=about, example="")


_TABLE: Final[tuple[Variable, ...]] = (
    _text("email", _EVERY, worded("The buyer’s email address."), "anna@example.com"),
    _text("phone", _EVERY, worded("The buyer’s phone number, with a plus and the country’s code."), "+48123456789"),
    _number("automation_id", _EVERY, worded("The flow in the buyer’s language. SendPulse reads this automatically."), 101),
    _text("product_name", _EVERY, worded("The product’s name in the buyer’s language."), "Red mug"),
    _number("product_id", _EVERY, worded("The product’s ID in your store."), 632910392),
    _text("product_link", _EVERY, worded("The product’s page."), "https://store.example/products/red-mug"),
    _text("product_price", _EVERY, worded("What the buyer pays for one item."), "19.99"),
    _text("product_img_url", _EVERY, worded("The product’s picture."), "https://store.example/red-mug.jpg"),
    Variable(
        name="event_date", type=VariableType.DATE, kinds=_EVERY,
        about=worded("The day it happened, in the store’s time zone."), example="2026-11-30",
    ),
    _text("event_name", _EVERY, worded("The type of event."), "order_paid"),
    _text("event_time", _EVERY, worded("The date and time it happened."), "2026-11-30T12:15:00+01:00"),
    _text("currency", _BASKETS, worded("The currency of all amounts."), "PLN"),
    _text("total", _BASKETS, worded("The total of the order or cart; for a refund, the amount returned."), "59.97"),
    _text("order_total", _REFUNDED, worded("The total of the whole order."), "119.94"),
    _text("order_id", _ORDERS, worded("The order’s ID in your store."), "5001000000001"),
    _text("order_number", _ORDERS, worded("The order’s number as the buyer knows it."), "#1001"),
    _text("order_link", _ORDERS, worded("The buyer’s order page."), "https://store.example/orders/1001"),
    _text("cart_link", _CARTS, worded("Opens the cart again."), "https://store.example/cart/recover"),
    _text("customer_name", _EVERY, worded("First and last name."), "Anna Nowak"),
    _text("first_name", _EVERY, worded("The first name."), "Anna"),
    _text("last_name", _EVERY, worded("The last name."), "Nowak"),
    _text("locale", _EVERY, worded("The buyer’s language."), "pl-PL"),
    _text("store_name", _EVERY, worded("The store’s name."), "Demo"),
    _text("store_link", _EVERY, worded("The store’s address."), "https://store.example"),
    _number("quantity", _BASKETS, worded("How many items there are, all lines together."), 3),
    _number("item_count", _BASKETS, worded("How many lines the order or cart has."), 2),
    _text("product_price_text", _BASKETS, worded("The price of one item, in the buyer’s own format."), "19,99 zł"),
    _text("total_text", _BASKETS, worded("The total in the buyer’s own format."), "59,97 zł"),
    _text("order_total_text", _REFUNDED, worded("The whole order’s total in the buyer’s own format."), "119,94 zł"),
    *_amount("subtotal", _BASKETS - _REFUNDED, worded("The subtotal, before shipping."), "59.97", "59,97 zł"),
    *_amount("tax", _ORDERS - _REFUNDED, worded("The tax in the order."), "11.21", "11,21 zł"),
    *_amount("shipping_price", _ORDERS - _REFUNDED, worded("What shipping costs."), "0.00", "0,00 zł"),
    *_amount("discount_total", _BASKETS - _REFUNDED, worded("How much the buyer saves."), "10.00", "10,00 zł"),
    _text("discount_code", _BASKETS, worded("The discount code the buyer used."), "SUMMER10"),
    _text("shipping_method", _ORDERS, worded("How the order is shipped."), "Courier"),
    _text("payment_method", _ORDERS, worded("How the buyer paid."), "BLIK"),
    _text("order_note", _ORDERS, worded("The buyer’s note on the order."), "Please ring twice"),
    _text("order_tags", _ORDERS, worded("The order’s tags, separated by commas."), "gift, vip"),
    _text("order_source", _ORDERS, worded("Where the order came from."), "web"),
    _text("utm_source", _BASKETS, worded("The visit’s source, from the link that brought the buyer."), "newsletter"),
    _text("utm_medium", _BASKETS, worded("The visit’s medium, from the link that brought the buyer."), "email"),
    _text("utm_campaign", _BASKETS, worded("The visit’s campaign, from the link that brought the buyer."), "summer"),
    _text("cancel_reason", _CANCELLED, worded("Why the order was canceled."), "customer"),
    _text("refund_reason", _REFUNDED, worded("Why the order was refunded."), "Damaged in transit"),
    _text("tracking_number", _PARCELS, worded("The newest parcel’s tracking number."), "1Z2345"),
    _text("tracking_company", _PARCELS, worded("The newest parcel’s shipping carrier."), "DHL"),
    _text("tracking_link", _PARCELS, worded("The carrier’s tracking page for the newest parcel."), "https://carrier.example/1Z2345"),
    _text("shipping_address", _BASKETS, worded("Shipping address: street and number."), "ul. Prosta 1"),
    _text("shipping_city", _BASKETS, worded("Shipping address: city."), "Warszawa"),
    _text("shipping_zip", _BASKETS, worded("Shipping address: postal code."), "00-001"),
    _text("shipping_country", _BASKETS, worded("Shipping address: country."), "Poland"),
    _number("order_count", _ORDERS | _CUSTOMERS, worded("How many orders the buyer has placed, this one included."), 2),
    _number("total_spent", _ORDERS | _CUSTOMERS, worded("What the buyer has spent in total, this order included."), 179.91),
    _text("total_spent_text", _ORDERS | _CUSTOMERS, worded("The same amount in the buyer’s own format."), "179,91 zł"),
    _text("is_first_order", _ORDERS, worded("Whether it is the buyer’s first order: yes or no."), "no"),
    _text("customer_tags", _CUSTOMERS, worded("The customer’s tags, separated by commas."), "vip"),
    _text("marketing_consent", _CUSTOMERS, worded("Whether they agreed to marketing: yes, no or unknown."), "yes"),
    _list("parcels", _PARCELS, worded("Every parcel that was shipped, newest first.")),
    _list("products", _BASKETS, worded("All products, one entry per line.")),
)  # fmt: skip

VARIABLES: Final[Mapping[str, Variable]] = {variable.name: variable for variable in _TABLE}

#: What each object of `products` has.
LINES: Final[tuple[Variable, ...]] = (
    *(VARIABLES[name] for name in ("product_name", "product_id", "product_link", "product_price", "product_img_url")),
    VARIABLES["product_price_text"],
    _number("quantity", _BASKETS, worded("How many of this item."), 2),
    _text("variant_name", _BASKETS, worded("The variant’s name."), "Large"),
    _text("bundle_name", _BASKETS, worded("The bundle it was bought as part of."), "Tea set"),
    _text("product_sku", _BASKETS, worded("The SKU (stock number)."), "MUG-RED-L"),
    *_amount("line_total", _BASKETS, worded("The price of the whole line."), "39.98", "39,98 zł"),
    *_amount("compare_at_price", _CARTS, worded("The price of one item before it was reduced."), "24.99", "24,99 zł"),
)

#: What each object of `parcels` has.
PARCELS: Final[tuple[Variable, ...]] = tuple(
    VARIABLES[name] for name in ("tracking_number", "tracking_company", "tracking_link")
)


def of_kind(kind: EventKind) -> tuple[Variable, ...]:
    """The keys a body of this kind may have, in their order."""
    return tuple(variable for variable in _TABLE if kind in variable.kinds)


NAMES: Final[Mapping[EventKind, frozenset[str]]] = {kind: frozenset(v.name for v in of_kind(kind)) for kind in EventKind}


def all_names() -> Iterable[str]:
    """Every key of ours, in bodies and in their lists: no merchant's variable may have such a name."""
    return dict.fromkeys((*VARIABLES, *(variable.name for variable in (*LINES, *PARCELS))))
