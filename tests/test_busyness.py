"""Who computes most of the time claims seldom; who is idle, at once."""

from dataclasses import dataclass

import pytest

from plugin import busyness
from plugin.busyness import AT_EASE, BUSY, LONGEST_SECONDS, SPAN_SECONDS, Busyness


@dataclass
class Clocks:
    """A process that computes as much as a test says."""

    at: float = 1000.0
    computed: float = 7.0

    def monotonic(self) -> float:
        return self.at

    def process_time(self) -> float:
        return self.computed

    def spend(self, seconds: float, share: float) -> None:
        self.at += seconds
        self.computed += seconds * share


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(busyness, "time", clocks)
    return clocks


@pytest.mark.parametrize(
    ("share", "pause"),
    [(0.0, 0.0), (AT_EASE, 0.0), ((AT_EASE + BUSY) / 2, LONGEST_SECONDS / 2), (BUSY, LONGEST_SECONDS), (1.0, LONGEST_SECONDS)],
)
def test_the_busier_the_longer(clocks: Clocks, share: float, pause: float) -> None:
    busy = Busyness()

    clocks.spend(1.0, share)

    assert busy.pause_seconds() == pytest.approx(pause)


def test_a_moment_says_nothing(clocks: Clocks) -> None:
    busy = Busyness()

    clocks.spend(SPAN_SECONDS / 2, 1.0)
    assert busy.pause_seconds() == 0.0
    clocks.spend(SPAN_SECONDS / 2, 1.0)
    assert busy.pause_seconds() == LONGEST_SECONDS


def test_who_was_busy_long_ago_is_idle_now(clocks: Clocks) -> None:
    busy = Busyness()
    clocks.spend(1.0, 1.0)
    busy.pause_seconds()

    clocks.spend(10.0, 0.01)

    assert busy.pause_seconds() == 0.0
