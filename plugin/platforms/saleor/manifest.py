"""What a Saleor reads when the app is installed: who we are, and which events we want with which fields."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from plugin import resources
from plugin.config import Settings

from .config import NAME

_FOLDER = Path(__file__).parent / "subscriptions"
_SPREAD = re.compile(r"\.\.\.\s*(?!on\b)([A-Za-z_]\w*)")


def manifest(settings: Settings) -> dict[str, Any]:
    """The manifest with this installation's addresses, which come from PUBLIC_URL and never from a request."""
    here = settings.public_url
    return {
        **written(),
        "appUrl": f"{here}/{NAME}/app",
        "tokenTargetUrl": f"{here}/{NAME}/register",
        "webhooks": [_webhook(event, here) for event in events()],
    }


def app_identifier() -> str:
    """The id every token of ours belongs to."""
    return str(written()["id"])


@cache
def written() -> dict[str, Any]:
    """What a person edits: manifest.json."""
    document: dict[str, Any] = json.loads(resources.MANIFEST.read_text(encoding="utf-8"))
    return document


@cache
def events() -> tuple[str, ...]:
    """The events we subscribe to: one file each, named after them."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.graphql")))


@cache
def subscription(event: str) -> str:
    """One event's query with the fragments it uses: Saleor refuses a document with an unused one."""
    texts = [(_FOLDER / f"{event}.graphql").read_text(encoding="utf-8").strip()]
    waiting, known = _SPREAD.findall(texts[0]), set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in known:
            continue
        known.add(name)
        texts.append((_FOLDER / "fragments" / f"{name}.graphql").read_text(encoding="utf-8").strip())
        waiting += _SPREAD.findall(texts[-1])
    return "\n\n".join(texts)


def _webhook(event: str, here: str) -> dict[str, Any]:
    return {
        "name": event,
        "targetUrl": f"{here}/webhooks/{NAME}",
        "query": subscription(event),
        "asyncEvents": [event.upper()],
        "syncEvents": [],
        "isActive": True,
    }
