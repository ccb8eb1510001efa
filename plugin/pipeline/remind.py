"""Between waiting and planning: a cart that was quiet long enough is looked at once more before it becomes a reminder."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Semaphore
from typing import Final

import structlog

from plugin.domain.carts import CartState
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.wording import Sentence, worded
from plugin.pipeline.enrich import place_of
from plugin.pipeline.hold import abandoned, why_no_reminder
from plugin.ports import DueCarts, DueTimer, Platform, Store

log = structlog.get_logger()

LONGEST_SILENCE: Final = timedelta(hours=1)  #: a store that does not answer delays a reminder by no more
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=10)  #: between two questions
DOUBTFUL_AT_ONCE: Final = 8  #: stores asked at once, at most, of those that did not answer the last time
NOT_SAID: Final = worded("Your store was asked, but did not say whether this was bought.")
NO_ANSWER: Final = worded("Your store was asked for an hour, but did not say whether this was bought.")

_WHY_NOT: Final = {CartState.BOUGHT: ReasonCode.BOUGHT, CartState.CLOSED: ReasonCode.CHECKOUT_CLOSED}

Pair = tuple[DueTimer, StoreEvent]
"""A due cart and the reminder it may become."""


class Reminders:
    """Asks each store about its due carts, all that are due at once, and leaves a store that does not answer in peace.

    However many do not answer, they never take every thread of those who ask.
    """

    def __init__(self) -> None:
        self._quiet_until: dict[int, datetime] = {}  #: by shop that did not answer the last time: it is not asked before
        self._doubtful = Semaphore(DOUBTFUL_AT_ONCE)

    def ring(self, due: DueCarts, platform: Platform, store: Store, *, now: datetime) -> None:
        """Let each of these carts become a reminder, or say in the log why it does not; or come back to it later."""
        pairs = [pair for timer in due.carts if (pair := _undecided(due, timer, store, now))]
        if not pairs:
            return
        is_doubtful = due.shop.id in self._quiet_until
        if now < self._quiet_until.get(due.shop.id, now) or (is_doubtful and not self._doubtful.acquire(blocking=False)):
            self._later(due, pairs, store, now)
            return
        try:
            self._ask(due, pairs, platform, store, now)
        finally:
            if is_doubtful:
                self._doubtful.release()

    def _ask(self, due: DueCarts, pairs: Sequence[Pair], platform: Platform, store: Store, now: datetime) -> None:
        place = place_of(due.shop, due.settings, due.access, store, now)
        try:
            states = platform.look_at_carts([event for _, event in pairs], place)
        except TryAgain as error:
            self._quiet_until[due.shop.id] = now + max(error.after or SHORTEST_PAUSE, SHORTEST_PAUSE)
            log.warning("store does not say whether carts were bought", shop=due.shop.id, carts=len(pairs), reason=str(error))
            self._later(due, pairs, store, now)
            return
        except GiveUp as error:
            log.warning(
                "store cannot be asked whether carts were bought", shop=due.shop.id, carts=len(pairs), reason=str(error)
            )
            _let_go(pairs, store, now, worded("Your store could not be asked whether this was bought: %(why)s", why=str(error)))
            return
        self._quiet_until.pop(due.shop.id, None)
        _follow(due, pairs, states, store, now)

    def _later(self, due: DueCarts, pairs: Sequence[Pair], store: Store, now: datetime) -> None:
        """Ask again; what was asked about for an hour leaves all the same, and the log says that nobody knew."""
        spent = [pair for pair in pairs if _asked_since(pair[0], now) >= LONGEST_SILENCE]
        _let_go(spent, store, now, NO_ANSWER)
        for timer, _ in (pair for pair in pairs if pair not in spent):
            since = _asked_since(timer, now)
            pause = max(min(since, LONGEST_PAUSE), SHORTEST_PAUSE)
            until = min(max(now + pause, self._quiet_until.get(due.shop.id, now)), now + LONGEST_SILENCE - since)
            store.timers.postpone((timer,), until=until, now=now)


def _undecided(due: DueCarts, timer: DueTimer, store: Store, now: datetime) -> Pair | None:
    """The cart, unless it is plain without asking anybody what becomes of it."""
    event = abandoned(timer.event, changed_at=timer.changed_at)
    route = due.settings.table.routes.get(EventKind.CART_ABANDONED)
    why_not: ReasonCode | None = ReasonCode.SWITCHED_OFF
    if route and route.enabled:
        why_not = why_no_reminder(event, due.shop.id, route, store.events, event_id=0, now=now)
    if why_not:
        store.timers.expire(timer, replace(event, no_letter=why_not), now=now)
        return None
    return timer, event


def _follow(due: DueCarts, pairs: Sequence[Pair], states: Sequence[CartState], store: Store, now: datetime) -> None:
    for (timer, event), state in zip(pairs, states, strict=True):
        why_not = _WHY_NOT.get(state)
        if why_not:
            log.info("cart is settled, says the store", shop=due.shop.id, state=state.value)
        unasked = NOT_SAID if state is CartState.UNKNOWN else ""
        store.timers.expire(timer, replace(event, no_letter=why_not, unasked=unasked), now=now)


def _let_go(pairs: Sequence[Pair], store: Store, now: datetime, why: Sentence) -> None:
    for timer, event in pairs:
        store.timers.expire(timer, replace(event, unasked=why), now=now)


def _asked_since(timer: DueTimer, now: datetime) -> timedelta:
    return now - timer.asked_at if timer.asked_at else timedelta(0)
