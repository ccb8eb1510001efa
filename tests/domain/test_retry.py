"""A failed attempt is made again by the published schedule."""

from datetime import timedelta

import pytest

from plugin.domain.retry import JITTER, LONGEST_WAIT, SCHEDULE, wait_before_next


@pytest.mark.parametrize(
    ("made", "wait"), list(enumerate(SCHEDULE, start=1)), ids=[f"after {n}" for n in range(1, len(SCHEDULE) + 1)]
)
def test_each_wait_is_the_published_one_give_or_take_a_tenth(made: int, wait: timedelta) -> None:
    assert wait_before_next(made, asked=None, chance=0.5) == wait
    assert wait_before_next(made, asked=None, chance=0) == wait * (1 - JITTER)
    assert wait_before_next(made, asked=None, chance=1) == wait * (1 + JITTER)


def test_the_schedule_ends_after_ten_attempts_in_about_a_day() -> None:
    assert len(SCHEDULE) + 1 == 10
    assert timedelta(hours=24) < sum(SCHEDULE, timedelta()) < timedelta(hours=30)


@pytest.mark.parametrize("made", [0, -1, len(SCHEDULE) + 1])
def test_outside_the_schedule_nothing_is_tried_again(made: int) -> None:
    assert wait_before_next(made, asked=timedelta(hours=1), chance=0.5) is None


def test_a_longer_wait_that_sendpulse_asks_for_is_kept() -> None:
    assert wait_before_next(1, asked=timedelta(minutes=7), chance=0.5) == timedelta(minutes=7)


@pytest.mark.parametrize("asked", [timedelta(0), timedelta(seconds=1), timedelta(seconds=-60)], ids=str)
def test_a_shorter_one_does_not_hurry_us(asked: timedelta) -> None:
    assert wait_before_next(1, asked=asked, chance=0.5) == SCHEDULE[0]


def test_an_endless_one_is_not_believed() -> None:
    assert wait_before_next(1, asked=timedelta(days=365), chance=0.5) == LONGEST_WAIT
