"""Sending again what was given up, held, skipped or already delivered."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, exists, or_, select, update

from plugin.domain.audit import Deed
from plugin.domain.delivery import State
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import DeliveryFilter
from plugin.storage.db import hour_marks, tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.log.log_rows import matches
from plugin.storage.queue import destinations
from plugin.storage.queue.forwarding import decide_again
from plugin.storage.shops import audit

_attempts, _deliveries, _events = tables.attempts, tables.deliveries, tables.events

SENT_AGAIN = (State.FAILED.value, State.DELIVERED.value)  #: the same body leaves once more
DECIDED_AGAIN = (State.HELD.value, State.SKIPPED.value)  #: their event is routed anew, by today's settings, unless it was tried


class Forward(Protocol):
    """Moves these deliveries to the account their kind is sent to today."""

    def __call__(self, connection: Connection, shop_id: int, *, now: datetime, ids: Collection[int]) -> object: ...


def replay(
    connection: Connection,
    crypto: Crypto,
    filter: DeliveryFilter,
    *,
    forward: Forward,
    now: datetime,
    who: str,
    address: str = "",
) -> int:
    """`resend` with an audit line of who asked for it."""
    number = resend(connection, crypto, filter, forward=forward, now=now)
    if number:
        note(connection, crypto, filter.shop_id, number, who=who, address=address, now=now)
    return number


def note(connection: Connection, crypto: Crypto, shop_id: int, number: int, *, who: str, address: str, now: datetime) -> None:
    """Write down who sent how many again; the last thing in its transaction."""
    facts, deed = {"deliveries": number}, Deed.DELIVERIES_REPLAYED
    audit.note(connection, crypto, shop_id, deed, who=who, address=address, facts=facts, now=now)


def resend(connection: Connection, crypto: Crypto, filter: DeliveryFilter, *, forward: Forward, now: datetime) -> int:
    """Make what matches due again; never what is waiting, being sent or emptied. Answers how many deliveries."""
    # What was tried before it was held or skipped keeps its attempts, and its body leaves once more.
    was_tried = exists().where(_attempts.c.delivery_id == _deliveries.c.id)
    is_sent = or_(_deliveries.c.state.in_(SENT_AGAIN), was_tried)
    query = select(_deliveries.c.id, _deliveries.c.event_id, is_sent.label("is_sent"), _deliveries.c.created_at)
    query = query.add_columns(_deliveries.c.reason_code)
    is_emptied = exists().where(_events.c.id == _deliveries.c.event_id, _events.c.emptied_at.is_not(None))
    query = query.where(matches(filter), _deliveries.c.state.in_(SENT_AGAIN + DECIDED_AGAIN), ~is_emptied)
    # The newest that match, as the log shows them.
    query = query.order_by(_deliveries.c.id.desc()).limit(filter.limit).with_for_update()
    rows = connection.execute(query).all()
    sent = [row.id for row in rows if row.is_sent]
    _send_again(connection, filter.shop_id, sent, now)
    forward(connection, filter.shop_id, now=now, ids=sent)
    stopped = [row.event_id for row in rows if row.reason_code == ReasonCode.SWITCHED_OFF]
    _let_leave(connection, crypto, filter.shop_id, stopped)
    decide_again(connection, filter.shop_id, [(row.id, row.event_id) for row in rows if not row.is_sent], now)
    if rows:
        hour_marks.mark(connection, filter.shop_id, (row.created_at for row in rows), now=now)
    return len(rows)


def _send_again(connection: Connection, shop_id: int, ids: Sequence[int], now: datetime) -> None:
    """The schedule begins anew; the attempts made so far stay in the log."""
    chosen = (_deliveries.c.shop_id == shop_id) & _deliveries.c.id.in_(ids)
    values = {
        "state": State.WAITING.value,
        "due_at": now,
        "finished_at": None,
        "attempts": 0,
        "tries": 0,
        "reason_code": "",
        "reason": "",
        "fix": "",
        "denied_at": None,
    }
    connection.execute(update(_deliveries).where(chosen).values(values))
    keys = connection.execute(select(_deliveries.c.destination).where(chosen).distinct()).scalars()
    destinations.wake_known(connection, keys, now=now)


def _let_leave(connection: Connection, crypto: Crypto, shop_id: int, event_ids: Sequence[int]) -> None:
    """A cart whose wait ended when its kind was switched off is decided anew by the settings, as anything else is."""
    chosen = (_events.c.shop_id == shop_id) & _events.c.id.in_(event_ids)
    for event_id, body in connection.execute(select(_events.c.id, _events.c.body).where(chosen)).all():
        event = crypto.open_event(body)
        if event.no_letter is ReasonCode.SWITCHED_OFF:
            sealed = crypto.seal_event(replace(event, no_letter=None))
            connection.execute(update(_events).where(_events.c.id == event_id, chosen).values(body=sealed))
