"""What waits for something that did not come while it could be kept: its shop to be resumed, its account switched on again.

It is closed with its reason, so that it goes like what was sent.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, or_, select, true, update

from plugin.domain.delivery import State
from plugin.domain.destination import Health
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import EventState
from plugin.domain.wording import Sentence, worded
from plugin.storage.db import tables
from plugin.storage.db.claim_columns import CLOSED

SUSPENDED: Final = worded(
    "It waited for as long as events are kept, because the app was suspended for this store. It will not be sent."
)
SWITCHED_OFF: Final = worded(
    "It waited for as long as events are kept, because this SendPulse account was switched off. It will not be sent."
)

_shops, _events, _deliveries, _timers = tables.shops, tables.events, tables.deliveries, tables.timers
_destinations = tables.destinations


def expire(connection: Connection, ids: Collection[int], *, now: datetime) -> Sequence[int]:
    """Close what waits of these events and cannot leave; of which events that was. What somebody works on stays."""
    columns = (_events.c.id, _events.c.shop_id, _events.c.kind, _events.c.locale, _events.c.happened_at, _events.c.due_at)
    query = select(*columns, _shops.c.suspended_at).join(_shops, _shops.c.id == _events.c.shop_id)
    free = query.where(_events.c.id.in_(ids), _is_free(_events.c.lease_until, now)).order_by(_events.c.id)
    rows = connection.execute(free.with_for_update(of=_events, skip_locked=True)).mappings().all()
    suspended = [row for row in rows if row["suspended_at"]]
    running = [row["id"] for row in rows if not row["suspended_at"]]
    is_off = _destination(_destinations.c.health == Health.DISABLED.value)
    off = _close_deliveries(connection, running, is_off, _said(SWITCHED_OFF, now), now)
    return [*off, *_expire_suspended(connection, suspended, now)]


def _expire_suspended(connection: Connection, rows: Sequence[RowMapping], now: datetime) -> Collection[int]:
    ids, said = [row["id"] for row in rows], _said(SUSPENDED, now)
    closed = _close_deliveries(connection, ids, true(), said, now)
    of_these = _timers.c.event_id.in_(ids) & _is_free(_timers.c.lease_until, now)
    carts = set(connection.execute(delete(_timers).where(of_these).returning(_timers.c.event_id)).scalars())
    new = {row["id"] for row in rows if row["due_at"] is not None}
    for row in rows:
        if row["id"] in new | carts:
            kind = row["kind"] if row["id"] in new else EventKind.CART_ABANDONED.value
            _say_why(connection, row, kind, said)
    is_new = _events.c.id.in_(sorted(new))
    connection.execute(update(_events).where(is_new).values(CLOSED | {"state": EventState.SKIPPED.value}))
    return closed | new | carts


def _close_deliveries(
    connection: Connection, event_ids: Sequence[int], which: ColumnElement[bool], said: dict[str, Any], now: datetime
) -> set[int]:
    waits = _deliveries.c.event_id.in_(event_ids) & _deliveries.c.state.in_((State.WAITING.value, State.SENDING.value))
    is_in_hand = _destination(_destinations.c.lease_until > now)
    query = select(_deliveries.c.id, _deliveries.c.event_id).where(waits, which, ~is_in_hand).order_by(_deliveries.c.id)
    found = connection.execute(query.with_for_update(skip_locked=True)).all()
    connection.execute(update(_deliveries).where(_deliveries.c.id.in_([row.id for row in found])).values(CLOSED | said))
    return {row.event_id for row in found}


def _destination(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a delivery's destination is one of these."""
    return select(_destinations.c.key).where(_destinations.c.key == _deliveries.c.destination, which).exists()


def _say_why(connection: Connection, row: RowMapping, kind: str, said: dict[str, Any]) -> None:
    """Let the log have a line of what nobody decided about."""
    next_part = select(func.coalesce(func.max(_deliveries.c.part) + 1, 0)).where(_deliveries.c.event_id == row["id"])
    about = {"shop_id": row["shop_id"], "event_id": row["id"], "kind": kind, "locale": row["locale"]}
    times = {"happened_at": row["happened_at"], "created_at": said["finished_at"]}
    connection.execute(insert(_deliveries).values(about | times | said | {"part": next_part.scalar_subquery()}))


def _said(reason: Sentence, now: datetime) -> dict[str, Any]:
    return {
        "state": State.SKIPPED.value, "reason_code": ReasonCode.EXPIRED.value, "reason": reason, "fix": "", "finished_at": now,
    }  # fmt: skip


def _is_free(lease_until: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(lease_until.is_(None), lease_until <= now)
