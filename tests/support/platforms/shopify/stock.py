"""A pretend Admin API's things: whatever is asked for by its id is there, and says everything a question may ask."""

from collections import UserDict
from typing import Any, Final

_MONEY: Final = {"presentmentMoney": {"amount": "59.97", "currencyCode": "PLN"}}
_NO_MONEY: Final = {"presentmentMoney": {"amount": "0.00", "currencyCode": "PLN"}}
_CONSENT: Final = {"marketingState": "SUBSCRIBED", "marketingUpdatedAt": "2026-01-05T10:00:00Z"}
_PERSON: Final = {"firstName": "Anna", "lastName": "Nowak", "phone": "+48123456789", "countryCodeV2": "PL"}
_ADDRESS: Final = {"address1": "ul. Prosta 1", "address2": "", "city": "Warszawa", "zip": "00-001", "country": "Poland"}


class Stock(UserDict[str, Any]):
    """Nodes by id, made when asked for."""

    def get(self, key: str, default: Any = None) -> Any:
        """A node of the id's type; None for a type no question asks for."""
        if not key.startswith("gid://shopify/"):
            return self.data.get(key, default)
        typename, _, number = key.removeprefix("gid://shopify/").partition("/")
        make = {"Customer": _customer, "Order": _order, "Product": _product, "ProductVariant": _variant}.get(typename)
        return {"__typename": typename, "id": key, **make(number)} if make else default


def _customer(number: str) -> dict[str, Any]:
    return {
        "legacyResourceId": number, "firstName": "Anna", "lastName": "Nowak", "locale": "pl", "tags": ["vip"],
        "numberOfOrders": "2", "amountSpent": {"amount": "179.91", "currencyCode": "PLN"},
        "lastOrder": {"legacyResourceId": "1", "createdAt": "2026-01-05T10:00:00Z"},
        "defaultEmailAddress": {"emailAddress": "anna@example.com", **_CONSENT},
        "defaultPhoneNumber": {
            "phoneNumber": "+48123456789", "smsMarketingConsent": {"state": "SUBSCRIBED", "updatedAt": "2026-01-05T10:00:00Z"},
        },
    }  # fmt: skip


def _product(number: str) -> dict[str, Any]:
    page = f"https://store.example.com/products/{number}"
    return {
        "title": "Red mug", "handle": f"mug-{number}", "status": "ACTIVE", "onlineStoreUrl": page,
        "featuredMedia": _picture(number), "translations": [],
    }  # fmt: skip


def _variant(number: str) -> dict[str, Any]:
    return {"media": {"nodes": [_picture(number)]}, "selectedOptions": [], "product": _product(number)}


def _picture(number: str) -> dict[str, Any]:
    return {"preview": {"image": {"url": f"https://cdn.example.com/{number}.png"}}}


def _order(number: str) -> dict[str, Any]:
    totals = ("totalPriceSet", "subtotalPriceSet", "totalTaxSet", "totalDiscountsSet")
    return {
        "name": "#1001", "email": "anna@example.com", "phone": "+48123456789", "createdAt": "2026-01-05T10:00:00Z",
        "processedAt": "2026-01-05T10:00:00Z", "customerLocale": "pl", "customerAcceptsMarketing": True, "test": False,
        "sourceName": "web", "cartToken": None, "checkoutToken": None,
        "statusPageUrl": f"https://store.example.com/orders/{number}",
        **dict.fromkeys(totals, _MONEY), **{f"current{name[0].upper()}{name[1:]}": _MONEY for name in totals},
        "currentShippingPriceSet": _MONEY, "discountCodes": ["SUMMER10"], "paymentGatewayNames": ["BLIK"],
        "note": "Please ring twice", "tags": ["gift", "vip"], "customAttributes": [],
        "customerJourneySummary": {
            "lastVisit": {"landingPage": "https://store.example.com/?utm_source=news&utm_medium=email&utm_campaign=summer"},
        },
        "customer": _customer("7"), "shippingAddress": {**_PERSON, **_ADDRESS}, "billingAddress": _PERSON,
        "shippingLines": {
            "nodes": [{"code": "courier", "title": "Courier", "deliveryCategory": None, "discountedPriceSet": _MONEY}],
        },
        "lineItems": {"nodes": [_line()]},
    }  # fmt: skip


def _line() -> dict[str, Any]:
    return {
        "title": "Red mug", "variantTitle": "Large", "quantity": 2, "currentQuantity": 2, "sku": "MUG-RED-L",
        "lineItemGroup": {"id": "gid://shopify/LineItemGroup/1", "title": "Tea set"},
        "product": {"legacyResourceId": "632910392"}, "variant": {"legacyResourceId": "808950810"},
        "originalUnitPriceSet": _MONEY, "discountAllocations": [{"allocatedAmountSet": _NO_MONEY}],
    }  # fmt: skip
