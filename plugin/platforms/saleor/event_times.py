"""When something happened, and whether all of it was told.

A body is often built later than the thing happened, and `issuedAt` is when it was built: an upper bound. Only
FULFILLMENT_CREATED, FULFILLMENT_APPROVED and the customers' are built at once.
https://github.com/saleor/saleor/blob/3.23/saleor/webhook/event_types.py (is_deferred_payload)
"""

from collections.abc import Iterable
from datetime import datetime

from plugin.domain.event import SEPARATOR
from plugin.domain.payload import Payload
from plugin.domain.wording import worded

NO_TIME = "issuedAt"


def first_time(body: Payload, *moments: datetime | None) -> datetime:
    """The first of these moments there is, else when the body was built."""
    return next((moment for moment in moments if moment), None) or body.required_when(NO_TIME)


def bounded_time(body: Payload, *moments: datetime | None) -> datetime:
    """The first of these moments there is, but never later than the body was built."""
    found = first_time(body, *moments)
    return min(found, body.when(NO_TIME) or found)


def newest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def money_moved_at(order: Payload, kind: str) -> datetime | None:
    """When a payment app last reported money of this kind (`CHARGE_SUCCESS`), where the body lists it."""
    events = (event for transaction in order.objects("transactions") for event in transaction.objects("events"))
    return newest(event.when("createdAt") for event in events if event.text("type") == kind)


def partial(body: Payload, *others: str) -> str:
    """What to say when something is missing. Saleor's own words may quote data, so they are not repeated."""
    left_out = worded("Saleor left some fields out: the app may lack a permission (orders, checkouts, users).")
    return SEPARATOR.join(text for text in (left_out if body.fields.get("errors") else "", *others) if text)
