"""How much of what all shops use one of them may have at the same time. Pure."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The most of a shop, and what each has already."""

    most: int
    in_hand: Mapping[int, int] = field(default_factory=dict)  #: by shop

    @property
    def passing(self) -> list[int]:
        """Shops that have their share, and are passed by."""
        return [shop_id for shop_id, number in self.in_hand.items() if number >= self.most]

    def without(self, shop_ids: Iterable[int]) -> "Share":
        """The same, as if these shops had their share."""
        return replace(self, in_hand={**self.in_hand, **dict.fromkeys(shop_ids, self.most)})

    def cut(self, found: Sequence[T], shop_of: Callable[[T], int | None]) -> list[T]:
        """Those of these that are within their shop's share, the first of each; what is no shop's has no bound."""
        counts, kept = Counter(self.in_hand), []
        for one in found:
            shop_id = shop_of(one)
            if shop_id is not None:
                counts[shop_id] += 1
                if counts[shop_id] > self.most:
                    continue
            kept.append(one)
        return kept


WHOLE = Share(most=sys.maxsize)
"""No bound."""
