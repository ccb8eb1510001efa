"""Who computes most of the time claims seldom; who is idle, at once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from plugin import busyness
from plugin.busyness import AT_EASE, BUSY, LONGEST_SECONDS, SPAN_SECONDS, Busyness


@dataclass
class Clocks:
    """A process that computes as much as a test says, and waits as long for a core."""

    scheduled: Path
    at: float = 1000.0
    computed: float = 7.0
    waited: float = 0.0

    def __post_init__(self) -> None:
        self.spend(0.0, 0.0)

    def monotonic(self) -> float:
        return self.at

    def process_time(self) -> float:
        return self.computed

    def spend(self, seconds: float, share: float, *, waiting: float = 0.0) -> None:
        self.at += seconds
        self.computed += seconds * share
        self.waited += seconds * waiting
        self.scheduled.write_text(f"{self.computed * 1e9:.0f} {self.waited * 1e9:.0f} 99\n")


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clocks:
    clocks = Clocks(tmp_path / "schedstat")
    monkeypatch.setattr(busyness, "time", clocks)
    monkeypatch.setattr(busyness, "SCHEDULED", clocks.scheduled)
    return clocks


@pytest.mark.parametrize(
    ("share", "pause"),
    [(0.0, 0.0), (AT_EASE, 0.0), ((AT_EASE + BUSY) / 2, LONGEST_SECONDS / 2), (BUSY, LONGEST_SECONDS), (1.0, LONGEST_SECONDS)],
)
def test_the_busier_the_longer(clocks: Clocks, share: float, pause: float) -> None:
    busy = Busyness()

    clocks.spend(1.0, share)

    assert busy.pause_seconds() == pytest.approx(pause)


def test_who_is_kept_from_computing_is_busy(clocks: Clocks) -> None:
    busy = Busyness()

    clocks.spend(1.0, AT_EASE / 2, waiting=BUSY - AT_EASE / 2)

    assert busy.pause_seconds() == pytest.approx(LONGEST_SECONDS)


@pytest.mark.parametrize("told", [None, "", "12\n", "ran waited times\n"])
def test_where_the_system_does_not_tell_who_waits_computing_counts(clocks: Clocks, told: str | None) -> None:
    clocks.scheduled.unlink()
    busy = Busyness()

    clocks.spend(1.0, BUSY, waiting=0.3)
    clocks.scheduled.unlink()
    if told is not None:
        clocks.scheduled.write_text(told)

    assert busy.pause_seconds() == pytest.approx(LONGEST_SECONDS)


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
