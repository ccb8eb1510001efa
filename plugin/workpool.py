"""A pool of threads for one kind of work: it claims as much as it has free slots, and never waits for the slowest item."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from math import ceil, inf
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

import structlog

log = structlog.get_logger()

IDLE = timedelta(milliseconds=500)  #: the longest between two looks at an empty queue
PAUSE_AFTER_ERROR = timedelta(seconds=1)
GATHERING_SECONDS = 0.05  #: the longest a free slot waits for others, where much waits
SHORTEST_NAP = timedelta(milliseconds=2)


class WorkItem(Protocol):
    """What a claim hands out."""

    @property
    def id(self) -> int:
        """For the log."""

    @property
    def is_poison_suspect(self) -> bool:
        """Workers ended again and again while they had it: a poison message, perhaps. It is claimed alone."""


Item = TypeVar("Item", bound=WorkItem)


class InHand:
    """How much of each shop is being worked on, counted by any number of threads."""

    def __init__(self) -> None:
        self._counts = Counter[int]()
        self._lock = threading.Lock()

    def counts(self) -> Mapping[int, int]:
        with self._lock:
            return dict(self._counts)

    def take(self, shop_ids: Iterable[int]) -> None:
        with self._lock:
            self._counts.update(shop_ids)

    def let_go(self, shop_id: int) -> None:
        with self._lock:
            self._counts[shop_id] -= 1
            if self._counts[shop_id] <= 0:
                del self._counts[shop_id]


class _Slots:
    """How many items more may be worked on. Not a semaphore: that gives one at a time, and a claim wants all there are."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._changed = threading.Condition()

    def take(self, *, least: int = 1, within: float = 0.0) -> int:
        """All that are free: one at least, however long that takes, and for so many seconds as many as `least`."""
        with self._changed:
            self._changed.wait_for(lambda: self._count >= least, within)
            self._changed.wait_for(lambda: self._count)
            taken, self._count = self._count, 0
            return taken

    def give_back(self, count: int) -> None:
        with self._changed:
            self._count += count
            self._changed.notify()


def repeat(
    name: str, step: Callable[[], timedelta], stopping: threading.Event, *, usual_pause: timedelta = timedelta(0)
) -> None:
    """Repeat this step until `stopping` is set, each time after the pause it asks for; it outlives whatever is raised."""
    pause = usual_pause
    while not stopping.wait(pause.total_seconds()):
        try:
            pause = step()
        except Exception:  # the database may be away, a shop in trouble, or a mistake of ours: the next step may fare better
            log.exception("cannot go on yet", loop=name)
            pause = max(usual_pause, PAUSE_AFTER_ERROR)


class WorkPool(Generic[Item]):
    """Claims items and works on as many at once as it has slots."""

    def __init__(
        self,
        name: str,
        claim: Callable[[int], Sequence[Item]],
        work: Callable[[Item], None],
        *,
        slots: int,
        next_in: Callable[[], timedelta | None] = lambda: None,
        done: Callable[[], None] = lambda: None,
        pause_seconds: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`next_in` tells when something is due next, if that is known; `done` is called after each item that succeeded.

        `pause_seconds` tells how long after a claim that did not find all it asked for the next one may begin.
        """
        self.name, self.claim, self.work, self.slots = name, claim, work, slots
        self._next_in, self._done, self._pause_seconds = next_in, done, pause_seconds
        self._woken = threading.Event()
        self._free = _Slots(slots)
        self._has_more = False  #: the last claim found as much as it asked for
        self._looked_at = -inf  #: when the last claim began
        self._claimed: SimpleQueue[Item | None] = SimpleQueue()  # None ends a thread

    def wake_up(self) -> None:
        """Look for work at once: something was committed."""
        self._woken.set()

    def run(self, stopping: threading.Event) -> None:
        """Work until `stopping` is set, then finish what was claimed."""
        threads = [threading.Thread(target=self._work_on, name=self.name) for _ in range(self.slots)]
        for thread in threads:
            thread.start()
        repeat(self.name, self._look, stopping)
        for _ in threads:
            self._claimed.put(None)
        for thread in threads:
            thread.join()

    def _look(self) -> timedelta:
        self._wait_for_company()
        self._looked_at = time.monotonic()
        self._woken.clear()
        self._start_due()
        # What was found wakes the pool when it is done, for something else may have waited for it.
        if not self._has_more and not self._woken.is_set():
            self._woken.wait(self._nap_seconds())
        return timedelta(0)

    def _wait_for_company(self) -> None:
        if not self._has_more:
            time.sleep(max(0.0, self._looked_at + self._pause_seconds() - time.monotonic()))

    def _start_due(self) -> None:
        """Claim what is due and hand it to the threads."""
        slots = self._take_free_slots()
        claimed = self._claim(slots)
        self._has_more = len(claimed) == slots
        if any(item.is_poison_suspect for item in claimed):  # then it is the only one
            self._run_isolated(claimed[0], slots)
            return
        self._free.give_back(slots - len(claimed))
        for item in claimed:
            self._claimed.put(item)

    def _nap_seconds(self) -> float:
        """Until the next look, when nobody wakes the pool."""
        return min(IDLE, max(self._next_in() or IDLE, SHORTEST_NAP)).total_seconds()

    def _take_free_slots(self) -> int:
        """At least one; where much waits, as many as soon become free, because a claim costs the same for few."""
        return self._free.take(least=ceil(self.slots / 2) if self._has_more else 1, within=GATHERING_SECONDS)

    def _run_isolated(self, item: Item, slots: int) -> None:
        """Work on it while every other slot is empty: should it end this process, it takes nothing along."""
        while slots < self.slots:
            slots += self._free.take()
        self._run(item)
        self._free.give_back(self.slots - 1)

    def _claim(self, slots: int) -> Sequence[Item]:
        try:
            return self.claim(slots)
        except Exception:  # the database may be away; the loop must outlive it
            log.exception("cannot claim", stage=self.name)
            return ()

    def _work_on(self) -> None:
        # Not an executor: what one does for each item costs more than finding the item.
        while (item := self._claimed.get()) is not None:
            self._run(item)

    def _run(self, item: Item) -> None:
        try:
            self.work(item)
            self._done()
        except Exception:  # the one broad except: the lease runs out and it is tried again
            log.exception("stage failed", stage=self.name, item=item.id)
        finally:
            self._free.give_back(1)
            self._woken.set()
