"""Third stage: link, picture and what else only the store's API knows, within a time limit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import LookupContext, Platform, Store, StoredEvent

log = structlog.get_logger()

LONGEST_DELAY = timedelta(seconds=60)  #: a dead catalogue delays an event by no more
PAUSES = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=30))


class Enricher:
    """Completes events through their platform, and leaves a failing catalogue in peace."""

    def __init__(self) -> None:
        self._quiet_until: dict[int, datetime] = {}  #: by shop: its catalogue is not asked before

    def enrich(self, stored: StoredEvent, platform: Platform, store: Store, *, now: datetime) -> StoreEvent | datetime:
        """The completed event, or when to come again. After a minute the event goes on as it is, marked partial."""
        place = place_of(stored.shop, stored.settings, stored.access, store, now)
        unasked = partial(_without_asking, stored.event, platform, place)
        quiet_until = self._quiet_until.get(stored.shop.id, now)
        if quiet_until > now:
            return _later_or_partial(stored, quiet_until, worded("The store's catalogue does not answer."), now, unasked)
        try:
            event = platform.complete(stored.event, place)
        except TryAgain as error:
            pause = max(error.after or timedelta(0), PAUSES[min(stored.tries, len(PAUSES)) - 1])
            self._quiet_until[stored.shop.id] = now + pause
            return _later_or_partial(stored, now + pause, str(error), now, unasked)
        self._quiet_until.pop(stored.shop.id, None)
        return event


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
