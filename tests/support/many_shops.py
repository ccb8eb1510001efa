"""Many shops at once, each with a SendPulse account of its own, and orders of theirs."""

import json
from collections.abc import Sequence
from typing import Any

from plugin import clock
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.ports import RawWebhook, Store
from tests.support.builders import a_settings_document

FASTEST = 10  #: events a second: the most a settings file may ask for


def event_url(account: int) -> str:
    return f"https://events.sendpulse.com/events/id/{account:032x}/{account}"


def settings_document(account: int, *, rate: int = FASTEST) -> dict[str, Any]:
    """Paid orders go to this account."""
    route = {"enabled": True, "send": "json", "event_url": event_url(account), "shape": "order", "audience": "everyone"}
    return a_settings_document(events={"order_paid": route}, account={"rate_per_second": rate})


def a_crowd(store: Store, accounts: Sequence[int], *, rate: int = FASTEST) -> list[Shop]:
    """A shop for each account, installed and set up."""
    return [_settled(store, account, rate) for account in accounts]


def _settled(store: Store, account: int, rate: int) -> Shop:
    played, access = find_testkit("shopify").installation(f"shop-{account}.myshopify.com")
    shop = store.shops.install(played, access, now=clock.now())
    store.shops.write_settings(shop.id, settings_document(account, rate=rate), who="test", now=clock.now())
    return shop


def an_order(number: int) -> dict[str, Any]:
    """A paid order as Shopify tells it. Its line is of no product in the catalogue, so nobody is asked about it."""
    money = {
        "shop_money": {"amount": "34.90", "currency_code": "EUR"},
        "presentment_money": {"amount": "149.99", "currency_code": "PLN"},
    }
    line = {
        "id": number,
        "product_id": None,
        "variant_id": None,
        "title": "Kubek",
        "quantity": 1,
        "price": "34.90",
        "price_set": money,
    }
    return {
        "id": number, "name": f"#{number}", "email": f"jan{number}@example.com", "customer_locale": "pl-PL", "test": False,
        "created_at": "2026-11-23T23:30:00-05:00", "updated_at": "2026-11-23T23:30:01-05:00",
        "currency": "EUR", "presentment_currency": "PLN", "total_price": "34.90", "total_price_set": money,
        "checkout_token": f"token{number}", "line_items": [line], "note_attributes": [],
    }  # fmt: skip


def paid(shop: Shop, number: int) -> RawWebhook:
    """The signed webhook of a paid order; always the same delivery for the same number."""
    body = json.dumps(an_order(number)).encode()
    return find_testkit("shopify").webhook("orders/paid", body, shop, key=f"delivery-{number}")
