"""Webhook bodies in the REST shape Shopify 2026-10 sends, with the keys the app reads and those that could mislead it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from plugin.sandbox.sale import Sale, SaleLine

SHOP_CURRENCY: Final = "EUR"
SHOP_LOCALE: Final = "en"
TIMEZONE: Final = ZoneInfo("Europe/Warsaw")
SHIPPING: Final = "Standard"
GATEWAYS: Final = ("manual",)
LANDING: Final = "/?utm_source=newsletter&utm_medium=email&utm_campaign=autumn"  #: the page by which all buyers came

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleState:
    """Where and when a body is made."""

    sale: Sale
    storefront: str  #: the shop's home page, without a slash at its end
    now: datetime
    turn: int = 1  #: how often this happened to this sale: tells two refunds apart

    @property
    def stamp(self) -> str:
        return stamp(self.now)

    @property
    def order_id(self) -> int:
        return order_id(self.sale)


def order_id(sale: Sale) -> int:
    """13 digits, as Shopify's of these years have."""
    return 6_000_000_000_000 + sale.number


def line_id(sale: Sale, line: SaleLine) -> int:
    return 15_000_000_000_000 + sale.number * 100 + line.number


def gid(kind: str, number: int) -> str:
    """Shopify's global id."""
    return f"gid://shopify/{kind}/{number}"


def stamp(moment: datetime) -> str:
    """A moment as Shopify's REST bodies write it: whole seconds, the shop's offset."""
    return moment.astimezone(TIMEZONE).isoformat(timespec="seconds")


def text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def money_set(sale: Sale, of: Callable[[str], Decimal]) -> Body:
    """The amount in the shop's money and in the buyer's."""
    return {
        "shop_money": {"amount": text(of(SHOP_CURRENCY)), "currency_code": SHOP_CURRENCY},
        "presentment_money": {"amount": text(of(sale.currency)), "currency_code": sale.currency},
    }


def zero(_currency: str) -> Decimal:
    return Decimal(0)


def address(sale: Sale) -> Body:
    buyer = sale.buyer
    return {
        "first_name": buyer.first_name,
        "address1": buyer.street,
        "phone": buyer.phone or None,
        "city": buyer.city,
        "zip": buyer.zip,
        "province": None,
        "country": buyer.country_name,
        "last_name": buyer.last_name,
        "address2": None,
        "company": None,
        "latitude": None,
        "longitude": None,
        "name": buyer.name,
        "country_code": buyer.country,
        "province_code": None,
    }


def registered_id(sale: Sale) -> int:
    """Who registers is new: an id of their own, unlike the customer of the orders."""
    return 7_400_000_000_000 + sale.number


def customer(scene: SaleState, number: int = 0) -> Body:
    """A customer as order, checkout and customers/* bodies carry it since 2025-01: without consent, tags and counts."""
    buyer = scene.sale.buyer
    number = number or buyer.number
    known = {"id": number + 1_000_000_000_000, "customer_id": number, "default": True}
    return {
        "id": number,
        "created_at": scene.stamp,
        "updated_at": scene.stamp,
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "state": "disabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "email": buyer.email or None,
        "phone": buyer.phone or None,
        "currency": SHOP_CURRENCY,
        "tax_exemptions": [],
        "admin_graphql_api_id": gid("Customer", number),
        "default_address": known | address(scene.sale) | {"country_name": buyer.country_name},
    }


def new_customer(scene: SaleState) -> Body:
    """customers/create."""
    return _account(customer(scene, registered_id(scene.sale)))


def changed_customer(scene: SaleState) -> Body:
    """customers/update."""
    return _account(customer(scene))


def _account(body: Body) -> Body:
    return body | {"addresses": [body["default_address"]]}
