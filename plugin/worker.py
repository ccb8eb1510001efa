"""The loop: claim what is due, do its stage, look again; stops cleanly on SIGTERM."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import Any

import structlog

from plugin.domain.delivery import Skip
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import worded
from plugin.pipeline.deliver import Deliverer
from plugin.pipeline.enrich import Enricher
from plugin.pipeline.hold import abandoned
from plugin.pipeline.plan import plan
from plugin.pipeline.translate import translate
from plugin.ports import DueTimer, StoredEvent, StoredWebhook
from plugin.upkeep.platform_sync import PAUSE, sync_due
from plugin.upkeep.prune import Pruner, pause_after
from plugin.wiring import Services

log = structlog.get_logger()

LEASE = timedelta(seconds=30)  #: of webhooks and events: longer than a look-up in the store's catalogue takes
SENDING_LEASE = timedelta(seconds=20)  #: of destinations: no POST outlasts it; a dead worker's are taken over after it
IDLE = timedelta(milliseconds=500)  #: the longest between two looks at an empty queue
PAUSE_AFTER_ERROR = timedelta(seconds=1)
GATHERING_SECONDS = 0.05  #: the longest a slot that is free waits for others, where much waits
SHORTEST_NAP = timedelta(milliseconds=2)
MOST_TRIES = 10  #: a webhook or event that stops the worker so often is put aside
PREPARING_SLOTS = 8  #: webhooks and events prepared at once: each holds a database connection
_DONE = object()  #: tells a slot to go home


def keep_on(
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


class Stage:
    """One kind of work: claims as much as it has slots free, and never waits for the slowest."""

    def __init__(
        self,
        name: str,
        claim: Callable[[int], Sequence[Any]],
        work: Callable[[Any], None],
        *,
        slots: int,
        next_in: Callable[[], timedelta | None] = lambda: None,
    ) -> None:
        self.name, self.bell = name, threading.Event()
        self.after: Stage | None = None  #: the stage this one makes work for
        self._claim, self._work, self._slots, self._next_in = claim, work, slots, next_in
        self._free = threading.Semaphore(slots)
        self._has_more = False  #: the last claim found as much as it asked for
        self._begun: SimpleQueue[Any] = SimpleQueue()

    def run(self, stopping: threading.Event) -> None:
        """Work until `stopping` is set, then finish what is in slot."""
        slots = [threading.Thread(target=self._work_on, name=self.name) for _ in range(self._slots)]
        for slot in slots:
            slot.start()
        keep_on(self.name, self._look, stopping)
        for _ in slots:
            self._begun.put(_DONE)
        for slot in slots:
            slot.join()

    def _look(self) -> timedelta:
        self.bell.clear()
        if not self.start_due():
            self.bell.wait(self._nap())
        return timedelta(0)

    def start_due(self) -> int:
        """Claim what is due and begin it; how much that was."""
        slots = self._take_free_slots()
        claimed = self._claimed(slots)
        self._has_more = len(claimed) == slots
        if any(getattr(item, "is_poison_suspect", False) for item in claimed):  # then it is the only one
            self._run_isolated(claimed[0], slots)
            return 1
        for _ in range(slots - len(claimed)):
            self._free.release()
        for item in claimed:
            self._begun.put(item)
        return len(claimed)

    def do_due(self) -> int:
        """Claim what is due and do it here and now, for tests and benchmarks; how much that was."""
        claimed = self._claim(self._slots)
        for item in claimed:
            self._work(item)
        return len(claimed)

    def _nap(self) -> float:
        """Seconds until the next look, when nobody rings."""
        return min(IDLE, max(self._next_in() or IDLE, SHORTEST_NAP)).total_seconds()

    def _take_free_slots(self) -> int:
        """At least one; where much waits, as many as soon become free, because a claim costs the same for few."""
        self._free.acquire()
        slots, until = 1, time.monotonic() + GATHERING_SECONDS
        while slots < self._slots:
            wait = until - time.monotonic() if self._has_more and slots < self._slots / 2 else 0.0
            if not (self._free.acquire(timeout=wait) if wait > 0 else self._free.acquire(blocking=False)):
                break
            slots += 1
        return slots

    def _run_isolated(self, item: Any, slots: int) -> None:
        """Do it while nothing else is in slot: should it end this process, it takes nothing along."""
        for _ in range(self._slots - slots):
            self._free.acquire()
        self._do(item)
        for _ in range(self._slots - 1):
            self._free.release()

    def _claimed(self, slots: int) -> Sequence[Any]:
        try:
            return self._claim(slots)
        except Exception:  # the database may be away; the loop must outlive it
            log.exception("cannot claim", stage=self.name)
            return ()

    def _work_on(self) -> None:
        # Not an executor: what one does for each item costs more than finding the item.
        while (item := self._begun.get()) is not _DONE:
            self._do(item)

    def _do(self, item: Any) -> None:
        try:
            self._work(item)
            if self.after:
                self.after.bell.set()
        except Exception:  # the one broad except: the lease runs out and it is tried again
            log.exception("stage failed", stage=self.name, item=getattr(item, "id", None))
        finally:
            self._free.release()
            self.bell.set()


class Worker:
    """Drives every webhook and event along the path."""

    def __init__(
        self, services: Services, *, now: Callable[[], datetime] | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        now = now or services.now
        self._services, self._store, self._now = services, services.store, now
        self._enricher = Enricher()
        self._deliverer = Deliverer(services.store, services.post, clock=now, chance=random.random, sleep=sleep)
        self._pruner = Pruner(services.store.retention, days=services.settings.retention_days)
        slots = services.settings.worker_threads
        preparing, store = min(slots, PREPARING_SLOTS), self._store
        translating = Stage(
            "translate",
            lambda n: store.inbox.claim(limit=n, now=now(), lease=LEASE),
            self._translate,
            slots=preparing,
        )
        ringing = Stage("ring", lambda n: store.timers.claim(limit=n, now=now(), lease=LEASE), self._ring, slots=1)
        planning = Stage("plan", lambda n: store.events.claim(limit=n, now=now(), lease=LEASE), self._plan, slots=preparing)
        delivering = Stage(
            "deliver",
            lambda n: store.deliveries.claim(limit=n, now=now(), lease=SENDING_LEASE),
            self._deliverer.deliver,
            slots=slots,
            next_in=lambda: store.deliveries.ready_in(now=now()),
        )
        translating.after = ringing.after = planning
        planning.after = delivering
        self.stages = (translating, ringing, planning, delivering)

    def run(self, stopping: threading.Event) -> None:
        """Run every stage until `stopping` is set and the work in slot is done."""
        threads = [threading.Thread(target=stage.run, args=(stopping,), name=stage.name) for stage in self.stages]
        for name, step, usual_pause in (
            ("listen", self._listen, timedelta(0)),
            ("prune", self._prune, pause_after(0)),
            ("settle", self._settle, PAUSE),
            ("count", self._count, pause_after(0)),
        ):
            rest = {"usual_pause": usual_pause}
            threads.append(threading.Thread(target=keep_on, args=(name, step, stopping), kwargs=rest, name=name))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _listen(self) -> timedelta:
        """Ring every bell when another process committed something."""
        if self._store.wake.wait(IDLE.total_seconds()):
            for stage in self.stages:
                stage.bell.set()
        return timedelta(0)

    def _prune(self) -> timedelta:
        """Clear away what is old, in small steps beside the traffic."""
        return pause_after(self._pruner.step(self._now()))

    def _count(self) -> timedelta:
        """Count what was planned, in small steps beside the traffic."""
        return pause_after(self._store.statistics.count(now=self._now()))

    def _settle(self) -> timedelta:
        """Tell the platforms what was changed, beside the traffic."""
        sync_due(self._store, self._services.platforms, now=self._now())
        return PAUSE

    def drain(self) -> int:
        """Do everything that is due, here and now; how much that was."""
        done = 0
        while step := sum(stage.do_due() for stage in self.stages):
            done += step
        return done

    def _translate(self, webhook: StoredWebhook) -> None:
        if webhook.tries > MOST_TRIES:
            self._store.inbox.failed(
                webhook, "Reading this webhook stopped the app again and again.", code=ReasonCode.POISON, now=self._now()
            )
            return
        translate(webhook, self._services.platforms[webhook.shop.platform], self._store, now=self._now())

    def _ring(self, timer: DueTimer) -> None:
        self._store.timers.expire(timer, abandoned(timer.event), now=self._now())

    def _plan(self, stored: StoredEvent) -> None:
        if stored.tries > MOST_TRIES:
            reason = worded("Preparing this event stopped the app again and again.")
            put_aside = Skip(code=ReasonCode.POISON, reason=reason, kind=stored.event.kind)
            self._store.events.planned(stored, stored.event, put_aside, timers=(), now=self._now())
            return
        plan(
            stored,
            self._services.platforms[stored.shop.platform],
            self._store,
            enricher=self._enricher,
            write_bodies=self._services.write_bodies,
            short_link=self._services.short_link,
            now=self._now(),
        )
