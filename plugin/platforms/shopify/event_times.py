"""When something happened, as the store wrote it."""

from datetime import datetime, timedelta
from typing import Final

from plugin.domain.payload import Payload

# An app that brings a shop's history in dates each sale by `processed_at`; `created_at` is when the row was made.
LONG_AGO: Final = timedelta(hours=48)
BROUGHT_IN_WITH: Final = timedelta(hours=1)  #: a payment within this of an imported order is no payment of today


def happened(body: Payload, *names: str) -> datetime:
    """The first of these that can be read; raises `Unreadable` naming the first when there is none."""
    return next((moment for moment in map(body.when, names) if moment), None) or body.required_when(names[0])


def sale(order: Payload) -> datetime | None:
    """When the order was placed: nothing else happened to it before."""
    return order.when("processed_at") or order.when("created_at")


def is_imported(order: Payload) -> bool:
    """Whether it is a sale of long ago: measured by the order's own dates, as a webhook may merely arrive late."""
    sold, made = order.when("processed_at"), order.when("created_at")
    return sold is not None and made is not None and made - sold > LONG_AGO


def paid(order: Payload) -> datetime:
    """When it was paid; an old sale that came in already paid was paid when it was sold."""
    changed = happened(order, "updated_at", "processed_at", "created_at")
    made = order.when("created_at")
    if made and is_imported(order) and changed - made < BROUGHT_IN_WITH:
        return sale(order) or changed
    return changed
