"""The list of what a worker works on: four stages of the path in pools of threads, and the chores beside them."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from plugin.busyness import Busyness
from plugin.domain.delivery import Skip
from plugin.domain.errors import StorageDown
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.share import Share
from plugin.domain.wording import worded
from plugin.pipeline.deliver import Deliverer
from plugin.pipeline.enrich import Enricher
from plugin.pipeline.plan import plan
from plugin.pipeline.remind import Reminders
from plugin.pipeline.translate import translate
from plugin.ports import ClaimedDelivery, DueCarts, PendingSync, StoredEvent, StoredWebhook
from plugin.upkeep import forgetting, platform_sync, resending
from plugin.upkeep.prune import Pruner, pause_after
from plugin.wiring import Services
from plugin.workpool import IDLE, PAUSE_AFTER_ERROR, InHand, WorkPool, repeat

log = structlog.get_logger()

LEASE = timedelta(seconds=30)  #: of webhooks and events: longer than a look-up in the store's catalogue takes
SENDING_LEASE = timedelta(seconds=20)  #: of destinations: no POST outlasts it; a dead worker's are taken over after it
MOST_TRIES = 10  #: a webhook or event that stops the worker so often is put aside
BEAT = timedelta(seconds=20)  #: between two times a worker says that it is alive
RESENDING_PAUSE = timedelta(seconds=1)  #: between two looks whether anything is to be sent again
STANDING_PAUSE = timedelta(seconds=5)  #: between two looks whether what stands is to be counted anew
PREPARING_SLOTS = 128  #: webhooks and events prepared at once: those that wait for a commit share it
WIPE_EVERY = timedelta(minutes=5)  #: docs/operator.md says after how many minutes nothing is left of what was erased
ASKING_SLOTS = 32  #: stores asked about their carts at once: they hold no database connection while they are


class Worker:
    """Drives every webhook and event along the path."""

    def __init__(
        self, services: Services, *, now: Callable[[], datetime] | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._services, self._store = services, services.store
        self._now = now or services.now
        self._enricher, self._busyness = Enricher(), Busyness()
        self._deliverer = Deliverer(services.store, services.post, clock=self._now, chance=random.random, sleep=sleep)
        self._reminders = Reminders()
        self._alive_at: datetime | None = None  #: when this worker last said that it is alive
        kept = services.settings
        self._pruner = Pruner(services.store.retention, days=kept.retention_days, uninstalled_days=kept.uninstalled_days)
        self._slots = services.settings.worker_threads
        self._being_read, self._being_planned, self._sending = InHand(), InHand(), InHand()
        # An account of a shop has one request under way, and it may have many accounts, none of which ever answers.
        self._sending_share = max(1, self._slots // 2)
        self._preparing_slots = min(self._slots, PREPARING_SLOTS)
        self.delivering = self._delivering()
        self.planning = self._planning()
        self.translating, self.expiring = self._translating(), self._expiring()
        #: in the order of the path
        self.pools = (self.translating, self.expiring, self.planning, self.delivering)
        self.syncing = self._syncing()

    def run(self, stopping: threading.Event) -> None:
        """Work in every pool until `stopping` is set and what was claimed is done."""
        if not self._is_alive(stopping):
            return
        pools = (*self.pools, self.syncing)
        threads = [threading.Thread(target=pool.run, args=(stopping,), name=pool.name) for pool in pools]
        for name, step, usual_pause in (
            ("listen", self._listen, timedelta(0)),
            ("beat", self._beat, BEAT),
            ("prune", self._prune, pause_after(0)),
            ("count", self._count, pause_after(0)),
            ("part", self._part, timedelta(0)),
            ("wipe", self._wipe, WIPE_EVERY),
            ("forget", self._forget, forgetting.PAUSE),
            ("resend", self._resend, RESENDING_PAUSE),
            ("stand", self._count_standing, STANDING_PAUSE),
        ):
            rest = {"usual_pause": usual_pause}
            threads.append(threading.Thread(target=repeat, args=(name, step, stopping), kwargs=rest, name=name))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    # ------------------------------------------------------------------ the path

    def _translating(self) -> WorkPool[StoredWebhook]:
        return WorkPool(
            "translate",
            self._due_webhooks,
            self._translate,
            slots=self._preparing_slots,
            done=self.planning.wake_up,
            pause_seconds=self._busyness.pause_seconds,
        )

    def _expiring(self) -> WorkPool[DueCarts]:
        return WorkPool(
            "expire_carts",
            self._due_carts,
            self._ring,
            slots=ASKING_SLOTS,
            done=self.planning.wake_up,
        )

    def _planning(self) -> WorkPool[StoredEvent]:
        return WorkPool(
            "plan",
            self._due_events,
            self._plan,
            slots=self._preparing_slots,
            done=self.delivering.wake_up,
            pause_seconds=self._busyness.pause_seconds,
        )

    def _delivering(self) -> WorkPool[ClaimedDelivery]:
        deliveries = self._store.deliveries
        return WorkPool(
            "deliver",
            self._due_deliveries,
            self._deliver,
            slots=self._slots,
            next_in=lambda: deliveries.ready_in(now=self._now(), passing=self._share_of_sending().passing),
            pause_seconds=self._busyness.pause_seconds,
        )

    def _due_webhooks(self, limit: int) -> Sequence[StoredWebhook]:
        share = self._share_of_preparing(self._being_read)
        found = self._store.inbox.claim(limit=limit, now=self._now(), lease=LEASE, share=share)
        self._being_read.take(webhook.shop.id for webhook in found)
        return found

    def _translate(self, webhook: StoredWebhook) -> None:
        try:
            self._translate_it(webhook)
        finally:
            self._being_read.let_go(webhook.shop.id)

    def _translate_it(self, webhook: StoredWebhook) -> None:
        if webhook.tries > MOST_TRIES:
            cause = "Reading this webhook stopped the app again and again."
            self._store.inbox.failed(webhook, cause, code=ReasonCode.POISON, now=self._now())
            return
        translate(webhook, self._services.platforms[webhook.shop.platform], self._store, now=self._now())

    def _due_carts(self, limit: int) -> Sequence[DueCarts]:
        """Of nobody, while it is not sure that some worker was alive all the time: the database may have been away."""
        now = self._now()
        if self._alive_at and now - self._alive_at > BEAT * 2:
            self._beat()
        return self._store.timers.claim(limit=limit, now=now, lease=LEASE)

    def _due_events(self, limit: int) -> Sequence[StoredEvent]:
        share = self._share_of_preparing(self._being_planned)
        found = self._store.events.claim(limit=limit, now=self._now(), lease=LEASE, share=share)
        self._being_planned.take(stored.shop.id for stored in found)
        return found

    def _share_of_preparing(self, in_hand: InHand) -> Share:
        """Half, so that a shop whose store is slow, or that asks us to forget many people, leaves room for others."""
        return Share(most=max(1, self._preparing_slots // 2), in_hand=in_hand.counts())

    def _share_of_sending(self) -> Share:
        return Share(most=self._sending_share, in_hand=self._sending.counts())

    def _due_deliveries(self, limit: int) -> Sequence[ClaimedDelivery]:
        share = self._share_of_sending()
        found = self._store.deliveries.claim(limit=limit, now=self._now(), lease=SENDING_LEASE, share=share)
        self._sending.take(claimed.shop.id for claimed in found)
        return found

    def _deliver(self, claimed: ClaimedDelivery) -> None:
        try:
            self._deliverer.deliver(claimed)
        finally:
            self._sending.let_go(claimed.shop.id)

    def _ring(self, due: DueCarts) -> None:
        self._reminders.ring(due, self._services.platforms[due.shop.platform], self._store, now=self._now())

    def _plan(self, stored: StoredEvent) -> None:
        try:
            self._plan_it(stored)
        finally:
            self._being_planned.let_go(stored.shop.id)

    def _plan_it(self, stored: StoredEvent) -> None:
        if stored.tries > MOST_TRIES:
            reason = worded("The app stopped every time it prepared this event.")
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

    # ------------------------------------------------------------------ beside the path

    def _is_alive(self, stopping: threading.Event) -> bool:
        """Say so before anything rings, however long the database is away; False when there is no time left to."""
        while not stopping.is_set():
            try:
                self._beat()
                return True
            except StorageDown:
                log.exception("cannot begin yet")
                stopping.wait(PAUSE_AFTER_ERROR.total_seconds())
        return False

    def _beat(self) -> timedelta:
        now = self._now()
        self._store.timers.beat(now=now)
        self._alive_at = now
        return BEAT

    def _listen(self) -> timedelta:
        """Look for webhooks when another process committed something: what follows from them wakes the stages behind."""
        if self._store.wake.wait(IDLE.total_seconds()):
            self.translating.wake_up()
        return timedelta(0)

    def _prune(self) -> timedelta:
        """Clear away what is old, in small steps beside the traffic."""
        return pause_after(self._pruner.step(self._now()))

    def _wipe(self) -> timedelta:
        """Get what was erased out of the files, seldom enough for what comes together to be one piece of work."""
        if wiped := self._store.wiping.wipe(largest=self._services.settings.rewrite_bytes):
            log.info("erased for good", tables=list(wiped))
        return WIPE_EVERY

    def _count(self) -> timedelta:
        """Count what was planned, in small steps beside the traffic."""
        return pause_after(self._store.statistics.count(now=self._now()))

    def _part(self) -> timedelta:
        """Give each shop a destination of its own for what a version of before wrote, in small steps beside the traffic."""
        if not self._store.deliveries.part(now=self._now()):
            return pause_after(0)
        self.delivering.wake_up()
        return pause_after(1)

    def _forget(self) -> timedelta:
        """Ask SendPulse to forget whom we have forgotten."""
        asked = forgetting.ask_sendpulse(self._store, self._services.account, now=self._now())
        return pause_after(1) if asked else forgetting.PAUSE

    def _resend(self) -> timedelta:
        """Go on with what shops asked to be sent again; what is decided anew wakes the stage that decides."""
        if resending.go_on(self._store, now=self._now()):
            self.planning.wake_up()
            self.delivering.wake_up()
        return RESENDING_PAUSE

    def _count_standing(self) -> timedelta:
        """Count what stands in each state, for whoever monitors the app."""
        return pause_after(1) if self._store.statistics.count_standing(now=self._now()) else STANDING_PAUSE

    def _syncing(self) -> WorkPool[PendingSync]:
        """Tells the platforms what was changed; nothing wakes it, it looks by itself."""
        syncs = platform_sync.PlatformSyncs(self._store, self._services.platforms)
        return WorkPool(
            "sync",
            lambda limit: syncs.claim(limit, now=self._now()),
            lambda pending: syncs.tell(pending, now=self._now()),
            slots=platform_sync.SLOTS,
        )
