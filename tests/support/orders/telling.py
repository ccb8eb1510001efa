"""Webhooks as a store sends them: built now or late, shuffled, repeated, some of them much later."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.support.orders.life import Happening, Life

WINDOW_SECONDS = 6.0  #: what happens together arrives in any order within so many seconds
LATEST_SECONDS = 20.0  #: and never later than this after it happened, but for those that are much later
MUCH_LATER = (60.0, 400.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One webhook about one order."""

    life: Life
    topic: str
    body: Mapping[str, Any]
    key: str  #: the delivery's name, where the platform names them
    about: Happening
    built: float  #: seconds after its order was placed: what the body shows
    arrives: tuple[float, ...]  #: the same; more than one where it is repeated

    @property
    def first(self) -> float:
        return min(self.arrives)

    @property
    def names_buyer(self) -> bool:
        """Whether it names somebody who can be written to."""
        buyer = self.life.buyer
        return self.built >= buyer.known_after and bool(buyer.email or buyer.told_phone)


def arrivals(chance: Random, built: float, *, happened: float) -> tuple[float, ...]:
    """When it arrives: soon, sometimes much later, sometimes again."""
    latest = max(happened + LATEST_SECONDS, built + 0.1)
    first = min(built + chance.uniform(0.05, WINDOW_SECONDS), latest)
    if chance.random() < 0.03:
        first = built + chance.uniform(*MUCH_LATER)
    again = [first + chance.uniform(0.01, 40) for _ in range(2) if chance.random() < 0.08]
    return (first, *again)


def is_told_again(chance: Random) -> bool:
    """Whether a store tells the same thing once more, under another name."""
    return chance.random() < 0.08
