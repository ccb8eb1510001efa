"""Many requests, one commit: nobody's answer is another's, and nobody waits for ever."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from plugin.domain.errors import StorageDown
from plugin.storage.db import group_commit
from plugin.storage.db.group_commit import GroupCommit

Row = dict[str, int]
SECONDS = 20.0  #: far more than any of these takes; then it hangs


class Keeper:
    """A database that says what was committed together, and that a test can hold in the middle of a commit."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.before: Callable[[Sequence[Row]], None] = lambda rows: None
        self.go_on, self.is_busy = threading.Event(), threading.Event()
        self.go_on.set()

    def __call__(self, rows: Sequence[Row]) -> list[bool]:
        self.is_busy.set()
        assert self.go_on.wait(SECONDS)
        self.before(rows)
        self.groups.append([row["number"] for row in rows])
        return [row["number"] % 2 == 0 for row in rows]


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as running:
        yield running


def busy_with_one(
    keeper: Keeper, commit: GroupCommit[Row, bool], pool: ThreadPoolExecutor, *, waiting: int
) -> list[Future[bool]]:
    """The first request is in the middle of its commit, the others wait behind it."""
    keeper.go_on.clear()
    asked = [pool.submit(commit, {"number": 0})]
    assert keeper.is_busy.wait(SECONDS)
    for number in range(1, waiting + 1):
        asked.append(pool.submit(commit, {"number": number}))
        until(partial(_are_waiting, commit, number))
    return asked


def _are_waiting(commit: GroupCommit[Row, bool], count: int) -> bool:
    return len(commit._waiting) == count


def _has(commit: GroupCommit[Row, bool], waiting: int) -> bool:
    return len(commit._waiting) == waiting


def until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.001)


def answers(asked: Sequence[Future[bool]]) -> list[bool | str]:
    """What each heard: its answer, or the error it raised."""
    heard: list[bool | str] = []
    for future in asked:
        error = future.exception(SECONDS)
        heard.append(type(error).__name__ if error else future.result())
    return heard


def a_bad_row() -> StorageDown:
    error = StorageDown("The database did not do what was asked (IntegrityError).")
    error.__cause__ = IntegrityError("INSERT", None, Exception("no such shop"))
    return error


# ------------------------------------------------------------------ who is committed with whom


def test_who_waits_is_committed_together_and_hears_its_own_answer(keeper: Keeper, pool: ThreadPoolExecutor) -> None:
    commit = GroupCommit(keeper, patience_seconds=SECONDS)
    asked = busy_with_one(keeper, commit, pool, waiting=7)

    keeper.go_on.set()

    assert answers(asked) == [True, False, True, False, True, False, True, False]
    assert keeper.groups == [[0], [1, 2, 3, 4, 5, 6, 7]]


def test_a_group_has_an_end(keeper: Keeper, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST", 3)
    commit = GroupCommit(keeper, patience_seconds=SECONDS)
    asked = busy_with_one(keeper, commit, pool, waiting=7)

    keeper.go_on.set()

    assert len(answers(asked)) == 8
    assert keeper.groups == [[0], [1, 2, 3], [4, 5, 6], [7]]


# ------------------------------------------------------------------ when it goes wrong


def test_a_bad_row_is_nobody_elses_trouble(keeper: Keeper, pool: ThreadPoolExecutor) -> None:
    def refuse_three(rows: Sequence[Row]) -> None:
        if any(row["number"] == 3 for row in rows):
            raise a_bad_row()

    keeper.before = refuse_three
    asked = busy_with_one(keeper, GroupCommit(keeper, patience_seconds=SECONDS), pool, waiting=5)

    keeper.go_on.set()

    assert answers(asked) == [True, False, True, "StorageDown", True, False]
    assert keeper.groups == [[0], [1], [2], [4], [5]]


def test_a_bug_in_one_row_is_nobody_elses_trouble(keeper: Keeper, pool: ThreadPoolExecutor) -> None:
    def stumble_over_two(rows: Sequence[Row]) -> None:
        if any(row["number"] == 2 for row in rows):
            raise ValueError

    keeper.before = stumble_over_two
    asked = busy_with_one(keeper, GroupCommit(keeper, patience_seconds=SECONDS), pool, waiting=3)

    keeper.go_on.set()

    assert answers(asked) == [True, False, "ValueError", False]


def test_when_the_database_is_away_everybody_hears_it_after_one_look(keeper: Keeper, pool: ThreadPoolExecutor) -> None:
    looks: list[int] = []

    def away(rows: Sequence[Row]) -> None:
        looks.append(len(rows))
        raise StorageDown("away")

    keeper.before = away
    asked = busy_with_one(keeper, GroupCommit(keeper, patience_seconds=SECONDS), pool, waiting=5)

    keeper.go_on.set()

    assert answers(asked) == ["StorageDown"] * 6
    assert looks == [1, 5]
    errors = [future.exception() for future in asked]
    assert len({id(error) for error in errors}) == 6  # each its own traceback


def test_a_database_that_leaves_between_single_commits_is_asked_once(keeper: Keeper, pool: ThreadPoolExecutor) -> None:
    looks: list[int] = []

    def leave_after_two(rows: Sequence[Row]) -> None:
        looks.append(len(rows))
        if len(rows) > 1:
            raise a_bad_row()
        if rows[0]["number"] >= 2:
            raise StorageDown("away")

    keeper.before = leave_after_two
    asked = busy_with_one(keeper, GroupCommit(keeper, patience_seconds=SECONDS), pool, waiting=5)

    keeper.go_on.set()

    assert answers(asked) == [True, False, *["StorageDown"] * 4]
    assert looks == [1, 5, 1, 1]


def test_who_waits_too_long_hears_it_and_is_not_stored_behind_its_back(
    keeper: Keeper, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = GroupCommit(keeper, patience_seconds=0.05)
    asked = busy_with_one(keeper, commit, pool, waiting=1)
    assert answers(asked[1:]) == ["StorageDown"]

    keeper.go_on.set()

    assert answers(asked[:1]) == [True]
    assert keeper.groups == [[0]]
    assert commit({"number": 2}) is True


def test_a_leader_that_hangs_is_replaced(keeper: Keeper, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = threading.Event()

    def hang_at_none(rows: Sequence[Row]) -> None:
        if rows[0]["number"] == 0:
            assert hanging.wait(SECONDS)

    keeper.before = hang_at_none
    commit = GroupCommit(keeper, patience_seconds=0.2)
    stuck = pool.submit(commit, {"number": 0})
    assert keeper.is_busy.wait(SECONDS)

    in_vain = pool.submit(commit, {"number": 1})
    assert answers([in_vain]) == ["StorageDown"]
    assert commit({"number": 2}) is True

    hanging.set()
    assert answers([stuck]) == [True]
    assert commit({"number": 4}) is True


class Killed(BaseException):
    """As gevent's GreenletExit: not an error anybody should swallow."""


def test_a_leader_that_is_killed_leaves_nobody_waiting(keeper: Keeper, pool: ThreadPoolExecutor) -> None:
    kills = [Killed()]

    def kill_once(rows: Sequence[Row]) -> None:
        if len(rows) > 1 and kills:
            raise kills.pop()

    keeper.before = kill_once
    commit = GroupCommit(keeper, patience_seconds=SECONDS)
    asked = busy_with_one(keeper, commit, pool, waiting=4)

    keeper.go_on.set()

    assert answers(asked) == [True, "Killed", True, False, True]
    assert keeper.groups == [[0], [2, 3, 4]]
