"""The first step: the account's REST keys, an event URL, or both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from plugin.domain.kinds import EventKind
from plugin.domain.routing import Send
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import SECRETS, Document, with_event
from plugin.domain.settings.pasted import read_event_url
from plugin.domain.settings.values import Wrong
from plugin.web.forms.account import account_change, incomplete_keys
from plugin.web.forms.settings import field_message
from plugin.web.i18n import gettext as _
from plugin.web.reasons import translated

KEYS: Final = ("client_id", "client_secret")  #: what the guide asks for; the others are for the Settings page
KIND: Final = EventKind.ORDER_PAID  #: the event whose URL is asked for here


class Way(StrEnum):
    """How the merchant connects; both ways may be given."""

    KEYS = "keys"
    URL = "url"


@dataclass(slots=True, kw_only=True)
class Connection:
    """The step as typed."""

    url: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def way_of(settings: ShopSettings) -> Way:
    """The way that is shown first."""
    has_url = any(route.event_url for route in settings.table.routes.values())
    return Way.URL if has_url and not settings.account.has_keys else Way.KEYS


def read(typed: Mapping[str, str], settings: ShopSettings) -> Connection:
    """What was given, and what is missing for the way that was chosen."""
    found = Connection()
    pasted = typed.get("event_url", "").strip()
    stored = settings.table.routes.get(KIND)
    knows_keys = has_keys(typed) or settings.account.has_keys
    is_by_url = typed.get("way", Way.URL) == Way.URL or bool(pasted and not knows_keys)
    if pasted or (is_by_url and not (stored and stored.event_url) and not ("way" not in typed and knows_keys)):
        _read_url(found, pasted)
    if any(name in typed for name in KEYS):
        found.errors |= incomplete_keys(typed)
    if not is_by_url and not knows_keys:
        found.errors.setdefault("client_id", _("Enter the REST ID and secret, or choose the event URL above."))
    return found


def has_keys(typed: Mapping[str, str]) -> bool:
    """Whether any key was typed."""
    return any(typed.get(name, "").strip() for name in KEYS)


def _read_url(found: Connection, pasted: str) -> None:
    try:
        read = read_event_url(pasted)
    except Wrong as error:
        found.errors["event_url"] = field_message(error.said)
        return
    found.url = read.value
    if read.said:
        found.notes["event_url"] = translated(read.said)


def connected(document: Document, typed: Mapping[str, str], url: str) -> Document:
    """The settings with what was given; every event that went to the replaced URL goes to the new one."""
    if url:
        document = _with_url(document, url)
    if not has_keys(typed):
        return document
    stored = {name: str(value) for name, value in document.get("account", {}).items() if name not in SECRETS}
    return account_change(stored | {name: typed.get(name, "") for name in KEYS})(document)


def _with_url(document: Document, url: str) -> Document:
    events: Mapping[str, Any] = document.get("events", {})
    old = events.get(KIND.value, {}).get("event_url")
    same = {name for name, event in events.items() if old and event.get("event_url") == old}
    for kind in EventKind:
        if kind is KIND or kind.value in same:
            event: dict[str, Any] = dict(events.get(kind.value) or {"enabled": False})
            if kind is KIND or event.get("send") != Send.NAME:
                event["send"] = Send.FORM.value if event.get("send") == Send.FORM else Send.JSON.value
            document = with_event(document, kind, event | {"event_url": url})
    return document
