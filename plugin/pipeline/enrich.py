"""Third stage: link, picture and what else only the store's API knows, within a time limit."""

from datetime import datetime, timedelta

import structlog

from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
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
        quiet_until = self._quiet_until.get(stored.shop.id, now)
        if quiet_until > now:
            return self._later_or_partial(stored, quiet_until, worded("The store's catalogue does not answer."), now)
        try:
            event = platform.complete(stored.event, _place(stored, store, now))
        except TryAgain as error:
            pause = max(error.after or timedelta(0), PAUSES[min(stored.tries, len(PAUSES)) - 1])
            self._quiet_until[stored.shop.id] = now + pause
            return self._later_or_partial(stored, now + pause, str(error), now)
        self._quiet_until.pop(stored.shop.id, None)
        return event

    def _later_or_partial(self, stored: StoredEvent, until: datetime, why: str, now: datetime) -> StoreEvent | datetime:
        if until <= stored.created_at + LONGEST_DELAY:
            return until
        log.warning(
            "partial", shop=stored.shop.id, store_event=stored.id, waited_seconds=int((now - stored.created_at).total_seconds())
        )
        return stored.event.lacking(why)


def _place(stored: StoredEvent, store: Store, now: datetime) -> LookupContext:
    return LookupContext(
        shop=stored.shop,
        settings=stored.settings,
        access=stored.access,
        catalogue=store.catalogue,
        consents=store.consents,
        shops=store.shops,
        now=now,
    )
