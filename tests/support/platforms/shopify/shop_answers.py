"""What the Admin API says of one buyer's order: everything an event can want, under the names of the schema."""

from typing import Any

from tests.support.cases.shopify_answers import Nodes

ORDER = "gid://shopify/Order/5001000000001"
CUSTOMER = "gid://shopify/Customer/7001000000001"
HOME = "https://demo.example"


def bag(amount: str) -> dict[str, Any]:
    return {"presentmentMoney": money(amount)}


def money(amount: str) -> dict[str, Any]:
    return {"amount": amount, "currencyCode": "PLN"}


def a_variant(number: int, handle: str) -> dict[str, Any]:
    picture = {"preview": {"image": {"url": f"https://cdn.example/{handle}.jpg"}}}
    page = {"title": handle.title(), "handle": handle, "status": "ACTIVE", "onlineStoreUrl": f"{HOME}/products/{handle}"}
    gid = f"gid://shopify/ProductVariant/{number}"
    return {"__typename": "ProductVariant", "id": gid, "media": {"nodes": []}, "product": page | {"featuredMedia": picture}}


def a_customer() -> dict[str, Any]:
    return {
        "__typename": "Customer", "id": CUSTOMER, "legacyResourceId": "7001000000001", "locale": "pl",
        "firstName": "Zofia", "lastName": "Przykładowa", "tags": ["VIP", "hurt"],
        "defaultEmailAddress": {
            "emailAddress": "zofia@example.com", "marketingState": "SUBSCRIBED", "marketingUpdatedAt": "2026-02-01T10:00:00Z",
        },
        "numberOfOrders": "3", "amountSpent": money("412.57"),
        "lastOrder": {"legacyResourceId": "5001000000001", "createdAt": "2026-11-23T09:05:06Z"},
    }  # fmt: skip


def an_order() -> dict[str, Any]:
    where = {
        "firstName": "Zofia", "lastName": "Przykładowa", "phone": "+48 123 456 789", "countryCodeV2": "PL",
        "address1": "ul. Zmyślona 1", "address2": "m. 5", "city": "Warszawa", "zip": "00-001", "country": "Poland",
    }  # fmt: skip
    return {
        "__typename": "Order", "id": ORDER, "name": "#1027", "email": "zofia@example.com", "phone": None, "test": False,
        "createdAt": "2026-11-23T09:05:06Z", "processedAt": "2026-11-23T09:05:06Z", "customerLocale": "pl-PL",
        "customerAcceptsMarketing": True, "sourceName": "web", "checkoutToken": "c0ffee00000000000000000000000001",
        "statusPageUrl": f"{HOME}/548380009/orders/48c62d41a01/authenticate?key=0123456789abcdef",
        "totalPriceSet": bag("124.29"), "currentTotalPriceSet": bag("74.39"),
        "subtotalPriceSet": bag("114.30"), "currentSubtotalPriceSet": bag("64.40"),
        "totalTaxSet": bag("23.24"), "currentTotalTaxSet": bag("13.91"),
        "totalDiscountsSet": bag("15.00"), "currentTotalDiscountsSet": bag("10.00"), "currentShippingPriceSet": bag("9.99"),
        "discountCodes": ["JESIEN10", "WYSYLKA5"], "paymentGatewayNames": ["shopify_payments", "gift_card"],
        "note": "Proszę dzwonić dwa razy", "tags": ["prezent", "VIP"], "customAttributes": [],
        "customerJourneySummary": {
            "lastVisit": {"landingPage": f"{HOME}/?utm_source=newsletter&utm_medium=email&utm_campaign=jesie%C5%84+2026"},
        },
        "shippingLines": {"nodes": [{"code": "Kurier", "title": "Kurier InPost", "discountedPriceSet": bag("9.99")}]},
        "customer": a_customer(), "shippingAddress": where, "billingAddress": where, "lineItems": {"nodes": []},
    }  # fmt: skip


def nodes() -> Nodes:
    """All of it, by id."""
    known = [an_order(), a_customer(), a_variant(44001000000001, "kubek"), a_variant(44001000000002, "herbata")]
    return {node["id"]: node for node in known}
