"""Whether Saleor 3.23 would take this manifest, and what it would say if not.

The rules are those of its manifest validation: app/manifest_schema.py and app/manifest_validations.py of 3.23.28.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from .graph import permissions
from .manifest_lists import extension_problems, webhook_problems
from .problems import Problem, is_address, missing, problem, text
from .version_range import version_problems

# May no longer be asked for since 3.24, and the dashboard of 3.23 already refuses it.
FORBIDDEN: Final = frozenset({"MANAGE_APPS"})
TEXTS: Final[Mapping[str, int | None]] = {
    "id": 256,
    "name": 60,
    "version": 60,
    "about": None,
    "appUrl": 200,
    "author": 60,
    "audience": 256,
    "dataPrivacy": None,
    "dataPrivacyUrl": 200,
    "homepageUrl": 200,
    "supportUrl": 200,
    "configurationUrl": 200,
}
"""Field → the longest its column takes."""
LISTS: Final = ("permissions", "extensions", "webhooks")

Check = Callable[[Mapping[str, Any]], Iterator[Problem]]


def problems_in(document: object) -> list[Problem]:
    """Everything Saleor would refuse; nothing when it would install."""
    if not isinstance(document, dict):
        return [problem("manifest", "INVALID_MANIFEST_FORMAT", "The manifest is no JSON object.")]
    absent = [missing(name) for name in ("id", "name", "version") if not text(document.get(name))]
    wrong = list(_shapes(document))
    if wrong:  # of another type than declared: the rest cannot be read
        return absent + wrong
    checks: Sequence[Check] = (_lengths, _permissions, _addresses, _author, _logo)
    lists: Sequence[Check] = (version_problems, extension_problems, webhook_problems)
    return absent + [found for check in (*checks, *lists) for found in check(document)]


def _shapes(document: Mapping[str, Any]) -> Iterator[Problem]:
    """pydantic's own: texts are texts, lists are lists of what they should hold; null is as good as absent but for texts."""
    for name in TEXTS:
        if name in document and not isinstance(document[name], str | None):
            yield problem(name, "INVALID", "Input should be a valid string.")
    for name in LISTS:
        entries = document.get(name)
        kind = str if name == "permissions" else dict
        if not isinstance(entries, list | None) or any(not isinstance(entry, kind) for entry in entries or ()):
            yield problem(name, "INVALID", f"Input should be a list of {'texts' if kind is str else 'objects'}.")


def _lengths(document: Mapping[str, Any]) -> Iterator[Problem]:
    # Saleor itself only stumbles over these in its database and then says "Unknown error".
    for name, longest in TEXTS.items():
        if longest and len(str(document.get(name) or "")) > longest:
            yield problem(name, "INVALID", f"Longer than {longest} characters.")


def _permissions(document: Mapping[str, Any]) -> Iterator[Problem]:
    for name in document.get("permissions") or ():
        if name in FORBIDDEN:
            yield problem("permissions", "OUT_OF_SCOPE_PERMISSION", f"An app may not have {name}.")
        elif name not in permissions():
            yield problem("permissions", "INVALID_PERMISSION", f"{name} is no permission of Saleor's.")


def _addresses(document: Mapping[str, Any]) -> Iterator[Problem]:
    target = document.get("tokenTargetUrl")
    if target is None:
        # Optional since 3.23.0, required before; an app without one never gets its token.
        yield missing("tokenTargetUrl")
    elif not is_address(target):
        yield problem("tokenTargetUrl", "INVALID_URL_FORMAT", "Incorrect format.")


def _author(document: Mapping[str, Any]) -> Iterator[Problem]:
    if "author" in document and document["author"] is not None and not text(document["author"]):
        yield problem("author", "INVALID", "The author is blank.")


def _logo(document: Mapping[str, Any]) -> Iterator[Problem]:
    brand = document.get("brand")
    if brand is None:
        return
    logo = brand.get("logo", {}).get("default") if isinstance(brand, dict) else None
    if not is_address(logo) or not urlsplit(text(logo)).path.endswith(".png"):
        yield problem("brand", "INVALID_URL_FORMAT", "The logo is no address of a PNG picture.")
