"""What an attempt's outcome makes of its delivery, as columns."""

from datetime import datetime
from typing import Any

from plugin.domain.delivery import State, Verdict
from plugin.domain.routing import OnUncertain
from plugin.ports import Finished
from plugin.storage import leases
from plugin.storage.attempts import HELD, HELD_FIX


def ending(one: Finished, on_uncertain: OnUncertain, now: datetime) -> dict[str, Any]:
    """Delivered, waiting until `next_at`, held, or failed."""
    outcome = one.outcome
    if outcome.verdict is Verdict.DELIVERED:
        return leases.CLOSED | {"state": State.DELIVERED.value, "reason": "", "fix": "", "finished_at": now}
    if outcome.verdict is Verdict.UNCERTAIN and on_uncertain is OnUncertain.HOLD:
        return leases.CLOSED | {"state": State.HELD.value, "reason": HELD, "fix": HELD_FIX, "finished_at": now}
    told = {"reason": outcome.reason, "fix": outcome.fix}
    if one.next_at is not None:
        return leases.NOT_HELD | told | {"state": State.WAITING.value, "due_at": one.next_at}
    return leases.CLOSED | told | {"state": State.FAILED.value, "finished_at": now}
