"""Whether Saleor 3.23 would take this manifest, and what it would say if not.

The rules are those of its manifest validation: app/manifest_schema.py and app/manifest_validations.py of 3.23.28.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .graph import permissions, problems_of
from .pretend import VERSION

# May no longer be asked for since 3.24, and the dashboard of 3.23 already refuses it.
FORBIDDEN: Final = frozenset({"MANAGE_APPS"})
TARGETS: Final = frozenset({"POPUP", "APP_PAGE", "NEW_TAB", "WIDGET"})
LONGEST: Final[Mapping[str, int]] = {"id": 256, "name": 60, "version": 60, "appUrl": 200, "author": 60, "audience": 256}
_COMPARATOR = re.compile(r"(>=|<=|>|<|=)?\s*v?(\d+(?:\.\d+){0,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong, as appFetchManifest would list it."""

    field: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message} ({self.code})"


Check = Callable[[Mapping[str, Any]], Iterator[Problem]]


def problems_in(document: object) -> list[Problem]:
    """Everything Saleor would refuse; nothing when it would install."""
    if not isinstance(document, dict):
        return [_problem("manifest", "INVALID_MANIFEST_FORMAT", "The manifest is no JSON object.")]
    missing = [_missing(name) for name in ("id", "name", "version") if not _text(document.get(name))]
    checks: Sequence[Check] = (_lengths, _permissions, _addresses, _version_range, _author, _logo, _extensions, _webhooks)
    return missing + [problem for check in checks for problem in check(document)]


def _problem(field: str, code: str, message: str) -> Problem:
    return Problem(field=field, code=code, message=message)


def _missing(field: str) -> Problem:
    return _problem(field, "REQUIRED", "Field required.")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _lengths(document: Mapping[str, Any]) -> Iterator[Problem]:
    # Saleor itself only stumbles over these in its database and then says "Unknown error".
    for name, longest in LONGEST.items():
        if len(str(document.get(name) or "")) > longest:
            yield _problem(name, "INVALID", f"Longer than {longest} characters.")


def _permissions(document: Mapping[str, Any]) -> Iterator[Problem]:
    for name in document.get("permissions") or ():
        if name in FORBIDDEN:
            yield _problem("permissions", "OUT_OF_SCOPE_PERMISSION", f"An app may not have {name}.")
        elif name not in permissions():
            yield _problem("permissions", "INVALID_PERMISSION", f"{name} is no permission of Saleor's.")


def _addresses(document: Mapping[str, Any]) -> Iterator[Problem]:
    target = document.get("tokenTargetUrl")
    if target is None:
        # Optional since 3.23.0, required before; an app without one never gets its token.
        yield _missing("tokenTargetUrl")
    elif not _is_address(target):
        yield _problem("tokenTargetUrl", "INVALID_URL_FORMAT", "Incorrect format.")


def _is_address(value: object, schemes: Sequence[str] = ("http", "https")) -> bool:
    parts = urlsplit(_text(value))
    return parts.scheme in schemes and bool(parts.netloc)


def _version_range(document: Mapping[str, Any]) -> Iterator[Problem]:
    wanted = document.get("requiredSaleorVersion")
    if wanted is None:
        return
    allowed = _range(_text(wanted))
    if allowed is None:
        yield _problem("requiredSaleorVersion", "INVALID", f"{wanted!r} is no range of versions.")
    elif not allowed.contains(VERSION):
        yield _problem("requiredSaleorVersion", "UNSUPPORTED_SALEOR_VERSION", f"This is {VERSION}; the app wants {wanted}.")


def _range(text: str) -> SpecifierSet | None:
    """npm's ranges as far as comparators go (`>=3.21 <4`); ^, ~ and || are refused here though Saleor knows them."""
    found = _COMPARATOR.findall(text)
    if not found or _COMPARATOR.sub("", text).strip():
        return None
    try:
        return SpecifierSet(",".join(f"{'==' if sign in ('', '=') else sign}{version}" for sign, version in found))
    except InvalidSpecifier:
        return None


