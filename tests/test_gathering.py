"""Many ask, one question: each thing is asked for once, and nobody's trouble is another's."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from plugin.domain.errors import PluginError, TryAgain
from plugin.gathering import Gatherer

SECONDS = 20.0  #: far more than any of these takes; then it hangs


@dataclass
class Asked:
    """A store that answers a number with its double, and that a test can hold in the middle of a question."""

    questions: list[list[int]] = field(default_factory=list)
    before: Callable[[Sequence[int]], None] = lambda keys: None
    go_on: threading.Event = field(default_factory=threading.Event)
    is_busy: threading.Event = field(default_factory=threading.Event)

    def __call__(self, keys: Sequence[int]) -> Mapping[int, int]:
        self.questions.append(sorted(keys))
        self.is_busy.set()
        assert self.go_on.wait(SECONDS)
        self.before(keys)
        return {key: 2 * key for key in keys}


@dataclass
class Scene:
    """Callers in threads, and one who asks already."""

    pool: ThreadPoolExecutor
    gather: Gatherer[int, int] = field(default_factory=lambda: Gatherer(foreseen=PluginError))
    store: Asked = field(default_factory=Asked)

    def ask(self, *keys: int, seconds: float = SECONDS, most: int = 100, place: str = "shop") -> dict[int, int]:
        return self.gather(place, keys, self.store, until=time.monotonic() + seconds, most=lambda: most)

    def begin(self, *keys: int) -> Future[dict[int, int]]:
        """Somebody asks, and has no answer yet."""
        asking = self.pool.submit(self.ask, *keys)
        assert self.store.is_busy.wait(SECONDS)
        return asking

    def join(self, *keys: int, most: int = 100) -> Future[dict[int, int]]:
        """Somebody else asks meanwhile, and waits."""
        before = self.guests
        joined = self.pool.submit(self.ask, *keys, most=most)
        give_up_at = time.monotonic() + SECONDS
        while self.guests == before:
            assert time.monotonic() < give_up_at
            time.sleep(0.001)
        return joined

    @property
    def guests(self) -> int:
        """Of the shop, those who have joined it."""
        lane = self.gather._lanes.get("shop")
        return sum(wanted.waiting for wanted in lane._open.values()) if lane else 0


@pytest.fixture
def scene() -> Iterator[Scene]:
    with ThreadPoolExecutor(70) as pool:
        yield Scene(pool)


def test_who_is_alone_waits_for_nobody(scene: Scene) -> None:
    scene.store.go_on.set()

    assert scene.ask(1, 2) == {1: 2, 2: 4}
    assert scene.ask() == {}
    assert scene.store.questions == [[1, 2]]


def test_what_is_wanted_while_a_question_is_under_way_is_one_question(scene: Scene) -> None:
    first = scene.begin(0)
    others = [scene.join(number, number + 1) for number in range(1, 64)]

    scene.store.go_on.set()

    assert first.result(SECONDS) == {0: 0}
    assert [other.result(SECONDS) for other in others] == [
        {number: 2 * number, number + 1: 2 * number + 2} for number in range(1, 64)
    ]
    assert scene.store.questions == [[0], list(range(1, 65))]


def test_what_is_just_asked_for_is_not_asked_again(scene: Scene) -> None:
    everybody = [scene.begin(1, 2), *(scene.join(2, 1) for _ in range(20))]

    scene.store.go_on.set()

    assert [one.result(SECONDS) for one in everybody] == [{1: 2, 2: 4}] * 21
    assert scene.store.questions == [[1, 2]]


def test_a_question_is_as_large_as_it_may_be_and_the_longest_waiting_come_first(scene: Scene) -> None:
    everybody = [scene.begin(0), *(scene.join(number, most=3) for number in range(1, 8))]

    scene.store.go_on.set()

    assert all(one.result(SECONDS) for one in everybody)
    assert scene.store.questions == [[0], [1, 2, 3], [4, 5, 6], [7]]


def test_who_wants_more_than_a_question_holds_gets_all_of_it(scene: Scene) -> None:
    scene.store.go_on.set()

    assert scene.ask(*range(10), most=4) == {number: 2 * number for number in range(10)}
    assert scene.store.questions == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_one_place_waits_for_no_other(scene: Scene) -> None:
    slow, quick = scene.begin(1), Asked()
    quick.go_on.set()

    assert scene.gather("another", [1], quick, until=time.monotonic() + SECONDS, most=lambda: 9) == {1: 2}
    assert not slow.done()
    scene.store.go_on.set()
    assert slow.result(SECONDS) == {1: 2}


def test_a_foreseen_error_is_told_to_each_whom_the_question_was_for(scene: Scene) -> None:
    everybody = [scene.begin(1), scene.join(1), scene.join(1)]
    error = TryAgain("a pause", after=timedelta(seconds=7))
    error.__cause__ = OSError("broken")

    def fail(keys: Sequence[int]) -> None:
        raise error

    scene.store.before = fail
    scene.store.go_on.set()

    told = [one.exception(SECONDS) for one in everybody]
    assert [(type(one), str(one), getattr(one, "after", None)) for one in told] == [
        (TryAgain, "a pause", timedelta(seconds=7))
    ] * 3
    assert [type(one.__cause__) for one in told if one] == [OSError] * 3
    assert len({id(one) for one in told}) == 3
    assert scene.store.questions == [[1]]


def test_what_nobody_foresaw_is_the_trouble_of_one(scene: Scene) -> None:
    everybody = [scene.begin(0), *(scene.join(number) for number in range(1, 5))]

    def fail(keys: Sequence[int]) -> None:
        if 3 in keys:
            raise KeyError("a strange product")

    scene.store.before = fail
    scene.store.go_on.set()

    told = [one.exception(SECONDS) or one.result() for one in everybody]
    assert [type(one) for one in told] == [dict, dict, dict, KeyError, dict]
    assert scene.store.questions == [[0], [1, 2, 3, 4], [1], [2], [3], [4]]


def test_when_who_asks_is_killed_another_asks(scene: Scene) -> None:
    first, other, same = scene.begin(1), scene.join(2), scene.join(1)

    def kill(keys: Sequence[int]) -> None:
        scene.store.before = lambda keys: None
        raise SystemExit

    scene.store.before = kill
    scene.store.go_on.set()

    assert isinstance(first.exception(SECONDS), SystemExit)
    assert (other.result(SECONDS), same.result(SECONDS)) == ({2: 4}, {1: 2})
    assert scene.store.questions == [[1], [1, 2]]


def test_nobody_waits_longer_than_they_may(scene: Scene) -> None:
    first = scene.begin(1)

    with pytest.raises(TimeoutError):
        scene.ask(1, 2, seconds=0.05)

    scene.store.go_on.set()
    assert first.result(SECONDS) == {1: 2}
    assert scene.store.questions == [[1]]  # 2 is wanted by nobody any more


def test_who_has_no_time_left_asks_nothing(scene: Scene) -> None:
    scene.store.go_on.set()

    with pytest.raises(TimeoutError):
        scene.ask(1, seconds=0.5)

    assert scene.store.questions == []


def test_nothing_is_kept_of_a_place_nobody_asks(scene: Scene) -> None:
    scene.store.go_on.set()
    scene.ask(1)
    with pytest.raises(TimeoutError):
        scene.ask(1, seconds=0)

    assert scene.gather._lanes == {}
