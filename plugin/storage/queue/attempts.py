"""Attempts: written before they are made, answered once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, func, insert, select, update

from plugin.domain.delivery import Outcome
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.columns import Id, Moment

_attempts, _deliveries = tables.attempts, tables.deliveries


def write(connection: Connection, ids: Sequence[int], now: datetime) -> dict[int, int]:
    """An attempt for each of these deliveries; by delivery, its id."""
    written = connection.execute(_INSERT_ATTEMPTS, {"ids": ids, "at": now})
    return {delivery_id: attempt_id for delivery_id, attempt_id in written}  # noqa: C416


def answer(connection: Connection, outcomes: Mapping[int, Outcome], now: datetime) -> None:
    """Write what came of these attempts; one that was answered before stays as it is."""
    _FINISH_ATTEMPTS.run(
        connection, [{"attempt": attempt_id} | _answered(outcome, now) for attempt_id, outcome in outcomes.items()]
    )


def never_answered(connection: Connection, delivery_ids: Sequence[int], outcome: Outcome, now: datetime) -> None:
    """The same for the attempts of these deliveries whose answer nobody will write any more."""
    is_open = _attempts.c.delivery_id.in_(delivery_ids) & _attempts.c.finished_at.is_(None)
    values = {name.removeprefix("new_"): value for name, value in _answered(outcome, now).items()}
    connection.execute(update(_attempts).where(is_open).values(values))


def _answered(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "new_finished_at": now, "new_verdict": outcome.verdict.value, "new_status": outcome.status,
        "new_reason_code": outcome.code.value, "new_reason": outcome.reason, "new_fix": outcome.fix,
        "new_answer": outcome.answer,
    }  # fmt: skip


def _insert_attempts() -> Insert:
    earlier = _attempts.alias("earlier")
    number = select(func.coalesce(func.max(earlier.c.number), 0) + 1).where(earlier.c.delivery_id == _deliveries.c.id)
    at = bindparam("at", type_=Moment())
    rows = select(_deliveries.c.shop_id, _deliveries.c.id, number.scalar_subquery(), at)
    rows = rows.where(AnyOf(_deliveries.c.id, "ids"))
    into = insert(_attempts).from_select(["shop_id", "delivery_id", "number", "started_at"], rows, include_defaults=False)
    return into.returning(_attempts.c.delivery_id, _attempts.c.id)


_INSERT_ATTEMPTS = _insert_attempts()
_ANSWER_COLUMNS = ("finished_at", "verdict", "status", "reason_code", "reason", "fix", "answer")
_FINISH_ATTEMPTS = BulkUpdate(
    {"attempt": Id} | {f"new_{name}": _attempts.c[name].type for name in _ANSWER_COLUMNS},
    lambda row: (
        update(_attempts)
        .where(_attempts.c.id == row["attempt"], _attempts.c.finished_at.is_(None))
        .values({name: row[f"new_{name}"] for name in _ANSWER_COLUMNS})
    ),
)
