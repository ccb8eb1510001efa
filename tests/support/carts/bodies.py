"""The webhooks of a history as both platforms write them: their own samples, with what the history says in them."""

import json
from base64 import b64encode
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import plugin.platforms
from tests.support.carts.history import Telling, What

SOLD_LONG_AGO = timedelta(days=300)
PRODUCTS = 1000  #: a product for each basket
SHOPIFY_SAMPLES = {
    "checkouts/create": "checkout_started",
    "checkouts/update": "cart_updated",
    "carts/update": "cart_updated__cart_without_buyer",
    "orders/create": "order_created",
    "orders/paid": "order_paid",
    "orders/updated": "order_updated",
}
SALEOR_SAMPLES = {
    "checkout_created": "checkout_started", "checkout_updated": "cart_updated", "order_created": "order_created",
    "order_fully_paid": "order_paid", "order_updated": "order_updated",
}  # fmt: skip


def body(platform: str, telling: Telling, began: datetime, shop: int) -> bytes:
    """The webhook's body; the names of one shop's things are not those of another's."""
    write = {"shopify": _shopify, "saleor": _saleor}[platform]
    return json.dumps(write(telling, began, shop)).encode()


def _shopify(telling: Telling, began: datetime, shop: int) -> dict[str, Any]:
    checkout, cart = (f"{shop}-{name}" if name else None for name in (telling.checkout, telling.cart))
    if telling.what is What.DELETED:
        return {"token": checkout}
    found = deepcopy(_sample("shopify", SHOPIFY_SAMPLES[telling.topic]))
    found |= {"updated_at": _when(began, telling.at), "created_at": _when(began, telling.begun)}
    _fill(found["line_items"], telling)
    if telling.topic == "carts/update":
        return found | {"id": cart, "token": cart}
    found |= {"cart_token": cart, "shipping_address": None, "billing_address": None, **_shopify_buyer(telling)}
    if telling.topic.startswith("orders/"):
        sold = began + timedelta(seconds=telling.placed or 0)
        return found | {
            "id": _order_number(telling, shop), "checkout_token": checkout, "created_at": sold.isoformat(),
            "processed_at": (sold - (SOLD_LONG_AGO if telling.what is What.IMPORTED else timedelta(0))).isoformat(),
            "source_name": "subscription_contract" if telling.what is What.RENEWED else "web",
        }  # fmt: skip
    return found | {"token": checkout, "completed_at": _when(began, telling.placed) if telling.is_bought else None}


def _shopify_buyer(telling: Telling) -> dict[str, Any]:
    said = _names(telling)
    emails = [said[word] for word in ("mail", "mail2") if word in said]
    customer = {"id": int(said["id"]), "email": emails[-1] if emails else None, "phone": None} if "id" in said else None
    email, phone = (emails[0] if emails else None), said.get("phone")
    return {"email": email, "contact_email": email, "phone": phone, "sms_marketing_phone": None, "customer": customer}


def _saleor(telling: Telling, began: datetime, shop: int) -> dict[str, Any]:
    found = deepcopy(_sample("saleor", SALEOR_SAMPLES[telling.topic]))
    found["issuedAt"] = (began + timedelta(seconds=telling.at, milliseconds=1)).isoformat()
    checkout = _id("Checkout", f"5a1e0000-0000-4000-8000-{telling.basket:012}") if telling.checkout else None
    said = _names(telling)
    emails = [said[word] for word in ("mail", "mail2") if word in said]
    about = found["order" if telling.is_bought else "checkout"]
    user = {
        "id": _id("User", said.get("id", "")),
        "metadata": [],
        "email": emails[-1] if emails else "",
        "firstName": "",
        "lastName": "",
    }
    address = {"firstName": "Zofia", "lastName": "Nowak", "phone": said.get("phone", ""), "country": {"code": "PL"}}
    about |= {
        "user": user | {"languageCode": "PL"} if "id" in said else None,
        "billingAddress": address,
        "shippingAddress": None,
    }
    if "lines" in about:
        _fill(about["lines"], telling)
    if telling.is_bought:
        about |= {"id": _id("Order", str(_order_number(telling, shop))), "checkoutId": checkout}
        about |= {"userEmail": emails[0] if emails else ""}
        about |= {"origin": "BULK_CREATE" if telling.what is What.IMPORTED else "CHECKOUT"}
        told = {"created": _when(began, telling.placed or 0), "updatedAt": _when(began, telling.at)}
        return found | {"order": about | {word: when for word, when in told.items() if word in about}}
    about |= {"id": checkout, "email": emails[0] if emails else ""}
    return found | {"checkout": about | {"created": _when(began, telling.begun), "updatedAt": _when(began, telling.at)}}


def _fill(lines: list[dict[str, Any]], telling: Telling) -> None:
    """One line with the basket's product, or none."""
    del lines[0 if telling.is_empty else 1 :]
    for line in lines:
        number = PRODUCTS + telling.basket
        if "variant" in line:
            line["variant"]["product"]["id"] = _id("Product", str(number))
        line |= {"product_id": number}


def _names(telling: Telling) -> Mapping[str, str]:
    """What stands for each name of the buyer, by its word."""
    words = dict(name.split(":") for name in telling.people)
    texts = {"id": "700{}", "mail": "one-{}@example.com", "mail2": "two-{}@example.com", "phone": "+4860000000{}"}
    return {word: texts[word].format(person) for word, person in words.items()}


def _order_number(telling: Telling, shop: int) -> int:
    return 6_000_000_000_000 + shop * 10_000 + telling.order


def _when(began: datetime, seconds: int | None) -> str:
    return (began + timedelta(seconds=seconds or 0)).isoformat()


def _id(kind: str, key: str) -> str:
    return b64encode(f"{kind}:{key}".encode()).decode()


@cache
def _sample(platform: str, name: str) -> dict[str, Any]:
    folder = Path(plugin.platforms.__file__).parent / platform / "samples"
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found
