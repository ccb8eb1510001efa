"""How many events' buyers agreed to marketing, counted along an index and only so far."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from plugin.domain.contact import Consent
from plugin.domain.kinds import EventKind
from plugin.ports import ConsentCount
from plugin.storage.db import tables

MOST_EVENTS = 10_000

_events = tables.events.c


def count_consents(connection: Connection, shop_id: int, kind: EventKind, *, since: datetime) -> ConsentCount:
    its = {"its_shop": shop_id, "its_kind": kind.value, "since": since}
    found = {Consent(consent): number for consent, number in connection.execute(_COUNT_BY_CONSENT, its)}
    counted = sum(found.values())
    return ConsentCount(
        events=counted,
        refused=found.get(Consent.NOT_SUBSCRIBED, 0),
        unknown=found.get(Consent.UNKNOWN, 0),
        is_all=counted < MOST_EVENTS,
    )


_NEWEST = (
    select(_events.consent)
    .where(_events.shop_id == bindparam("its_shop"), _events.kind == bindparam("its_kind"))
    .where(_events.created_at >= bindparam("since"), _events.consent.is_not(None))
    .order_by(_events.created_at.desc())
    .limit(MOST_EVENTS)
    .subquery()
)
_COUNT_BY_CONSENT = select(_NEWEST.c.consent, func.count()).group_by(_NEWEST.c.consent)
