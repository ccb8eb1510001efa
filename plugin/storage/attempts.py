"""Attempts: written before they are made, answered once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, func, insert, select, update

from plugin.domain.delivery import Outcome, State, Verdict
from plugin.domain.routing import OnUncertain
from plugin.storage import tables
from plugin.storage.leases import CLOSED

_attempts, _deliveries = tables.attempts, tables.deliveries

STOPPED = "The worker was stopped before the answer came: SendPulse may have the event."
HELD = "It is not known whether SendPulse has this event, and the settings say not to repeat it."
HELD_FIX = "Look in SendPulse's Events Manager; send it again if it is not there."


def write(connection: Connection, rows: Sequence[RowMapping], now: datetime) -> dict[int, int]:
    """An attempt for each of these deliveries; by delivery, its id."""
    ids = [row["id"] for row in rows]
    last = select(_attempts.c.delivery_id, func.max(_attempts.c.number)).where(_attempts.c.delivery_id.in_(ids))
    made = {delivery_id: number for delivery_id, number in connection.execute(last.group_by(_attempts.c.delivery_id))}  # noqa: C416
    values = [
        {"shop_id": row["shop_id"], "delivery_id": row["id"], "number": made.get(row["id"], 0) + 1, "started_at": now}
        for row in rows
    ]
    written = connection.execute(insert(_attempts).values(values).returning(_attempts.c.delivery_id, _attempts.c.id))
    return {delivery_id: attempt_id for delivery_id, attempt_id in written}  # noqa: C416


def answer(connection: Connection, outcomes: Mapping[int, Outcome], now: datetime) -> None:
    """Write what came of these attempts; one that was answered before stays as it is."""
    is_open = (_attempts.c.id == bindparam("attempt")) & _attempts.c.finished_at.is_(None)
    statement = update(_attempts).where(is_open).values({name: bindparam(f"new_{name}") for name in _ANSWER})
    if rows := [{"attempt": attempt_id} | _answered(outcome, now) for attempt_id, outcome in outcomes.items()]:
        connection.execute(statement, rows)


def let_go(connection: Connection, destinations: Sequence[str], now: datetime) -> None:
    """What a dead worker left while sending is uncertain: it waits again, or is held where the merchant wants that."""
    left = (_deliveries.c.destination.in_(destinations)) & _deliveries.c.due_at.is_not(None)
    left &= _deliveries.c.state == State.SENDING.value
    ids = connection.execute(select(_deliveries.c.id).where(left)).scalars().all()
    if not ids:
        return
    stopped = Outcome(verdict=Verdict.UNCERTAIN, reason=STOPPED)
    is_open = _attempts.c.delivery_id.in_(ids) & _attempts.c.finished_at.is_(None)
    values = {name.removeprefix("new_"): value for name, value in _answered(stopped, now).items()}
    connection.execute(update(_attempts).where(is_open).values(values))
    is_held = _deliveries.c.on_uncertain == OnUncertain.HOLD.value
    held = CLOSED | {"state": State.HELD.value, "reason": HELD, "fix": HELD_FIX, "finished_at": now}
    connection.execute(update(_deliveries).where(_deliveries.c.id.in_(ids), is_held).values(held))
    state = case((is_held, State.HELD.value), else_=State.WAITING.value)
    connection.execute(update(_deliveries).where(_deliveries.c.id.in_(ids)).values(state=state, lease_until=None))


_ANSWER = ("finished_at", "verdict", "status", "reason", "fix", "answer")


def _answered(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "new_finished_at": now, "new_verdict": outcome.verdict.value, "new_status": outcome.status,
        "new_reason": outcome.reason, "new_fix": outcome.fix, "new_answer": outcome.answer,
    }  # fmt: skip
