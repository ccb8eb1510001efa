"""The shop's orders, checkouts, users and products as Saleor's GraphQL shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid5

from plugin.sandbox.buyers import SampleBuyer
from plugin.sandbox.sale import Sale, SaleLine

from .ids import CHANNELS, Channel, global_id, language_code
from .products import Node, image, variant

SHIPPED: Node = {"__typename": "ShippingMethod", "id": global_id("ShippingMethod", 1), "name": "Parcel"}
"""Nobody in the demo fetches what they bought."""
REFUNDED_FOR = "Damaged in transit"
CONSENT_KEY = "marketing"  #: of the metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleState:
    """A sale in a state, at the shop with this address."""

    sale: Sale
    origin: str  #: where pictures are, without a slash at its end
    now: datetime
    languages: Mapping[str, object]  #: the names of LanguageCodeEnum
    status: str = "UNFULFILLED"
    charge: str = "NONE"
    refunds: int = 0  #: how often the first line was paid back

    @property
    def language(self) -> str:
        return language_code(self.sale.locale, self.languages)

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.sale.currency]


def stamp(moment: datetime) -> str:
    """A moment as Saleor writes it: UTC, microseconds, an offset."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def money(amount: Decimal, currency: str) -> Node:
    return {"amount": float(amount), "currency": currency}


def taxed(amount: Decimal, currency: str) -> Node:
    """Gross and net are the same: the demo sells without tax."""
    price = money(amount, currency)
    return {"currency": currency, "gross": price, "net": price, "tax": money(Decimal(0), currency)}


def channel(found: Channel) -> Node:
    return {
        "id": global_id("Channel", found.number),
        "slug": found.slug,
        "name": found.name,
        "isActive": True,
        "currencyCode": found.currency,
        "defaultCountry": {"code": found.country, "country": found.country_name},
    }


def address(buyer: SampleBuyer) -> Node:
    return {
        "id": global_id("Address", buyer.number),
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "companyName": "",
        "streetAddress1": buyer.street,
        "streetAddress2": "",
        "city": buyer.city.upper(),  # Saleor's address normalisation writes capitals
        "cityArea": "",
        "postalCode": buyer.zip,
        "countryArea": "",
        "phone": buyer.phone or None,
        "country": {"code": buyer.country, "country": buyer.country_name},
    }


def consent(buyer: SampleBuyer) -> list[Node]:
    """Who agreed to marketing, where this storefront keeps it."""
    return [{"key": CONSENT_KEY, "value": "yes" if buyer.accepts_marketing else "no"}]


def user(scene: SaleState, *, is_new: bool = False) -> Node:
    """The buyer's account; who registers is new and has an id of their own."""
    buyer = scene.sale.buyer
    return {
        "__typename": "User",
        "id": global_id("User", user_number(scene.sale, is_new=is_new)),
        "email": buyer.email,
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "languageCode": scene.language,
        "isActive": True,
        "isConfirmed": True,
        "isStaff": False,
        "note": None,
        "dateJoined": stamp(scene.sale.began_at),
        "updatedAt": stamp(scene.now),
        "externalReference": None,
        "metadata": consent(buyer),
        "addresses": [address(buyer)],
        "orders": lambda _info, **_: {"totalCount": 0, "edges": []},  # they order as guests
        "defaultBillingAddress": address(buyer),
        "defaultShippingAddress": address(buyer),
    }


def user_number(sale: Sale, *, is_new: bool = False) -> int:
    return 7_400_000_000_000 + sale.number if is_new else sale.buyer.number


def order(scene: SaleState) -> Node:
    sale = scene.sale
    return {
        "__typename": "Order",
        "id": global_id("Order", sale.order_uuid),
        "number": str(sale.order_number),
        "token": str(sale.order_uuid),
        "created": stamp(sale.began_at),
        "updatedAt": stamp(scene.now),
        "status": scene.status,
        "statusDisplay": scene.status.capitalize(),
        "origin": "CHECKOUT",
        "isPaid": scene.charge == "FULL",
        "paymentStatus": "FULLY_CHARGED" if scene.charge == "FULL" else "NOT_CHARGED",
        "chargeStatus": scene.charge,
        "authorizeStatus": scene.charge,
        "userEmail": sale.buyer.email,
        "languageCodeEnum": scene.language,
        "languageCode": scene.language.lower().replace("_", "-"),
        "checkoutId": global_id("Checkout", sale.checkout_uuid),
        "redirectUrl": None,
        "customerNote": "",
        "voucherCode": None,
        "externalReference": None,
        "trackingClientId": "",
        "metadata": consent(scene.sale.buyer),
        "channel": channel(scene.channel),
        "user": None,  # the demo's buyers order as guests
        "billingAddress": address(sale.buyer),
        "shippingAddress": address(sale.buyer),
        "deliveryMethod": SHIPPED,
        "shippingMethodName": SHIPPED["name"],
        "collectionPointName": None,
        **sums(scene),
        "events": [{"type": "PLACED", "date": stamp(sale.began_at)}],
        "lines": [order_line(scene, line) for line in sale.lines],
        "fulfillments": [fulfillment(scene)] if "FULFILLED" in scene.status.split("_") else [],
    }


