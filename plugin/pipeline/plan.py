"""Stages three to five in one committed step: enrich, relate, hold, route."""

from datetime import datetime
from functools import partial

import structlog

from plugin.domain.delivery import Hold, Skip, State
from plugin.domain.errors import ChangedMeanwhile
from plugin.domain.event import StoreEvent
from plugin.domain.matching import with_rules_locale
from plugin.metrics import PLANNED, REASONS
from plugin.pipeline.consent import with_kept_consent
from plugin.pipeline.enrich import Enricher
from plugin.pipeline.hold import timers
from plugin.pipeline.relate import awaited_until, depends_on_others, related
from plugin.pipeline.route import can_be_overtaken, overtaken, route, unwanted
from plugin.ports import Overtaken, Plan, Platform, PurchaseHistory, ShortLink, Store, StoredEvent, WriteBodies

log = structlog.get_logger()


def plan(
    stored: StoredEvent,
    platform: Platform,
    store: Store,
    *,
    enricher: Enricher,
    write_bodies: WriteBodies,
    short_link: ShortLink,
    now: datetime,
) -> None:
    """Complete an event, move its cart's timer and store its deliveries, or come back when the catalogue may answer.

    It comes back, too, while what should be told first is on its way.
    """
    completed = _completed(stored, platform, store, enricher, now)
    if completed is None:
        return
    completed = with_rules_locale(stored.settings.table.rules, completed)
    completed = with_kept_consent(completed, stored.shop.id, store.consents)
    event = related(stored, completed, store.events)
    decided = route(stored, event, write_bodies=write_bodies, short_link=short_link)
    moved = timers(stored, event)
    unless = _asked_again(stored, completed, event, now)
    try:
        stored_plan = store.events.planned(stored, event, decided, timers=moved, now=now, unless=unless)
    except ChangedMeanwhile:
        store.events.postpone(stored, until=now, is_try=False)
        return
    if isinstance(stored_plan, Skip | Hold):
        REASONS.labels(stored_plan.code.value).inc()
    PLANNED.labels(event.kind.value, _word(stored_plan)).inc()
    log.info("planned", shop=stored.shop.id, store_event=stored.id, kind=event.kind.value, result=_word(stored_plan))


def _completed(stored: StoredEvent, platform: Platform, store: Store, enricher: Enricher, now: datetime) -> StoreEvent | None:
    """The event with all that can be known of it; None when it was given back for a while."""
    if unwanted(stored.event, stored.settings.store):
        return stored.event  # nobody is asked about what leaves in no case: a history of orders may be brought in
    if until := awaited_until(stored, stored.event, store.events, now=now):
        store.events.postpone(stored, until=until, is_try=False)
        return None
    completed = enricher.enrich(stored, platform, store, now=now)
    if isinstance(completed, datetime):
        store.events.postpone(stored, until=completed)
        return None
    # A refund says nothing of its order: only now is known how old that is.
    is_told = completed.placed_at != stored.event.placed_at
    if is_told and (until := awaited_until(stored, completed, store.events, now=now)):
        store.events.postpone(stored, until=until, is_try=False)
        return None
    return completed


def _asked_again(stored: StoredEvent, completed: StoreEvent, event: StoreEvent, now: datetime) -> Overtaken | None:
    """What is asked once more while the plan is stored: by then the basket may be bought, or more be told of its thing."""
    if depends_on_others(stored, completed):
        return partial(_still_related, stored, completed, event)
    return partial(overtaken, stored, event, now=now) if can_be_overtaken(event) else None


def _still_related(stored: StoredEvent, completed: StoreEvent, event: StoreEvent, seen: PurchaseHistory) -> None:
    """Raises `ChangedMeanwhile` when something was told since that makes another event of it."""
    if related(stored, completed, seen) != event:
        raise ChangedMeanwhile("Another event of the order was told meanwhile.")


def _word(decided: Plan) -> str:
    if isinstance(decided, Skip):
        return State.SKIPPED.value
    return (State.HELD if isinstance(decided, Hold) else State.WAITING).value
