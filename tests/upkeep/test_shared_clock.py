"""Machines whose clocks differ agree on the database's time."""

from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest

from plugin import clock
from plugin.domain.errors import StorageDown
from plugin.storage import SqlStore
from plugin.upkeep.shared_clock import MEASURED_EVERY, SharedClock
from tests.support.builders import NOON


class Measured:
    """What each look at the database's clock finds; the last one stays."""

    def __init__(self, *found: timedelta | Exception) -> None:
        self.found, self.looks, self.at = list(found), 0, 0.0

    def __call__(self) -> timedelta:
        self.looks += 1
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, Exception):
            raise found
        return found

    def clock(self) -> SharedClock:
        return SharedClock(self, here=lambda: NOON, seconds=lambda: self.at)


@pytest.mark.parametrize("seconds", [-86_400, -21, 21, 86_400])
def test_a_clock_that_is_wrong_tells_the_time_of_the_database(seconds: int) -> None:
    ahead = timedelta(seconds=seconds)

    assert Measured(ahead).clock()() == NOON + ahead


def test_the_way_to_the_database_is_no_difference() -> None:
    assert Measured(timedelta(milliseconds=30)).clock()() == NOON


def test_it_is_measured_anew_each_minute() -> None:
    measured = Measured(timedelta(seconds=5), timedelta(seconds=9))
    shared = measured.clock()

    first = [shared() for _ in range(3)]
    measured.at = MEASURED_EVERY
    then = shared()

    assert first == [NOON + timedelta(seconds=5)] * 3
    assert then == NOON + timedelta(seconds=9)
    assert measured.looks == 2


def test_what_was_measured_last_holds_while_the_database_is_away() -> None:
    measured = Measured(timedelta(seconds=5), StorageDown("away"))
    shared = measured.clock()
    shared()
    measured.at = MEASURED_EVERY

    assert shared() == NOON + timedelta(seconds=5)


def test_a_difference_somebody_must_mend_is_logged(logged: list[MutableMapping[str, Any]]) -> None:
    Measured(timedelta(seconds=-7)).clock()()

    assert [(line["log_level"], line["seconds"]) for line in logged] == [("warning", -7.0)]


def test_a_database_on_this_machine_is_not_ahead(store: SqlStore) -> None:
    assert abs(store.ahead()) < timedelta(seconds=1)


def test_a_machine_whose_clock_is_late_finds_the_database_ahead(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    late = clock.now() - timedelta(hours=1)
    monkeypatch.setattr("plugin.clock.now", lambda: late)

    found = store.ahead()

    # SQLite is on this machine, with this machine's clock.
    assert abs(found - (timedelta(0) if store.database.is_sqlite else timedelta(hours=1))) < timedelta(minutes=1)
