"""An order as Shopify writes it in a webhook, and as its Admin API answers it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.support.orders.life import Life, Line, Origin, State, What, at

ORDERS = 6_100_000_000_000
PRODUCTS = 7_000_000_000_000
VARIANTS = 4_400_000_000_000
OLD_DAYS = 300  #: so long ago an imported order was sold
SHOPS_RATE = 4  #: the shop's own money for one of the buyer's: plain numbers are the shop's


def order(state: State, placed: datetime) -> dict[str, Any]:
    """The body of an order's webhook."""
    life = state.life
    last = max([0.0, *(one.seconds for one in state.done)])
    cancelled = next((one.seconds for one in state.done if one.what is What.CANCELLED), None)
    return {
        "id": ORDERS + life.number,
        "name": f"#{life.number}",
        "order_number": life.number,
        "created_at": _moment(placed, 0),
        "processed_at": _moment(placed, 0 if life.origin is not Origin.IMPORT else -OLD_DAYS * 86400),
        "updated_at": _moment(placed, last),
        "cancelled_at": None if cancelled is None else _moment(placed, cancelled),
        "currency": "PLN",
        "presentment_currency": life.currency,
        "customer_locale": "pl-PL",
        "checkout_token": f"c{life.number}",
        "source_name": "web",
        "test": False,
        **_price(life, "total_price", bought_total(state)),
        **_price(life, "current_total_price", present_total(state)),
        "line_items": [order_line(state, line) for line in told_lines(state)],
        "fulfillments": list(_fulfillments(state, placed)),
        "refunds": list(_refunds(state, placed)),
        "shipping_lines": [{"title": "In the shop", "code": "pickup"}] if life.buyer.pick_up_phone else [],
        **_people(state),
    }


def order_line(state: State, line: Line) -> dict[str, Any]:
    """One line, with what was bought of it and what is left."""
    life, bought = state.life, bought_pieces(state)[line.number]
    discount = line.price * bought - line.paid(bought)
    return {
        "id": life.number * 100 + line.number,
        "product_id": PRODUCTS + line.number,
        "variant_id": VARIANTS + line.number,
        "title": f"Thing {line.number}",
        "variant_title": "Default Title",
        "sku": f"T-{line.number}",
        "quantity": bought,
        "current_quantity": left_pieces(state).get(line.number, 0),
        **_price(life, "price", line.price),
        "total_discount": "0.00",
        "discount_allocations": [_price(life, "amount", discount)] if discount else [],
    }


def bought_pieces(state: State) -> dict[int, int]:
    """What was ever in the order: a line that was reduced or removed keeps its first quantity."""
    first = {line.number: line.ordered for line in state.life.lines}
    edits = [one.pieces or {} for one in state.done if one.what is What.EDITED]
    return {number: count or max((edit.get(number, 0) for edit in edits), default=0) for number, count in first.items()}


def left_pieces(state: State) -> Mapping[int, int]:
    """What is left; cancelling takes all away, but not in every shop."""
    return {} if is_emptied(state) else state.pieces


def is_emptied(state: State) -> bool:
    return state.has(What.CANCELLED) and state.life.number % 2 == 0


def told_lines(state: State) -> list[Line]:
    return [line for line in state.life.lines if bought_pieces(state)[line.number]]


def bought_total(state: State) -> Decimal:
    life, bought = state.life, bought_pieces(state)
    return sum((life.line(number).paid(count) for number, count in bought.items()), life.shipping)


def present_total(state: State) -> Decimal:
    return Decimal(0) if is_emptied(state) else state.total


def bag(life: Life, amount: Decimal) -> dict[str, Any]:
    shops = {"amount": str(amount * SHOPS_RATE), "currency_code": "PLN"}
    return {"shop_money": shops, "presentment_money": {"amount": str(amount), "currency_code": life.currency}}


def _price(life: Life, name: str, amount: Decimal) -> dict[str, Any]:
    return {name: str(amount * SHOPS_RATE), f"{name}_set": bag(life, amount)}


def _fulfillments(state: State, placed: datetime) -> Iterator[dict[str, Any]]:
    for one in state.done:
        if one.what is What.SENT:
            yield {
                "id": 5_100_000_000_000 + state.life.number * 100 + one.number,
                "status": "success" if one in state.parcels else "cancelled",
                "created_at": _moment(placed, one.seconds),
                "line_items": [
                    order_line(state, state.life.line(number)) | {"quantity": count}
                    for number, count in (one.pieces or {}).items()
                ],
            }


def _refunds(state: State, placed: datetime) -> Iterator[dict[str, Any]]:
    """Those with lines; cancelling makes one itself."""
    for one in state.done:
        is_its_own = one.what is What.CANCELLED and is_emptied(state) and not state.has(What.REFUNDED)
        if one.pieces and (one.what is What.REFUNDED or is_its_own):
            yield {
                "created_at": _moment(placed, one.seconds),
                "refund_line_items": [
                    {"line_item_id": state.life.number * 100 + number, "quantity": count}
                    for number, count in one.pieces.items()
                ],
            }


