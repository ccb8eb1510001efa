"""What a Saleor reads when the app is installed: who we are, and which events we want with which fields."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from plugin import resources
from plugin.config import Settings

from .config import NAME
from .languages import USUAL, alias
from .releases import Release

# Events an older Saleor does not know, with the version that brought them. One unknown word in the manifest and the whole
# installation fails, so these are added by API once the shop has said its version.
# Saleor 3.23.5 brought the type; its enum knew the word long before.
SINCE: Final[Mapping[str, Release]] = {"customer_deleted": (3, 23, 5)}
ALWAYS: Final = frozenset({"app_deleted", "account_deleted", "customer_deleted"})
"""On from the start: without them nobody tells us that we were removed, or that somebody is to be forgotten."""

_FOLDER = Path(__file__).parent / "subscriptions"
_TRANSLATED: Final = {
    "ProductNames": "Product",
    "VariantNames": "ProductVariant",
}  #: fragments made of languages, and their types
_SPREAD = re.compile(r"\.\.\.\s*(?!on\b)([A-Za-z_]\w*)")


def manifest(settings: Settings) -> dict[str, Any]:
    """The manifest with this installation's addresses, which come from PUBLIC_URL and never from a request."""
    here, publisher = settings.public_url, settings.publisher
    said = {"author": publisher.author, "supportUrl": publisher.support_url, "dataPrivacyUrl": publisher.privacy_url}
    return {
        **written(),
        **{name: text for name, text in said.items() if text},  # what is not said may be left out, but not be empty
        "brand": {"logo": {"default": f"{here}/static/brand/icon.png"}},
        "appUrl": f"{here}/{NAME}/app",
        "tokenTargetUrl": f"{here}/{NAME}/register",
        "webhooks": [_in_manifest(event, here) for event in events() if event not in SINCE],
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
def subscription(event: str, languages: tuple[str, ...] = USUAL) -> str:
    """One event's query with the fragments it uses: Saleor refuses a document with an unused one."""
    texts = [(_FOLDER / f"{event}.graphql").read_text(encoding="utf-8").strip()]
    waiting, known = _SPREAD.findall(texts[0]), set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in known:
            continue
        known.add(name)
        texts.append(_fragment(name, languages))
        waiting += _SPREAD.findall(texts[-1])
    return "\n\n".join(texts)


def _fragment(name: str, languages: tuple[str, ...]) -> str:
    if name not in _TRANSLATED:
        return (_FOLDER / "fragments" / f"{name}.graphql").read_text(encoding="utf-8").strip()
    fields = (f"  {alias(code)}: translation(languageCode: {code}) {{ name }}" for code in languages)
    return "\n".join((f"fragment {name} on {_TRANSLATED[name]} {{", *fields, "}"))


def webhook(event: str, here: str, languages: tuple[str, ...] = USUAL) -> dict[str, Any]:
    """How a webhook is, but for whether it is on; in the words both of the manifest and of GraphQL."""
    return {
        "name": event,
        "targetUrl": f"{here}/webhooks/{NAME}",
        "query": subscription(event, languages),
        "asyncEvents": [event.upper()],
    }


def _in_manifest(event: str, here: str) -> dict[str, Any]:
    """Off until the shop's settings send something on: what nobody waits for need not leave the shop."""
    return {**webhook(event, here), "syncEvents": [], "isActive": event in ALWAYS}
