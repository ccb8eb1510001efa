"""A cart that waits to be called abandoned: what ends its wait, and how the store says it stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

COMES_BACK: Final = timedelta(days=1)
"""Changed so long after its buyer ordered elsewhere, a cart is one they came back to.

Sooner, the change may be an echo of the visit in which they bought.
"""


class CartState(StrEnum):
    """How a cart stands, by the store's own word."""

    OPEN = "open"  #: it can still be bought, and its buyer has ordered nothing since it was begun
    BOUGHT = "bought"  #: it became an order, or its buyer ordered since it was begun
    CLOSED = "closed"  #: the store has no such cart any more
    UNKNOWN = "unknown"  #: it answered what it was asked of others, but not of this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A basket was bought: it never waits again, nor does what its buyer had begun before.

    Names of people are stored as keyed hashes only.
    """

    keys: tuple[str, ...]  #: the basket's own names
    people: tuple[str, ...] = ()  #: every name of its buyer; none where nobody came to the store, as in a renewal
    placed_at: datetime | None = None  #: None where the store does not say, and only the basket itself is settled


def is_settled_by(placed_at: datetime, *, begun_at: datetime, changed_at: datetime) -> bool:
    """Whether a buyer who placed an order then is not to be reminded of this cart: they had begun it before."""
    return begun_at <= placed_at and changed_at < placed_at + COMES_BACK