def _author(document: Mapping[str, Any]) -> Iterator[Problem]:
    if "author" in document and document["author"] is not None and not _text(document["author"]):
        yield _problem("author", "INVALID", "The author is blank.")


def _logo(document: Mapping[str, Any]) -> Iterator[Problem]:
    brand = document.get("brand")
    if brand is None:
        return
    logo = brand.get("logo", {}).get("default") if isinstance(brand, dict) else None
    if not _is_address(logo) or not urlsplit(_text(logo)).path.endswith(".png"):
        yield _problem("brand", "INVALID_URL_FORMAT", "The logo is no address of a PNG picture.")


def _extensions(document: Mapping[str, Any]) -> Iterator[Problem]:
    extensions = [found for found in document.get("extensions") or () if isinstance(found, dict)]
    yield from _twice(extensions, "DUPLICATED_EXTENSION_IDENTIFIER", "extensions")
    for place, extension in enumerate(extensions):
        where = f"extensions[{place}]"
        yield from (_missing(f"{where}.{name}") for name in ("label", "url", "mount") if not _text(extension.get(name)))
        beyond = set(extension.get("permissions") or ()) - set(document.get("permissions") or ())
        if beyond:
            message = f"The app itself does not have {', '.join(sorted(beyond))}."
            yield _problem(f"{where}.permissions", "OUT_OF_SCOPE_PERMISSION", message)
        yield from _extension_address(extension, document, where)


def _extension_address(extension: Mapping[str, Any], document: Mapping[str, Any], where: str) -> Iterator[Problem]:
    target, url = extension.get("target", "POPUP"), _text(extension.get("url"))
    if target not in TARGETS:
        yield _problem(f"{where}.target", "INVALID", f"The dashboard knows no target {target}.")
    if url.startswith("/") and not document.get("appUrl"):
        yield _problem(f"{where}.url", "INVALID_URL_FORMAT", "A relative address needs appUrl.")
    if target == "APP_PAGE" and not url.startswith("/"):
        yield _problem(f"{where}.url", "INVALID_URL_FORMAT", "The address of an APP_PAGE is relative.")


def _twice(items: Sequence[Mapping[str, Any]], code: str, field: str) -> Iterator[Problem]:
    counts = Counter(item["identifier"] for item in items if item.get("identifier"))
    yield from (_problem(field, code, f"{name} is there twice.") for name, count in counts.items() if count > 1)


def _webhooks(document: Mapping[str, Any]) -> Iterator[Problem]:
    webhooks = [found for found in document.get("webhooks") or () if isinstance(found, dict)]
    yield from _twice(webhooks, "DUPLICATED_WEBHOOK_IDENTIFIER", "webhooks")
    for place, webhook in enumerate(webhooks):
        yield from _webhook(webhook, f"webhooks[{place}]")


def _webhook(webhook: Mapping[str, Any], where: str) -> Iterator[Problem]:
    missing = [name for name in ("name", "targetUrl", "query") if not _text(webhook.get(name))]
    yield from (_missing(f"{where}.{name}") for name in missing)
    target = _text(webhook.get("targetUrl"))
    if target and (not _is_address(target, ("http", "https", "awssqs", "gcpubsub")) or len(target) > 255):
        yield _problem(f"{where}.targetUrl", "INVALID_URL_FORMAT", "Invalid target url.")
    for message in problems_of(webhook["query"]) if "query" not in missing else ():
        yield _problem(f"{where}.query", "INVALID", f"Subscription query is not valid: {message}")
    headers = webhook.get("customHeaders") or {}
    good = [name for name in headers if name.lower().startswith(("x-", "authorization")) or name == "BrokerProperties"]
    if len(headers) > 5 or len(good) < len(headers):
        yield _problem(f"{where}.customHeaders", "INVALID_CUSTOM_HEADERS", "At most five, named X-… or Authorization….")
