"""A body as it leaves: the very text of the request, which way it goes, and the same one line a value."""

import json
from dataclasses import dataclass
from urllib.parse import parse_qsl

from plugin.domain.routing import Send
from plugin.web.i18n import gettext as _
from plugin.web.services import services


@dataclass(frozen=True, slots=True, kw_only=True)
class WirePreview:
    """One body on its way out."""

    way: str  #: in plain words
    text: str  #: byte for byte as it goes over the wire
    readable: str  #: the same, one line a value


def wire_preview(send: Send, body: str) -> WirePreview:
    """How this JSON leaves when it is sent this way."""
    text = services().as_sent(send, body)
    return WirePreview(way=_way(send), text=text, readable=_fields(text) if send is Send.FORM else _indented(text))


def _way(send: Send) -> str:
    return {
        Send.JSON: _("To the event URL, as JSON"),
        Send.FORM: _("To the event URL, as form data"),
        Send.NAME: _("By name, through the REST API"),
    }[send]


def _indented(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, indent=2)


def _fields(text: str) -> str:
    return "\n".join(f"{name} = {value}" for name, value in parse_qsl(text, keep_blank_values=True))
