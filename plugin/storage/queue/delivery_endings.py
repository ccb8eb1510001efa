"""What an attempt makes of its delivery: its answer, or that none will come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from plugin.domain.delivery import Outcome, State, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.retry import wait_before_next
from plugin.domain.routing import OnUncertain
from plugin.domain.wording import Sentence, worded
from plugin.ports import AttemptResult
from plugin.storage.db import tables
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.claim_columns import CLOSED, NOT_HELD
from plugin.storage.db.columns import Id
from plugin.storage.queue import attempts
from plugin.storage.queue.unsent_carts import CARTS, skip_bought

STOPPED = worded("The app stopped before the answer came: SendPulse may have the event.")
HELD = worded("SendPulse may have this event, and you chose not to send such events again.")
HELD_FIX = worded("Check SendPulse's Events Manager, and send it again if it is not there.")
SPENT = worded("The app stopped each time it sent this event.")
SPENT_FIX = worded("Before you send it again, check whether it is in SendPulse's Events Manager.")

_deliveries = tables.deliveries

_WRITTEN_COLUMNS = ("state", "reason_code", "reason", "fix", "due_at", "finished_at", "attempts")
_FINISH_DELIVERIES = BulkUpdate(
    {"its_id": Id, "its_shop": Id} | {f"new_{name}": _deliveries.c[name].type for name in (*_WRITTEN_COLUMNS, "denied_at")},
    lambda row: (
        update(_deliveries)
        .where(_deliveries.c.id == row["its_id"], _deliveries.c.shop_id == row["its_shop"])
        .values({name: row[f"new_{name}"] for name in _WRITTEN_COLUMNS} | {"lease_until": None})
        .values(denied_at=func.coalesce(row["new_denied_at"], _deliveries.c.denied_at))
    ),
)


def end(connection: Connection, finished: Sequence[AttemptResult], now: datetime) -> None:
    """Write what came of these attempts into their deliveries, which the caller has locked."""
    _FINISH_DELIVERIES.run(connection, [_row(one, now) for one in finished])
    if carts := [one.claimed.delivery.id for one in finished if one.next_at and one.claimed.delivery.kind in CARTS]:
        skip_bought(connection, carts)


def mark_uncertain(connection: Connection, destinations: Sequence[str], now: datetime) -> None:
    """What a dead worker left while sending is uncertain: by the schedule it waits again, unless the merchant says no."""
    columns = _deliveries.c
    is_sending = columns.due_at.is_not(None) & (columns.state == State.SENDING.value)
    left = select(columns.id, columns.attempts).where(columns.destination.in_(destinations), is_sending)
    made = {row.id: row.attempts for row in connection.execute(left)}
    if not made:
        return
    attempts.never_answered(
        connection, list(made), Outcome(verdict=Verdict.UNCERTAIN, code=ReasonCode.WORKER_STOPPED, reason=STOPPED), now
    )
    ended = CLOSED | {"finished_at": now}
    for chosen, values in (
        (
            columns.on_uncertain == OnUncertain.HOLD.value,
            ended | _said(State.HELD, ReasonCode.NOT_TO_BE_REPEATED, HELD, HELD_FIX),
        ),
        *((columns.attempts == number, _after(number, ended, now)) for number in sorted(set(made.values()))),
    ):
        connection.execute(update(_deliveries).where(columns.id.in_(made), is_sending, chosen).values(values))
    skip_bought(connection, list(made))


def _after(attempts_made: int, ended: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What becomes of a delivery whose last of so many attempts was never answered."""
    wait = wait_before_next(attempts_made, asked=None, chance=0.5)
    if wait is None:
        return ended | _said(State.FAILED, ReasonCode.WORKER_STOPPED, SPENT, SPENT_FIX)
    return NOT_HELD | {"state": State.WAITING.value, "due_at": now + wait}


def _said(state: State, code: ReasonCode, reason: Sentence, fix: Sentence) -> dict[str, Any]:
    return {"state": state.value, "reason_code": code.value, "reason": reason, "fix": fix}


def _row(one: AttemptResult, now: datetime) -> dict[str, Any]:
    delivery = one.claimed.delivery
    # What fails because the merchant must act does not use up the schedule.
    attempts = delivery.attempts + (0 if one.outcome.needs_merchant else 1)
    values = zip(_WRITTEN_COLUMNS, (*_ending(one, now), attempts), strict=True)
    denied_at = now if one.outcome.needs_merchant else None
    its = {"its_id": delivery.id, "its_shop": delivery.shop_id, "new_denied_at": denied_at}
    return its | {f"new_{name}": value for name, value in values}


def _ending(one: AttemptResult, now: datetime) -> tuple[str, str, str, str, datetime | None, datetime | None]:
    """Delivered, held, waiting until `next_at`, or failed."""
    outcome = one.outcome
    if outcome.verdict is Verdict.DELIVERED:
        return State.DELIVERED.value, "", "", "", None, now
    if outcome.verdict is Verdict.UNCERTAIN and one.claimed.on_uncertain is OnUncertain.HOLD:
        return State.HELD.value, ReasonCode.NOT_TO_BE_REPEATED.value, HELD, HELD_FIX, None, now
    if one.next_at is not None:
        return State.WAITING.value, outcome.code.value, outcome.reason, outcome.fix, one.next_at, None
    return State.FAILED.value, outcome.code.value, outcome.reason, outcome.fix, None, now
