"""When a silence is unusual for this shop."""

from datetime import timedelta

import pytest

from plugin.domain.silence import unusual_silence
from tests.support.builders import NOON

HOUR = timedelta(hours=1)
BUSY = [NOON + hour * HOUR for hour in (0, 1, 2, 3, 4, 8, 9, 10, 11, 12)]  #: the longest pause is four hours


@pytest.mark.parametrize(("hours", "is_unusual"), [(1, False), (7, False), (8, True), (100, True)])
def test_silence_is_unusual_from_twice_the_longest_one(hours: int, is_unusual: bool) -> None:
    found = unusual_silence(BUSY, BUSY[-1] + hours * HOUR)

    assert found == (hours * HOUR if is_unusual else None)


def test_a_short_night_is_never_unusual() -> None:
    every_hour = [NOON + hour * HOUR for hour in range(24)]

    assert unusual_silence(every_hour, every_hour[-1] + 5 * HOUR) is None
    assert unusual_silence(every_hour, every_hour[-1] + 6 * HOUR) == 6 * HOUR


def test_of_a_new_shop_nothing_is_concluded() -> None:
    assert unusual_silence(BUSY[:9], NOON + 900 * HOUR) is None
    assert unusual_silence([], NOON) is None
