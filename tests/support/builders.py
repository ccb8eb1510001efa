"""Things to test with: every field has a fit value, a test writes out only what it is about."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from plugin.domain.basket import Basket, Product
from plugin.domain.contact import Consent, Contact, person_names
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EVENT_URL = "https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef/7043663"


def a_contact(**changed: Any) -> Contact:
    fields: dict[str, Any] = {
        "email": "jan@example.com", "phone": None, "first_name": "Jan", "last_name": "Nowak", "consent": Consent.SUBSCRIBED,
    }  # fmt: skip
    return Contact(**(fields | changed))


def a_product(**changed: Any) -> Product:
    fields: dict[str, Any] = {
        "id": "632910392", "variant_id": "808950810", "name": "Kubek", "slug": "kubek", "quantity": 1,
        "price": Money(amount=Decimal("19.99"), currency="PLN"),
        "link": "https://demo.example/products/kubek", "image": "https://cdn.example/kubek.png",
    }  # fmt: skip
    return Product(**(fields | changed))


def a_basket(**changed: Any) -> Basket:
    fields: dict[str, Any] = {
        "keys": ("checkout:c1", "order:1001"), "products": (a_product(),), "order_id": "1001", "order_number": "#1001",
        "total": Money(amount=Decimal("19.99"), currency="PLN"),
    }  # fmt: skip
    return Basket(**(fields | changed))


def an_event(*, locale: str = "pl-PL", **changed: Any) -> StoreEvent:
    fields: dict[str, Any] = {
        "kind": EventKind.ORDER_PAID, "object_id": "1001", "happened_at": NOON, "contact": a_contact(), "basket": a_basket(),
        "locale": BuyerLocale(raw=locale, origin=LocaleOrigin.ORDER) if locale else BuyerLocale(),
    }  # fmt: skip
    fields |= changed
    contact = fields["contact"]
    emails, phones = ([contact.email or ""], [contact.phone or ""]) if contact else ([], [])
    return StoreEvent(**({"person": person_names(emails=emails, phones=phones)} | fields))


def a_cart(**changed: Any) -> StoreEvent:
    """A checkout that changed, not yet an order."""
    fields: dict[str, Any] = {
        "kind": EventKind.CART_UPDATED, "object_id": "c1", "version": "1",
        "basket": a_basket(keys=("checkout:c1",), order_id=""),
    }  # fmt: skip
    return an_event(**(fields | changed))


def a_settings_document(**changed: Any) -> dict[str, Any]:
    """The settings file that docs/merchant.md explains."""
    document: dict[str, Any] = {
        "version": 1,
        "events": {
            "order_paid": {"enabled": True, "send": "json", "event_url": EVENT_URL, "shape": "order", "audience": "everyone"},
            "cart_abandoned": {
                "enabled": True, "send": "name", "event_name": "abandoned_cart", "shape": "order",
                "audience": "subscribers", "wait_minutes": 60,
            },
        },
        "flows": [
            {"locale": "en", "automation_id": 101, "name": "English"},
            {"locale": "pl", "automation_id": 102, "name": "Polski"},
            {"locale": "pl", "automation_id": 202, "name": "Polski, carts", "event": "cart_abandoned"},
            {"locale": "en", "automation_id": 201, "name": "English, carts", "event": "cart_abandoned"},
        ],
        "no_match": {"policy": "default_flow", "automation_id": 101},
        "store": {
            "name": "Demo", "link": "https://demo.example", "product_link": "https://demo.example/{locale}/products/{slug}",
            "timezone": "Europe/Warsaw", "default_locale": "en",
        },
        "account": {"rate_per_second": 8, "client_id": "planted-client-id", "client_secret": "planted-client-secret"},
    }  # fmt: skip
    return document | changed
