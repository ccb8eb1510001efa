"""What crosses the edges of carts that wait to be called abandoned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plugin.domain.event import StoreEvent
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Start the wait of a basket, or let it go on longer. Its people's names are stored as keyed hashes only."""

    keys: tuple[str, ...]  #: the basket's own names
    people: tuple[str, ...] = ()  #: every name of its buyer
    wait: timedelta  #: how long the basket must be quiet
    not_before: datetime | None = None  #: it rings no sooner, even when the merchant shortens the wait
    only_moves: bool = False  #: nobody is known to write to: a wait that has begun goes on longer, and none begins


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTimers:
    """This basket is no longer one that may be bought: it was emptied, or its checkout was deleted."""

    keys: tuple[str, ...]
    at: datetime  #: what changed later is news again
    code: ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTimer:
    """A cart that has been quiet long enough."""

    id: int
    shop: Shop
    event: StoreEvent  #: the newest event of the cart
    changed_at: datetime  #: the last change of it that is known, which a storefront may have told without its buyer
    asked_at: datetime | None = None  #: when the store was first asked about it in vain


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCarts:
    """Due carts of one shop, claimed by a worker."""

    shop: Shop
    settings: ShopSettings
    access: Mapping[str, Any]
    carts: tuple[DueTimer, ...]

    @property
    def id(self) -> int:
        return self.shop.id

    @property
    def is_poison_suspect(self) -> bool:
        """Never: a timer becomes an event as it is, and nothing of it is read meanwhile."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCart:
    """A cart that waits, as its merchant reads it."""

    event: StoreEvent
    changed_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCarts:
    """What waits in one shop to be called abandoned."""

    number: int
    carts: tuple[WaitingCart, ...]  #: those due next, as many as were asked for
