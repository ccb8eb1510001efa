"""Webhook bodies of an everyday evening: our samples with ids, buyers, lines and moments of their own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from plugin.resources import PACKAGE

PRODUCTS: Final = 50  #: a shop's
ORDER, CUSTOMER, LINE = 5_000_000_000_000, 7_000_000_000_000, 14_000_000_000_000
PRODUCT, VARIANT = 8_000_000_000_000, 44_000_000_000_000
LOCALES: Final = ("pl-PL", "de-DE", "en-US", "pt-BR", "fr-CA")
CURRENCY: Final = "PLN"
FIRST, LAST = timedelta(hours=-30), timedelta(minutes=-2)  #: when a cart was begun and when an order was placed

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One buyer in one shop; everything told of them agrees."""

    number: int  #: of all visits to any shop
    now: datetime

    @property
    def email(self) -> str:
        return email(self.number)

    @property
    def locale(self) -> str:
        return LOCALES[self.number % len(LOCALES)]

    @property
    def token(self) -> str:
        return f"c0ffee{self.number:026x}"

    @property
    def cart_token(self) -> str:
        return f"hWN{self.number:020}"

    @property
    def products(self) -> Sequence[int]:
        """Numbers of the shop's products, some of which are in many baskets."""
        return [(self.number * 7 + place * place * 3) % PRODUCTS + 1 for place in range(1 + self.number % 4)]

    @property
    def total(self) -> str:
        return f"{sum(map(_price, self.products)) / 100:.2f}"

    def at(self, ago: timedelta) -> str:
        return (self.now + ago).isoformat(timespec="milliseconds")


def email(number: int) -> str:
    return f"buyer{number}@example.com"


def order(visit: Visit, sample: str, *, placed: timedelta = LAST, changed: timedelta = LAST) -> Body:
    """An order as this sample's topic tells it."""
    body, number = _sample(sample), ORDER + visit.number
    lines = [_order_line(visit, place) for place in range(len(visit.products))]
    names = ("total_price", "subtotal_price", "current_total_price", "total_line_items_price")
    parcels = [one | _parcel(visit, lines, changed) for one in body["fulfillments"]]
    return body | dict.fromkeys(names, visit.total) | {f"{name}_set": _money(visit.total) for name in names[:3]} | {
        "id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}", "name": f"#{visit.number}",
        "number": visit.number, "order_number": visit.number, "token": visit.token[:11], "cart_token": visit.cart_token,
        "checkout_token": visit.token, "email": visit.email, "contact_email": visit.email, "customer_locale": visit.locale,
        "currency": CURRENCY, "presentment_currency": CURRENCY,
        "created_at": visit.at(placed), "processed_at": visit.at(placed), "updated_at": visit.at(changed),
        "cancelled_at": body["cancelled_at"] and visit.at(changed),
        "order_status_url": f"https://demo.example/orders/{visit.number}/authenticate?key={visit.token}",
        "billing_address": _address(visit), "shipping_address": _address(visit), "customer": _customer(visit),
        "line_items": lines, "fulfillments": parcels, "note_attributes": [], "discount_applications": [], "discount_codes": [],
        "total_discounts": "0.00",
    }  # fmt: skip


def long_order(visit: Visit, lines: int) -> Body:
    """An order of so many short lines, each of a product of its own."""
    products = range(1_000, 1_000 + lines)
    told = ("product_id", "variant_id", "title", "sku")
    parts = [{name: _product(number)[name] for name in told} | {"id": LINE + number} for number in products]
    pieces = {"quantity": 1, "current_quantity": 1, "price": "9.90"}
    return order(visit, "order_created") | {"line_items": [part | pieces for part in parts]}


def checkout(visit: Visit, *, is_anonymous: bool = False) -> Body:
    """A checkout in the buyer's hands; of an anonymous one only the basket is known yet."""
    body = _sample("checkout_started__anonymous" if is_anonymous else "cart_updated")
    names = ("total_price", "subtotal_price", "total_line_items_price")
    known = {} if is_anonymous else {
        "email": visit.email, "customer": _customer(visit),
        "billing_address": _address(visit), "shipping_address": _address(visit),
    }  # fmt: skip
    return body | known | dict.fromkeys(names, visit.total) | {
        "token": visit.token, "cart_token": visit.cart_token, "customer_locale": visit.locale, "name": f"#{visit.number}",
        "currency": CURRENCY, "presentment_currency": CURRENCY,
        "created_at": visit.at(FIRST), "updated_at": visit.at(LAST),
        "abandoned_checkout_url": f"https://demo.example/checkouts/ac/{visit.token}/recover?key=0123456789abcdef",
        "line_items": [_checkout_line(visit, place) for place in range(len(visit.products))],
    }  # fmt: skip


