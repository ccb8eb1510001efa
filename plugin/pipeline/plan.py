"""Stages three to five in one committed step: enrich, hold, route."""

from datetime import datetime
from functools import partial

import structlog

from plugin.domain.delivery import Hold, Skip, State
from plugin.metrics import PLANNED, REASONS
from plugin.pipeline.consent import with_kept_consent
from plugin.pipeline.enrich import Enricher
from plugin.pipeline.hold import timers
from plugin.pipeline.route import can_be_overtaken, overtaken, route
from plugin.ports import Plan, Platform, ShortLink, Store, StoredEvent, WriteBodies

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
    """Complete an event, move its cart's timer and store its deliveries, or come back when the catalogue may answer."""
    event = enricher.enrich(stored, platform, store, now=now)
    if isinstance(event, datetime):
        store.events.postpone(stored, until=event)
        return
    event = with_kept_consent(event, stored.shop.id, store.consents)
    decided = route(stored, event, store, write_bodies=write_bodies, short_link=short_link)
    # Between routing and storing the basket may be bought, and a newer state be planned: both are asked once more.
    unless = partial(overtaken, stored.shop.id, event) if can_be_overtaken(event) else None
    moved = timers(event, stored.settings.table, now=now)
    stored_plan = store.events.planned(stored, event, decided, timers=moved, now=now, unless=unless)
    if isinstance(stored_plan, Skip | Hold):
        REASONS.labels(stored_plan.code.value).inc()
    PLANNED.labels(event.kind.value, _word(stored_plan)).inc()
    log.info("planned", shop=stored.shop.id, store_event=stored.id, kind=event.kind.value, result=_word(stored_plan))


def _word(decided: Plan) -> str:
    if isinstance(decided, Skip):
        return State.SKIPPED.value
    return (State.HELD if isinstance(decided, Hold) else State.WAITING).value
