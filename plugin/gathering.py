"""What is asked at the same time is asked by one question."""

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Final, Generic, TypeVar

LEAST_SECONDS: Final = 1.0  #: whoever has less time left asks no more: the others would share its failure

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Wanted(Generic[V]):
    """One thing that is asked for, and what became of it."""

    __slots__ = ("answer", "error", "is_asked_alone", "is_done", "waiting")

    def __init__(self) -> None:
        self.waiting = 0  #: how many wait for it
        self.is_done, self.is_asked_alone = False, False
        self.answer: V
        self.error: Exception | None = None

    def finish(self, *, error: Exception) -> None:
        self.error, self.is_done = error, True

    def told(self) -> V:
        """The answer; raises why there is none."""
        if self.error:
            raise _own(self.error)
        return self.answer


class _Lane(Generic[K, V]):
    """What is asked of one place; at most one question is under way."""

    def __init__(self) -> None:
        self.changed = threading.Condition()  # under gevent's patching this is one among greenlets
        self.guests = 0  #: callers who are in it
        self._open: dict[K, _Wanted[V]] = {}  # the longest waiting first
        self._under_way: frozenset[K] = frozenset()
        self._is_led = False

    def join(self, keys: Iterable[K]) -> dict[K, _Wanted[V]]:
        """What becomes of these keys; whatever is asked for already is not asked for twice."""
        with self.changed:
            mine = {key: self._open.setdefault(key, _Wanted()) for key in keys}
            for wanted in mine.values():
                wanted.waiting += 1
            return mine

    def leave(self, mine: Mapping[K, _Wanted[V]]) -> None:
        """What nobody waits for any more is not asked for."""
        with self.changed:
            for wanted in mine.values():
                wanted.waiting -= 1
            self._tidy(mine)

    def must_lead(self, mine: Mapping[K, _Wanted[V]], until: float) -> bool:
        """Wait: True when the caller is to ask next, False when all of it is told; raises `TimeoutError`."""
        with self.changed:
            self.changed.wait_for(lambda: not self._is_led or _is_told(mine), max(0.0, until - time.monotonic()))
            if _is_told(mine):
                return False
            if self._is_led or until - time.monotonic() < LEAST_SECONDS:
                raise TimeoutError("Others' questions took all the time.")
            self._is_led = True
            return True

    def take(self, most: int) -> Sequence[K]:
        """What the next question is about."""
        with self.changed:
            first = next(iter(self._open))
            together = [key for key, wanted in self._open.items() if not wanted.is_asked_alone]
            taken = [first] if self._open[first].is_asked_alone else together[:most]
            self._under_way = frozenset(taken)
            return taken

    def tell(self, found: Mapping[K, V]) -> None:
        with self.changed:
            for key in self._under_way:
                wanted = self._open[key]
                wanted.answer, wanted.is_done = found[key], True

    def fail(self, error: Exception, *, is_of_all: bool) -> None:
        """An error nobody foresaw may be one key's fault: then each is asked for by itself."""
        with self.changed:
            for wanted in map(self._open.__getitem__, self._under_way):
                if is_of_all or len(self._under_way) == 1:
                    wanted.finish(error=error)
                else:
                    wanted.is_asked_alone = True

    def hand_over(self) -> None:
        """Whatever happened: whoever asks may be killed at any time; then the others' keys wait for the next question."""
        with self.changed:
            asked, self._under_way, self._is_led = self._under_way, frozenset(), False
            self._tidy(asked)
            self.changed.notify_all()

    def _tidy(self, keys: Iterable[K]) -> None:
        for key in keys:
            wanted = self._open.get(key)
            if wanted and key not in self._under_way and (wanted.is_done or not wanted.waiting):
                del self._open[key]


class Gatherer(Generic[K, V]):
    """Whoever asks while a question to the same place is under way waits for the next one, which asks for all that wait.

    Each thing is asked for once, however many want it. There is no thread of its own: one of those who wait asks for
    all of them, and whoever is alone waits for nobody. No place waits for another.
    """

    def __init__(self, *, foreseen: type[Exception]) -> None:
        """An error of this kind is told to all whom the question was for, each an exception of its own."""
        self._foreseen = foreseen
        self._lanes: dict[Hashable, _Lane[K, V]] = {}
        self._guard = threading.Lock()  # of the lanes; held for a moment only

    def __call__(
        self,
        place: Hashable,
        keys: Iterable[K],
        ask: Callable[[Sequence[K]], Mapping[K, V]],
        *,
        until: float,
        most: Callable[[], int],
    ) -> dict[K, V]:
        """What `ask` answers for each of these; raises what it raises, and `TimeoutError` when others took the time.

        `ask` is given others' keys too, at most as many as `most` says then, and answers for each. `until` is monotonic.
        """
        lane = self._entered(place)
        mine = lane.join(keys)
        try:
            while lane.must_lead(mine, until):
                self._ask_next(lane, ask, most())
        finally:
            lane.leave(mine)
            self._left(place, lane)
        return {key: wanted.told() for key, wanted in mine.items()}

    def _ask_next(self, lane: _Lane[K, V], ask: Callable[[Sequence[K]], Mapping[K, V]], most: int) -> None:
        try:
            lane.tell(ask(lane.take(most)))
        except Exception as error:  # noqa: BLE001 each who waits for it raises it for itself
            lane.fail(error, is_of_all=isinstance(error, self._foreseen))
        finally:
            lane.hand_over()

    def _entered(self, place: Hashable) -> _Lane[K, V]:
        with self._guard:
            lane = self._lanes.setdefault(place, _Lane())
            lane.guests += 1
            return lane

    def _left(self, place: Hashable, lane: _Lane[K, V]) -> None:
        with self._guard:
            lane.guests -= 1
            if not lane.guests:
                del self._lanes[place]


def _is_told(mine: Mapping[K, _Wanted[V]]) -> bool:
    return all(wanted.is_done for wanted in mine.values())


def _own(error: Exception) -> Exception:
    """One to raise in another thread: a traceback belongs to one."""
    own = type(error).__new__(type(error), *error.args)
    own.__dict__.update(error.__dict__)
    own.__cause__ = error.__cause__
    return own