def _people(state: State) -> dict[str, Any]:
    buyer, is_named = state.life.buyer, state.is_named
    billing = _address("Zofia", buyer.phone if buyer.phone_on == "billing" else "") if is_named else None
    shipping = _address("Zofia", buyer.phone if buyer.phone_on == "shipping" else "") if is_named else None
    if buyer.recipient_phone and is_named:
        shipping = _address("Ida", buyer.recipient_phone)
    if buyer.pick_up_phone:
        shipping = _address("Zofia" if is_named else "", buyer.pick_up_phone)
    customer = {"id": 7_100_000_000_000 + state.life.number, "first_name": "Zofia", "last_name": "Nowak", "email": buyer.email}
    return {
        "email": buyer.email if is_named else "",
        "phone": None,
        "customer": customer if is_named and state.life.number % 2 else None,
        "billing_address": billing,
        "shipping_address": shipping,
    }


def _address(first_name: str, phone: str) -> dict[str, Any]:
    return {"first_name": first_name, "last_name": "Nowak", "phone": phone, "country_code": "PL", "country": "Poland"}


def _moment(placed: datetime, seconds: float) -> str:
    return (placed + timedelta(seconds=seconds)).isoformat(timespec="seconds")


class Answers(Mapping[str, Any]):
    """What the Admin API says of these orders at this moment."""

    def __init__(self, lives: Sequence[Life], began: datetime) -> None:
        self._lives, self._began = {life.number: life for life in lives}, began
        self.now: Callable[[], datetime] = lambda: began

    def __getitem__(self, gid: str) -> dict[str, Any]:
        kind, _, number = gid.removeprefix("gid://shopify/").partition("/")
        if kind == "Order":
            return self._order(self._lives[int(number) - ORDERS])
        if kind == "ProductVariant":
            return _variant(gid, int(number) - VARIANTS)
        raise KeyError(gid)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return len(self._lives)

    def _order(self, life: Life) -> dict[str, Any]:
        placed = self._began + timedelta(seconds=life.starts)
        body = order(at(life, (self.now() - placed).total_seconds()), placed)
        same = {"name": body["name"], "email": body["email"], "phone": None, "test": False}
        renamed = {"createdAt": "created_at", "processedAt": "processed_at", "customerLocale": "customer_locale"}
        renamed |= {"sourceName": "source_name", "checkoutToken": "checkout_token"}
        return {
            "__typename": "Order",
            **same,
            **{name: body[old] for name, old in renamed.items()},
            "totalPriceSet": _bag(body["total_price_set"]),
            "currentTotalPriceSet": _bag(body["current_total_price_set"]),
            "customer": _customer(body["customer"]),
            "shippingAddress": _postal(body["shipping_address"]),
            "billingAddress": _postal(body["billing_address"]),
            "shippingLines": {"nodes": [{"code": "pickup", "title": "In the shop"}] if body["shipping_lines"] else []},
            "lineItems": {"nodes": [_node(line) for line in body["line_items"]]},
        }


def _bag(told: dict[str, Any]) -> dict[str, Any]:
    seen = told["presentment_money"]
    return {"presentmentMoney": {"amount": seen["amount"], "currencyCode": seen["currency_code"]}}


def _customer(told: dict[str, Any] | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {
        "legacyResourceId": str(told["id"]), "firstName": told["first_name"], "lastName": told["last_name"], "locale": "pl",
        "defaultEmailAddress": {"emailAddress": told["email"]} if told["email"] else None,
    }  # fmt: skip


def _postal(told: dict[str, Any] | None) -> dict[str, Any] | None:
    if told is None:
        return None
    names = {"firstName": told["first_name"], "lastName": told["last_name"]}
    return names | {"phone": told["phone"], "countryCodeV2": told["country_code"]}


def _node(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": line["title"],
        "quantity": line["quantity"],
        "currentQuantity": line["current_quantity"],
        "sku": line["sku"],
        "product": {"legacyResourceId": str(line["product_id"])},
        "variant": {"legacyResourceId": str(line["variant_id"])},
        "originalUnitPriceSet": _bag(line["price_set"]),
        "discountAllocations": [{"allocatedAmountSet": _bag(one["amount_set"])} for one in line["discount_allocations"]],
    }


def _variant(gid: str, number: int) -> dict[str, Any]:
    page = {"title": f"Thing {number}", "handle": f"thing-{number}", "status": "ACTIVE"}
    page |= {"onlineStoreUrl": f"https://store.example.com/products/thing-{number}"}
    return {"__typename": "ProductVariant", "id": gid, "media": {"nodes": []}, "product": page}
