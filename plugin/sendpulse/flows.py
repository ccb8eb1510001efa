"""Reads the list of an account's flows."""

from typing import Any, Final

from plugin.ports import FoundFlow
from plugin.sendpulse.outcomes import json_answer

ACTIVE: Final = 1  #: other numbers are drafts and stopped ones, which only hearsay tells apart


def read_flows(body: bytes) -> list[FoundFlow]:
    """The flows in one page of the list; what cannot be read is left out."""
    answer = json_answer(body)
    entries = answer.get("data") if isinstance(answer, dict) else None
    return [flow for entry in entries if (flow := _flow(entry))] if isinstance(entries, list) else []


def _flow(entry: Any) -> FoundFlow | None:
    if not isinstance(entry, dict) or type(entry.get("id")) is not int:
        return None
    name = entry.get("name")
    return FoundFlow(number=entry["id"], name=name if isinstance(name, str) else "", is_active=entry.get("status") == ACTIVE)
