"""What a merchant typed about one kind of event, as a part of the settings file."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.routing import Route, Send
from plugin.domain.settings.pasted import read_event_url
from plugin.domain.settings.values import Wrong
from plugin.pipeline.hold import oldest
from plugin.web.forms.settings import field_message, whole_number
from plugin.web.i18n import gettext as _
from plugin.web.reasons import translated

REMINDER_FIELDS = ("wait_minutes", "window_hours", "oldest_hours")
TEXT_FIELDS = ("send", "event_name", "shape", "audience", "lead", "on_uncertain")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventForm:
    """One event as typed."""

    event: Mapping[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def form_from(kind: EventKind, typed: Mapping[str, str], stored: Route | None) -> EventForm:
    """The event in these fields; an event URL that was not typed anew is the stored one."""
    is_on, send = typed.get("enabled") == "on", typed.get("send", Send.JSON)
    event: dict[str, Any] = {"enabled": is_on}
    event |= {name: typed[name].strip() for name in TEXT_FIELDS if typed.get(name, "").strip()}
    if KINDS[kind].is_computed:
        event |= {name: whole_number(typed[name]) for name in REMINDER_FIELDS if typed.get(name, "").strip()}
    draft = EventForm(event=event)
    has_url = bool(stored and stored.event_url)
    if typed.get("event_url", "").strip():
        _read_url(draft, event, typed["event_url"])
    elif is_on and send in (Send.JSON, Send.FORM) and not has_url:
        draft.errors["event_url"] = _("Paste the event URL from SendPulse, or switch this event off.")
    if is_on and send == Send.NAME and "event_name" not in event:
        draft.errors["event_name"] = _("Enter the event’s name as SendPulse shows it, or switch this event off.")
    return draft


def _read_url(draft: EventForm, event: dict[str, Any], typed: str) -> None:
    try:
        pasted = read_event_url(typed)
    except Wrong as error:
        draft.errors["event_url"] = field_message(error.said)
        return
    event["event_url"] = pasted.value
    if pasted.said:
        draft.notes["event_url"] = translated(pasted.said)


def stored_values(route: Route | None, kind: EventKind) -> dict[str, str]:
    """What stands in the fields before anything is typed; never a secret."""
    route = route or Route(kind=kind, enabled=False)
    hours = math.ceil(oldest(route) / timedelta(hours=1))  # as they count, where a file says nothing of them
    return {
        "enabled": "on" if route.enabled else "",
        "send": route.send, "event_url": "", "event_name": route.event_name, "shape": route.shape, "audience": route.audience,
        "lead": route.lead, "on_uncertain": route.on_uncertain, "wait_minutes": str(route.wait_minutes),
        "window_hours": str(route.window_hours), "oldest_hours": str(hours),
    }  # fmt: skip