def sums(scene: SaleState) -> Node:
    """What an order costs, what was paid of it, and what went back."""
    sale, currency = scene.sale, scene.sale.currency
    given_back = sale.line_price(sale.lines[0]) * scene.refunds
    return {
        "total": taxed(sale.total(), currency),
        "subtotal": taxed(sale.subtotal(), currency),
        "undiscountedTotal": taxed(sale.total(), currency),
        "shippingPrice": taxed(sale.shipping(), currency),
        "totalRefunded": money(given_back, currency),
        "transactions": _transactions(scene, given_back),
        "grantedRefunds": _grants(scene, given_back),
    }


def _transactions(scene: SaleState, given_back: Decimal) -> list[Node]:
    sale = scene.sale
    moved = [("CHARGE_SUCCESS", sale.total(), sale.began_at)] if scene.charge == "FULL" else []
    moved += [("REFUND_SUCCESS", given_back, scene.now)] if given_back else []
    events = [{"type": kind, "amount": money(sum, sale.currency), "createdAt": stamp(at)} for kind, sum, at in moved]
    return [{"createdAt": stamp(sale.began_at), "name": "Card", "events": events}] if events else []


def _grants(scene: SaleState, given_back: Decimal) -> list[Node]:
    """The staff grants a refund, and says why, before the money goes back."""
    if not given_back:
        return []
    told = {"id": global_id("OrderGrantedRefund", scene.sale.number), "createdAt": stamp(scene.now)}
    return [{**told, "reason": REFUNDED_FOR, "amount": money(given_back, scene.sale.currency)}]


def order_line(scene: SaleState, line: SaleLine) -> Node:
    sale, currency = scene.sale, scene.sale.currency
    title = line.product.title
    translated = line.product.title_in(scene.language)
    return {
        "id": global_id("OrderLine", uuid5(sale.order_uuid, str(line.number))),
        "metadata": [],
        "productName": title,
        "variantName": line.variant.title,
        "translatedProductName": "" if translated == title else translated,
        "translatedVariantName": "",
        "productSku": line.variant.sku,
        "productVariantId": global_id("ProductVariant", line.variant.number),
        "quantity": line.quantity,
        "quantityFulfilled": 0,
        "isShippingRequired": True,
        "isGift": False,
        "unitPrice": taxed(sale.unit_price(line), currency),
        "undiscountedUnitPrice": taxed(sale.unit_price(line), currency),
        "totalPrice": taxed(sale.line_price(line), currency),
        "thumbnail": lambda _info, **_: image(line.product, scene.origin),
        "variant": variant(line.product, line.variant, scene.origin),
    }


def fulfillment(scene: SaleState) -> Node:
    first = scene.sale.lines[0]
    return {
        "id": global_id("Fulfillment", scene.sale.number),
        "fulfillmentOrder": 1,
        "status": "FULFILLED",
        "trackingNumber": f"DEMO{scene.sale.number % 10**9:09d}",
        "created": stamp(scene.now),
        "lines": [
            {
                "id": global_id("FulfillmentLine", scene.sale.number),
                "quantity": first.quantity,
                "orderLine": order_line(scene, first),
            }
        ],
    }


def checkout(scene: SaleState) -> Node:
    sale, currency = scene.sale, scene.sale.currency
    return {
        "__typename": "Checkout",
        "id": global_id("Checkout", sale.checkout_uuid),
        "token": str(sale.checkout_uuid),
        "created": stamp(sale.began_at),
        "updatedAt": stamp(scene.now),
        "email": sale.buyer.email or None,
        "languageCode": scene.language,
        "quantity": sum(line.quantity for line in sale.lines),
        "voucherCode": None,
        "discount": money(Decimal(0), currency),
        "authorizeStatus": "NONE",
        "chargeStatus": "NONE",
        "metadata": consent(scene.sale.buyer),
        "channel": channel(scene.channel),
        "user": None,
        "billingAddress": address(sale.buyer),
        "shippingAddress": address(sale.buyer),
        "totalPrice": taxed(sale.total(), currency),
        "subtotalPrice": taxed(sale.subtotal(), currency),
        "shippingPrice": taxed(sale.shipping(), currency),
        "deliveryMethod": SHIPPED,
        "lines": [checkout_line(scene, line) for line in sale.lines],
    }


def checkout_line(scene: SaleState, line: SaleLine) -> Node:
    sale = scene.sale
    return {
        "id": global_id("CheckoutLine", uuid5(sale.checkout_uuid, str(line.number))),
        "metadata": [],
        "quantity": line.quantity,
        "isGift": False,
        "unitPrice": taxed(sale.unit_price(line), sale.currency),
        "undiscountedUnitPrice": money(sale.unit_price(line), sale.currency),
        "totalPrice": taxed(sale.line_price(line), sale.currency),
        "variant": variant(line.product, line.variant, scene.origin),
    }
