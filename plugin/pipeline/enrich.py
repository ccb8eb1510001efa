"""Third stage: link, picture and what else only the store's API knows, within a time limit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Semaphore
from typing import Any

import structlog

from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.matching import with_rules_locale
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import LookupContext, Platform, Store, StoredEvent

log = structlog.get_logger()

LONGEST_DELAY = timedelta(seconds=60)  #: a dead catalogue delays an event by no more
DOUBTFUL_AT_ONCE = 16  #: events whose store did not answer the last time and that ask it again at once, at most
A_MOMENT = timedelta(seconds=1)  #: until one of those looks again for its turn
PAUSES = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=30))


class Enricher:
    """Completes events through their platform, and leaves a failing catalogue in peace.

    However many stores do not answer, they never take every thread of those who prepare.
    """

    def __init__(self) -> None:
        self._quiet_until: dict[int, datetime] = {}  #: by shop that did not answer the last time: it is not asked before
        self._doubtful = Semaphore(DOUBTFUL_AT_ONCE)

    def enrich(self, stored: StoredEvent, platform: Platform, store: Store, *, now: datetime) -> StoreEvent | datetime:
        """The completed event, or when to come again. After a minute the event goes on as it is, marked partial."""
        place = place_of(stored.shop, stored.settings, stored.access, store, now)
        event = with_rules_locale(stored.settings.table.rules, stored.event)  # what is looked up is in its language
        unasked = partial(_without_asking, event, platform, place)
        quiet_until = self._quiet_until.get(stored.shop.id)
        if quiet_until is None:
            return self._ask(stored, event, platform, place, unasked)
        if quiet_until > now or not self._doubtful.acquire(blocking=False):
            until = max(quiet_until, now + A_MOMENT)
            return _later_or_partial(stored, until, worded("Your store's catalog did not answer."), now, unasked)
        try:
            return self._ask(stored, event, platform, place, unasked)
        finally:
            self._doubtful.release()

    def _ask(
        self,
        stored: StoredEvent,
        event: StoreEvent,
        platform: Platform,
        place: LookupContext,
        unasked: Callable[[], StoreEvent],
    ) -> StoreEvent | datetime:
        try:
            completed = platform.complete(event, place)
        except TryAgain as error:
            pause = max(error.after or timedelta(0), PAUSES[min(stored.tries, len(PAUSES)) - 1])
            self._quiet_until[stored.shop.id] = place.now + pause
            return _later_or_partial(stored, place.now + pause, str(error), place.now, unasked)
        self._quiet_until.pop(stored.shop.id, None)
        return completed


def _later_or_partial(
    stored: StoredEvent, until: datetime, why: str, now: datetime, unasked: Callable[[], StoreEvent]
) -> StoreEvent | datetime:
    if until <= stored.created_at + LONGEST_DELAY:
        return until
    waited_seconds = int((now - stored.created_at).total_seconds())
    log.warning("partial", shop=stored.shop.id, store_event=stored.id, waited_seconds=waited_seconds)
    return unasked().lacking(why)


def _without_asking(event: StoreEvent, platform: Platform, place: LookupContext) -> StoreEvent:
    """The event with what needs no answer: links that are made of the merchant's patterns."""
    return platform.complete(event, replace(place, is_last_try=True))


def place_of(shop: Shop, settings: ShopSettings, access: Mapping[str, Any], store: Store, now: datetime) -> LookupContext:
    """Where a shop's store is asked."""
    return LookupContext(
        shop=shop,
        settings=settings,
        access=access,
        catalogue=store.catalogue,
        consents=store.consents,
        shops=store.shops,
        now=now,
    )
