"""Shares of delays, read from a ruler."""

import pytest

from plugin.domain.delays import BOUNDS, percentile


@pytest.mark.parametrize(
    ("counts", "share", "bound"),
    [
        ({}, 0.5, None),
        ({1: 10}, 0.5, BOUNDS[1]),
        ({0: 9, 3: 1}, 0.9, BOUNDS[0]),
        ({0: 9, 3: 1}, 0.95, BOUNDS[3]),
        ({0: 1, len(BOUNDS): 9}, 0.95, float("inf")),
    ],
)
def test_a_share_of_the_delays_lies_below_its_bound(counts: dict[int, int], share: float, bound: float | None) -> None:
    assert percentile(counts, share) == bound
