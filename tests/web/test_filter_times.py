"""The log's filter in hours of the store's clock, also when that is put back or forward."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plugin.web.forms.delivery_filter import read_filter, time_fields

HOUR = timedelta(hours=1)
CHANGES = [
    ("Europe/Warsaw", datetime(2026, 10, 25, tzinfo=UTC)), ("Europe/Warsaw", datetime(2026, 3, 29, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, tzinfo=UTC)), ("Africa/Cairo", datetime(2026, 4, 23, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)), ("Asia/Kolkata", datetime(2026, 1, 1, tzinfo=UTC)),
]  # fmt: skip


@pytest.mark.parametrize(("zone_name", "day"), CHANGES)
def test_what_a_link_says_is_what_the_filter_reads(zone_name: str, day: datetime) -> None:
    zone = ZoneInfo(zone_name)
    for hour in range(60):
        for length in (1, 24):
            begin, end = day - 12 * HOUR + hour * HOUR, day - 12 * HOUR + (hour + length) * HOUR

            filter = read_filter(time_fields(begin, end, zone), 1, zone, limit=1).filter

            assert filter
            assert (filter.since, filter.until) == (begin, end)


def test_whole_days_are_said_as_days() -> None:
    zone = ZoneInfo("Europe/Warsaw")
    begin = datetime(2026, 10, 25, tzinfo=zone)

    assert time_fields(begin, datetime(2026, 10, 26, tzinfo=zone), zone) == {"from": "2026-10-25", "to": "2026-10-25"}
    assert time_fields(begin, None, zone) == {"from": "2026-10-25"}
    assert time_fields(begin + HOUR, None, zone) == {"from": "2026-10-25T01:00"}


def test_the_second_of_two_equal_hours_says_which_it_is() -> None:
    zone = ZoneInfo("Europe/Warsaw")
    first, second = datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)

    assert time_fields(first, second, zone) == {"from": "2026-10-25T02:00", "to": "2026-10-25T02:00+01:00"}
