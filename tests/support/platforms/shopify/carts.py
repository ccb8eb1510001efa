"""Carts to ask a shop about, and the sample buyers who may have ordered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from plugin.domain.event import StoreEvent
from plugin.sandbox.buyers import BUYERS
from tests.support.builders import NOON, a_basket, a_cart

HOUR: Final = timedelta(hours=1)
ZOFIA, JUERGEN = BUYERS[:2]
MOST_CARTS: Final = 50  #: that are asked about at once


def the_cart(*keys: str, person: Sequence[str] = (), begun_at: datetime | None = NOON - HOUR, **changed: Any) -> StoreEvent:
    """A cart that was begun an hour ago, of nobody and nothing that is known."""
    fields: dict[str, Any] = {"contact": None, "begun_at": begun_at, "happened_at": NOON - HOUR / 2}
    return a_cart(basket=a_basket(keys=keys, order_id=""), person=tuple(person), **(fields | changed))
