"""What an attempt's outcome makes of its delivery, as columns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from plugin.domain.delivery import State, Verdict
from plugin.domain.routing import OnUncertain
from plugin.ports import Finished
from plugin.storage import tables
from plugin.storage.attempts import HELD, HELD_FIX
from plugin.storage.columns import Id
from plugin.storage.each_row import EachRow
from plugin.storage.timers import CARTS, skip_bought

_deliveries = tables.deliveries

_COLUMNS = ("state", "reason", "fix", "due_at", "finished_at", "attempts")
_END = EachRow(
    {"its_id": Id, "its_shop": Id} | {f"new_{name}": _deliveries.c[name].type for name in _COLUMNS},
    lambda row: (
        update(_deliveries)
        .where(_deliveries.c.id == row["its_id"], _deliveries.c.shop_id == row["its_shop"])
        .values({name: row[f"new_{name}"] for name in _COLUMNS} | {"lease_until": None})
    ),
)


def end(connection: Connection, finished: Sequence[Finished], now: datetime) -> None:
    """Write what came of these attempts into their deliveries, which the caller has locked."""
    _END.run(connection, [_row(one, now) for one in finished])
    if carts := [one.parcel.delivery.id for one in finished if one.next_at and one.parcel.delivery.kind in CARTS]:
        skip_bought(connection, carts)


def _row(one: Finished, now: datetime) -> dict[str, Any]:
    delivery = one.parcel.delivery
    # What fails because the merchant must act does not use up the schedule.
    attempts = delivery.attempts + (0 if one.outcome.needs_merchant else 1)
    values = zip(_COLUMNS, (*_ending(one, now), attempts), strict=True)
    return {"its_id": delivery.id, "its_shop": delivery.shop_id} | {f"new_{name}": value for name, value in values}


def _ending(one: Finished, now: datetime) -> tuple[str, str, str, datetime | None, datetime | None]:
    """Delivered, held, waiting until `next_at`, or failed."""
    outcome = one.outcome
    if outcome.verdict is Verdict.DELIVERED:
        return State.DELIVERED.value, "", "", None, now
    if outcome.verdict is Verdict.UNCERTAIN and one.parcel.on_uncertain is OnUncertain.HOLD:
        return State.HELD.value, HELD, HELD_FIX, None, now
    if one.next_at is not None:
        return State.WAITING.value, outcome.reason, outcome.fix, one.next_at, None
    return State.FAILED.value, outcome.reason, outcome.fix, None, now
