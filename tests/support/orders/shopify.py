"""An order's life as Shopify tells it: each body shows the order as it stood when it happened."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.support.orders.life import Happening, Life, State, What, at
from tests.support.orders.shopify_orders import ORDERS, bag, order, order_line
from tests.support.orders.telling import Telling, arrivals, is_told_again

TOPICS = {
    What.PLACED: "orders/create",
    What.PAID: "orders/paid",
    What.EDITED: "orders/updated",
    What.NAMED: "orders/updated",
    What.TAKEN_BACK: "orders/updated",
    What.REFUNDED: "refunds/create",
    What.NOTHING_REFUNDED: "refunds/create",
    What.REFUND_FAILED: "refunds/create",
    What.CANCELLED: "orders/cancelled",
}


def tellings(life: Life, began: datetime, chance: Random) -> list[Telling]:
    """All webhooks of this life."""
    placed = began + timedelta(seconds=life.starts)
    found: list[Telling] = []
    for about in (*life.happenings, *_naming(life)):
        for _ in range(2 if is_told_again(chance) else 1):
            found.append(_telling(life, placed, about, chance, key=f"{life.number}-{len(found)}"))
    return found


def _naming(life: Life) -> list[Happening]:
    known = life.buyer.known_after
    return [Happening(what=What.NAMED, seconds=known)] if 0 < known < float("inf") else []


def _topic(life: Life, about: Happening) -> str:
    if about.what is not What.SENT:
        return TOPICS[about.what]
    return "orders/fulfilled" if at(life, about.seconds).is_complete else "orders/partially_fulfilled"


def _telling(life: Life, placed: datetime, about: Happening, chance: Random, *, key: str) -> Telling:
    topic = _topic(life, about)
    built = about.seconds + chance.uniform(0.01, 0.2)
    if topic == "orders/create" and chance.random() < 0.1 and all(line.ordered for line in life.lines):
        built += chance.uniform(60, 3000)  # after edits; a line that was added could not be told apart
    state = at(life, built)
    body = _refund(state, placed, about) if topic == "refunds/create" else order(state, placed)
    happened = max(about.seconds, built - 1)
    return Telling(
        life=life, topic=topic, body=body, key=key, about=about, built=built, arrives=arrivals(chance, built, happened=happened)
    )


def _refund(state: State, placed: datetime, about: Happening) -> dict[str, Any]:
    life, moment = state.life, (placed + timedelta(seconds=about.seconds)).isoformat(timespec="seconds")
    return {
        "id": 9_100_000_000_000 + life.number * 10 + about.number,
        "order_id": ORDERS + life.number,
        "created_at": moment,
        "processed_at": moment,
        "refund_line_items": [
            {"id": number, "line_item_id": life.number * 100 + number, "quantity": count,
             "line_item": order_line(state, life.line(number)),
             "subtotal_set": bag(life, life.line(number).paid(count))}
            for number, count in (about.pieces or {}).items()
        ],
        "order_adjustments": [],
        "transactions": list(_transactions(life, about)),
    }  # fmt: skip


def _transactions(life: Life, about: Happening) -> Iterator[dict[str, Any]]:
    """A refund that is tried again leaves the failed one beside the one by which money went back."""
    tried = {"kind": "refund", "amount": str(about.money or 5), "currency": life.currency, "test": False}
    if about.what is What.REFUND_FAILED or (about.what is What.REFUNDED and life.number % 3 == 0):
        yield tried | {"status": "failure"}
    if about.what is What.REFUNDED:
        yield tried | {"status": "success"}
