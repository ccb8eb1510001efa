"""How much one question may ask for, so that Shopify neither refuses it nor lets the shop wait for points.

Every answer tells what its question cost and what is left in the shop's bucket.
https://shopify.dev/docs/api/usage/limits
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Final

from .api import Cost

MOST_IDS: Final = 250  #: of one `nodes`
MOST_POINTS: Final = 1000  #: of one query, whatever the bucket holds
UNTRIED: Final = 51  #: ids, before an answer has told what one costs: as many as one event may ask for
LEAST: Final = 10  #: ids: so few are worth a wait of less than a second
MOST_SHOPS: Final = 10_000

Place = tuple[int, str]  #: a shop, and the query: each query costs its own


@dataclass(frozen=True, slots=True)
class _Told:
    """What the last answer told."""

    points_each: float
    cost: Cost
    at: float


class Budget:
    """Of every shop this process has asked lately."""

    def __init__(self, *, seconds_now: Callable[[], float] = monotonic) -> None:
        self._now = seconds_now
        self._told: dict[Place, _Told] = {}
        self._lock = Lock()

    def most(self, place: Place) -> int:
        """How many ids the next question may name."""
        told = self._told.get(place)
        if told is None:
            return UNTRIED
        in_bucket = told.cost.available + told.cost.restore_rate * (self._now() - told.at)
        most = min(MOST_IDS, int(MOST_POINTS / told.points_each))
        return max(1, min(most, max(LEAST, int(in_bucket / told.points_each))))

    def note(self, place: Place, cost: Cost | None, *, ids: int) -> None:
        """What a question of so many ids cost."""
        if cost is None or cost.requested <= 0:
            return
        with self._lock:
            if len(self._told) >= MOST_SHOPS:
                self._told.clear()
            self._told[place] = _Told(cost.requested / ids, cost, self._now())
