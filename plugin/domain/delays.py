"""How long an event took to reach SendPulse, counted in steps of a ruler."""

from collections.abc import Mapping
from typing import Final

BOUNDS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds; a delay belongs to the first bound it does not pass, the longest ones to a bucket after the last."""


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The bound below which this share of the delays lies; None without any, infinity past the last bound."""
    rest = share * sum(counts.values())
    for bucket in sorted(counts):
        rest -= counts[bucket]
        if rest <= 0:
            return BOUNDS[bucket] if bucket < len(BOUNDS) else float("inf")
    return None
