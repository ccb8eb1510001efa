"""The subject lines of the demo's mails: what a merchant might have written into each flow."""

from collections.abc import Mapping
from typing import Any, Final

from plugin.sandbox.kinds import SANDBOX_KINDS

_SUBJECTS: Final[Mapping[str, tuple[str, ...]]] = {kind.value: row.subjects for kind, row in SANDBOX_KINDS.items()}


def subject(flow_id: int, variables: Mapping[str, Any]) -> str:
    """What the flow with this number would write above its mail."""
    phrases = _SUBJECTS.get(str(variables.get("event_name")), ("News about {order}",))
    phrase = phrases[(flow_id - 1) % 100 % len(phrases)]
    return phrase.format(
        name=variables.get("first_name") or variables.get("customer_name") or "",
        order=variables.get("order_number") or "",
        product=variables.get("product_name") or "",
    ).strip(", ")
