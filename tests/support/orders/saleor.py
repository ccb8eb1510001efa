"""An order's life as Saleor tells it: its bodies show the order as it stood when they were built."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.support.orders.life import Happening, Life, Line, Origin, State, What, at
from tests.support.orders.saleor_answers import asked
from tests.support.orders.telling import Telling, arrivals, is_told_again

TOPICS = {
    What.DRAFT_PAID: "order_fully_paid",
    What.PLACED: "order_created",
    What.PAID: "order_fully_paid",
    What.EDITED: "order_updated",
    What.NAMED: "order_updated",
    What.SENT: "fulfillment_created",
    What.TAKEN_BACK: "order_updated",
    What.REFUNDED: "order_refunded",
    What.NOTHING_REFUNDED: "order_refunded",
    What.REFUND_FAILED: "order_updated",
    What.CANCELLED: "order_cancelled",
}
AT_ONCE = ("fulfillment_created",)  #: the one body that is not built late
ORIGINS = {Origin.SHOP: "CHECKOUT", Origin.IMPORT: "BULK_CREATE", Origin.REPLACEMENT: "REISSUE", Origin.DRAFT: "DRAFT"}
DIGITS = {"JPY": Decimal(1)}


def tellings(life: Life, began: datetime, chance: Random) -> list[Telling]:
    """All webhooks of this life."""
    placed = began + timedelta(seconds=life.starts)
    return [
        _telling(life, placed, topic, about, chance)
        for about in (*life.happenings, *_naming(life))
        for topic in _topics(life, about)
        for _ in range(2 if is_told_again(chance) else 1)
    ]


def _naming(life: Life) -> list[Happening]:
    known = life.buyer.known_after
    return [Happening(what=What.NAMED, seconds=known)] if 0 < known < float("inf") else []


def _topics(life: Life, about: Happening) -> Iterator[str]:
    yield TOPICS[about.what]
    state = at(life, about.seconds)
    if about.what is What.SENT and state.is_complete and not about.is_joined:
        yield "order_fulfilled"
    if about.what is What.REFUNDED and state.refunded == state.total:
        yield "order_fully_refunded"


def _telling(life: Life, placed: datetime, topic: str, about: Happening, chance: Random) -> Telling:
    built = about.seconds + (0.01 if topic in AT_ONCE else chance.choice([chance.uniform(0.05, 1), chance.uniform(1, 14)]))
    issued = built + chance.uniform(0.001, 0.009)  # two of the same second differ
    return Telling(
        life=life, topic=topic, body=asked(topic, _event(life, placed, topic, about, built=built, issued=issued)), key="",
        about=about, built=built, arrives=arrivals(chance, built, happened=about.seconds),
    )  # fmt: skip


def _event(life: Life, placed: datetime, topic: str, about: Happening, *, built: float, issued: float) -> dict[str, Any]:
    state = at(life, built)
    event: dict[str, Any] = {
        "__typename": "".join(word.capitalize() for word in topic.split("_")),
        "issuedAt": (placed + timedelta(seconds=issued)).isoformat(),
        "version": "3.23.28",
        "recipient": {"id": "QXBwOjc="},
        "order": _order(state, placed),
    }
    if topic == "fulfillment_created":
        event |= {"notifyCustomer": about.is_told, "fulfillment": _fulfillment(state, placed, about)}
    return event


def _order(state: State, placed: datetime) -> dict[str, Any]:
    life = state.life
    last = max([0.0, *(one.seconds for one in state.done)])
    return {
        "id": _id("Order", f"5a1e0000-0000-4000-8000-{life.number:012d}"),
        "metadata": [],
        "number": str(life.number),
        "created": (placed - timedelta(seconds=life.draft_seconds)).isoformat(),
        "updatedAt": (placed + timedelta(seconds=last)).isoformat(),
        "status": _status(state),
        "origin": ORIGINS[life.origin],
        "checkoutId": _id("Checkout", f"c{life.number}") if life.origin is Origin.SHOP else None,
        "languageCodeEnum": "PL",
        "channel": {"slug": "shop", "currencyCode": life.currency},
        "voucherCode": None,
        "shippingMethodName": None,
        "customerNote": "",
        "grantedRefunds": [],
        "total": {"gross": _money(state.total, life), "tax": _money(Decimal(0), life)},
        **dict.fromkeys(("subtotal", "shippingPrice", "undiscountedTotal")),
        "totalRefunded": _money(state.refunded, life),
        "lines": [_line(life, life.line(number), pieces) for number, pieces in state.pieces.items()],
        "fulfillments": [_fulfillment(state, placed, one) for one in state.done if one.what is What.SENT],
        "transactions": [{"name": "", "events": list(_payments(state, placed))}],
        **_people(state),
    }


def _people(state: State) -> dict[str, Any]:
    """Whose it is; an order that names nobody may have somebody's address all the same."""
    buyer, is_named = state.life.buyer, state.is_named
    billing = _address("Zofia", buyer.phone if buyer.phone_on == "billing" else "") if is_named else None
    shipping = _address("Zofia", buyer.phone if buyer.phone_on == "shipping" else "") if is_named else None
    if buyer.recipient_phone:
        shipping = _address("Ida", buyer.recipient_phone)
    if buyer.pick_up_phone:
        shipping = _address("", buyer.pick_up_phone)
    return {
        "userEmail": buyer.email if is_named else "",
        "user": None,
        "billingAddress": billing,
        "shippingAddress": shipping,
        "deliveryMethod": {"__typename": "Warehouse" if buyer.pick_up_phone else "ShippingMethod"},
        "collectionPointName": "The shop" if buyer.pick_up_phone else None,
    }