def cart(visit: Visit) -> Body:
    """The storefront's cart, which names nobody."""
    body = _sample("cart_updated__cart_without_buyer")
    lines = [_cart_line(body["line_items"][0], product) for product in visit.products]
    moments = {"created_at": visit.at(FIRST), "updated_at": visit.at(LAST - timedelta(minutes=1))}
    return body | moments | {"id": visit.cart_token, "token": visit.cart_token, "line_items": lines}


def customer(visit: Visit) -> Body:
    return _customer(visit) | {"created_at": visit.at(FIRST), "updated_at": visit.at(LAST), "addresses": [_address(visit)]}


def refund(visit: Visit) -> Body:
    """A part of an order of last week that went back; whose it was only the store can tell."""
    body, number = _sample("order_refunded"), ORDER + visit.number
    [item, *_], [payment, *_] = body["refund_line_items"], body["transactions"]
    line, price = _order_line(visit, 0), f"{_price(visit.products[0]) / 100:.2f}"
    return body | {
        "id": 9_000_000_000_000 + visit.number, "order_id": number,
        "created_at": visit.at(LAST), "processed_at": visit.at(LAST),
        "refund_line_items": [item | {"line_item": line, "line_item_id": line["id"], "quantity": 1}],
        "transactions": [payment | {"id": number, "order_id": number, "amount": price, "currency": CURRENCY}],
    }  # fmt: skip


def encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


# ------------------------------------------------------------------ parts


@cache
def _sample(name: str) -> Body:
    """One of our samples; shared by all that are made of it, so nobody changes it."""
    body: Body = json.loads((PACKAGE / "platforms" / "shopify" / "samples" / f"{name}.json").read_bytes())
    return body


def _price(product: int) -> int:
    """In hundredths."""
    return 990 + product * 100


def _money(amount: str) -> Body:
    money = {"amount": amount, "currency_code": CURRENCY}
    return {"shop_money": money, "presentment_money": money}


def _order_line(visit: Visit, place: int) -> Body:
    line: Body = _sample("order_created")["line_items"][0]
    product = visit.products[place]
    number, price = LINE + visit.number * 100_000 + place, f"{_price(product) / 100:.2f}"
    ids = {"id": number, "admin_graphql_api_id": f"gid://shopify/LineItem/{number}"}
    pieces = {"quantity": 1, "current_quantity": 1, "fulfillable_quantity": 1}
    return line | ids | pieces | _product(product) | {"price": price, "price_set": _money(price)}


def _checkout_line(visit: Visit, place: int) -> Body:
    line: Body = _sample("cart_updated")["line_items"][0]
    product = visit.products[place]
    price, told = f"{_price(product) / 100:.2f}", _product(product)
    titles = {"presentment_title": told["title"], "presentment_variant_title": told["variant_title"]}
    prices = {"price": price, "line_price": price, "variant_price": price}
    return line | told | titles | prices | {"key": f"{told['variant_id']}:{place}", "quantity": 1}


def _cart_line(line: Body, product: int) -> Body:
    price, told = f"{_price(product) / 100:.2f}", _product(product)
    words = ("discounted_price", "line_price", "original_line_price", "original_price", "price")
    sets = ("discounted_price", "line_price", "original_line_price", "price")
    prices = dict.fromkeys(words, price) | {f"{word}_set": _money(price) for word in sets}
    return line | prices | {name: told[name] for name in ("product_id", "variant_id", "title", "sku")} | {"quantity": 1}


def _product(number: int) -> Body:
    return {
        "product_id": PRODUCT + number, "variant_id": VARIANT + number, "title": f"Kubek z żubrem, wzór {number}",
        "name": f"Kubek z żubrem, wzór {number} - Zielony", "variant_title": "Zielony", "sku": f"KUBEK-{number}",
    }  # fmt: skip


def _parcel(visit: Visit, lines: Sequence[Body], changed: timedelta) -> Body:
    number = 4_500_000_000_000 + visit.number
    return {
        "id": number, "admin_graphql_api_id": f"gid://shopify/Fulfillment/{number}", "order_id": ORDER + visit.number,
        "created_at": visit.at(changed), "updated_at": visit.at(changed), "line_items": lines,
    }  # fmt: skip


def _address(visit: Visit) -> Body:
    address: Body = _sample("cart_updated")["billing_address"]
    return address | {"phone": f"+48 60{visit.number % 10**7:07}", "address1": f"ul. Zmyślona {visit.number}"}


def _customer(visit: Visit) -> Body:
    number = CUSTOMER + visit.number
    told = {"id": number, "admin_graphql_api_id": f"gid://shopify/Customer/{number}", "email": visit.email}
    customer: Body = _sample("cart_updated")["customer"]
    return customer | told | {"default_address": customer["default_address"] | _address(visit)}
