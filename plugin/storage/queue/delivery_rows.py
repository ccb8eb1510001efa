"""What becomes of an event, as rows of `deliveries`."""

from datetime import datetime
from typing import Any

from plugin.domain.delivery import Hold, Planned, Skip, State
from plugin.domain.event import StoreEvent
from plugin.domain.reason_codes import WITHOUT_FLOW, FlowMatch
from plugin.domain.routing import OnUncertain
from plugin.ports import Plan, StoredEvent
from plugin.storage.db.crypto import Crypto
from plugin.storage.queue.destinations import key_of
from plugin.storage.queue.event_rows import basket_of

_NOTHING: dict[str, Any] = {
    "due_at": None, "finished_at": None, "automation_id": None, "letter": None, "destination": "", "send": "",
    "flow_match": "", "rule": "", "reason_code": "", "reason": "", "fix": "", "on_uncertain": OnUncertain.REPEAT.value,
}  # fmt: skip
DELIVERY_COLUMNS = (
    "shop_id", "event_id", "kind", "locale", "basket", "happened_at", "created_at", "partial", "part", "state", *_NOTHING,
)  # fmt: skip


def delivery_rows(crypto: Crypto, stored: StoredEvent, event: StoreEvent, plan: Plan, *, now: datetime) -> list[dict[str, Any]]:
    """One row for each body that will leave, or one that says why none does; none for None."""
    if plan is None:
        return []
    shop_id = stored.shop.id
    shared = _NOTHING | {
        "shop_id": shop_id, "event_id": stored.id, "kind": event.kind.value, "locale": event.locale.raw,
        "basket": basket_of(crypto, shop_id, event), "happened_at": event.happened_at, "created_at": now,
        "partial": event.lacking(event.unasked).partial,
    }  # fmt: skip
    if isinstance(plan, Skip | Hold):
        state = State.SKIPPED if isinstance(plan, Skip) else State.HELD
        match = FlowMatch.NONE.value if plan.code in WITHOUT_FLOW else ""
        why = {"reason_code": plan.code.value, "reason": plan.reason, "fix": plan.fix, "flow_match": match}
        return [shared | why | {"part": 0, "state": state.value, "finished_at": now}]
    return [shared | _waiting(crypto, stored, planned, now) | {"partial": _partial(event, planned)} for planned in plan]


def _partial(event: StoreEvent, planned: Planned) -> str:
    told = event.lacking(event.unasked)
    for why in (planned.lacks, *planned.left_out):
        told = told.lacking(why)
    return told.partial


def _waiting(crypto: Crypto, stored: StoredEvent, planned: Planned, now: datetime) -> dict[str, Any]:
    route = planned.route
    letter = {
        "body": planned.body,
        "event_url": route.event_url.reveal() if route.event_url else None,
        "event_name": route.event_name,
    }
    return {
        "part": planned.part, "state": State.WAITING.value, "due_at": now, "send": route.send.value,
        "flow_match": planned.match.value, "rule": planned.rule,
        "automation_id": planned.automation_id.number if planned.automation_id else None,
        "destination": key_of(crypto, stored.settings.account, stored.shop.id, route), "letter": crypto.seal_json(letter),
        "on_uncertain": route.on_uncertain.value,
    }  # fmt: skip