def _address(first_name: str, phone: str) -> dict[str, Any]:
    unwritten = dict.fromkeys(("streetAddress1", "streetAddress2", "city", "postalCode"), "")
    return {
        "firstName": first_name,
        "lastName": "Nowak",
        "phone": phone,
        "country": {"code": "PL", "country": "Poland"},
        **unwritten,
    }


def _status(state: State) -> str:
    if not state.has(What.PLACED):
        return "DRAFT"
    if state.has(What.CANCELLED):
        return "CANCELED"
    if state.is_complete:
        return "FULFILLED"
    if state.parcels:
        return "PARTIALLY_FULFILLED"
    edits = [one.seconds for one in state.life.of(What.EDITED)]
    return "UNCONFIRMED" if state.seconds < max(edits, default=0) else "UNFULFILLED"  # only those can be edited


def _payments(state: State, placed: datetime) -> Iterator[Mapping[str, str]]:
    types = {What.PAID: "CHARGE_SUCCESS", What.DRAFT_PAID: "CHARGE_SUCCESS", What.REFUNDED: "REFUND_SUCCESS"}
    types |= {What.REFUND_FAILED: "REFUND_FAILURE"}
    for one in state.done:
        # A draft's payment is told again once it is an order; it was made once.
        if one.what in types and not (one.what is What.PAID and state.life.origin is Origin.DRAFT):
            yield {"type": types[one.what], "createdAt": (placed + timedelta(seconds=one.seconds)).isoformat()}


def _fulfillment(state: State, placed: datetime, parcel: Happening) -> dict[str, Any]:
    life = state.life
    pieces = {number: count for number, count in (parcel.pieces or {}).items() if number in state.pieces}
    return {
        "id": _id("Fulfillment", str(life.number * 100 + parcel.number)),
        "status": "FULFILLED" if parcel in state.parcels else "CANCELED",
        "created": (placed + timedelta(seconds=parcel.seconds)).isoformat(),
        "trackingNumber": "",
        "lines": [
            {"quantity": count, "orderLine": _line(life, life.line(number), state.pieces[number])}
            for number, count in pieces.items()
        ],
    }


def _line(life: Life, line: Line, pieces: int) -> dict[str, Any]:
    variant, product = _id("ProductVariant", str(line.number)), _id("Product", str(line.number))
    paid = line.paid(pieces)
    unit = (paid / pieces).quantize(DIGITS.get(life.currency, Decimal("0.01")))
    return {
        "metadata": [],
        "productName": f"Thing {line.number}",
        "translatedProductName": "",
        "variantName": "",
        "translatedVariantName": "",
        "productSku": f"T-{line.number}",
        "productVariantId": variant,
        "quantity": pieces,
        "isGift": line.is_gift,
        "unitPrice": {"gross": _money(unit, life)},
        "totalPrice": {"gross": _money(paid, life)},
        "thumbnail": None,
        "variant": {
            "id": variant, "metadata": [], "name": "", "sku": f"T-{line.number}",
            "product": {"id": product, "metadata": [], "name": f"Thing {line.number}", "slug": "thing", "thumbnail": None},
        },
    }  # fmt: skip


def _money(amount: Decimal, life: Life) -> dict[str, Any]:
    """JSON's numbers are floats in Saleor's bodies."""
    return {"amount": float(amount), "currency": life.currency}


def _id(kind: str, key: str) -> str:
    return b64encode(f"{kind}:{key}".encode()).decode()
