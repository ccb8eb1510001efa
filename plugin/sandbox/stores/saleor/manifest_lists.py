"""A manifest's extensions and webhooks, entry by entry."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from .graph import async_events, permissions, problems_of
from .problems import Problem, is_address, missing, problem, text, twice

TARGETS: Final = frozenset({"POPUP", "APP_PAGE", "NEW_TAB", "WIDGET"})
METHODS: Final = frozenset({"GET", "POST"})
# Option → the target it belongs to, and the mount where it belongs to one only.
OPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "newTabTarget": ("NEW_TAB", ""),
    "widgetTarget": ("WIDGET", ""),
    "homeWidgetTarget": ("WIDGET", "HOMEPAGE_WIDGETS"),
}
SEARCH_OPTIONS: Final = ("views", "aliases")
MOST_HEADERS, LONGEST_HEADER = 5, 998


def extension_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    extensions: Sequence[Mapping[str, Any]] = document.get("extensions") or ()
    yield from twice(extensions, "DUPLICATED_EXTENSION_IDENTIFIER", "extensions")
    for place, extension in enumerate(extensions):
        where = f"extensions[{place}]"
        yield from (missing(f"{where}.{name}") for name in ("label", "url", "mount") if not text(extension.get(name)))
        yield from _scope(extension, document, where)
        yield from _address(extension, document, where)
        yield from _options(extension, document, where)


def _scope(extension: Mapping[str, Any], document: Mapping[str, Any], where: str) -> Iterator[Problem]:
    asked = set(extension.get("permissions") or ())
    unknown, beyond = asked - set(permissions()), (asked & set(permissions())) - set(document.get("permissions") or ())
    if unknown:
        yield problem(f"{where}.permissions", "INVALID_PERMISSION", f"No permissions: {', '.join(sorted(unknown))}.")
    if beyond:
        message = f"The app itself does not have {', '.join(sorted(beyond))}."
        yield problem(f"{where}.permissions", "OUT_OF_SCOPE_PERMISSION", message)


def _address(extension: Mapping[str, Any], document: Mapping[str, Any], where: str) -> Iterator[Problem]:
    target, url = extension.get("target", "POPUP"), text(extension.get("url"))
    if target not in TARGETS:
        yield problem(f"{where}.target", "INVALID", f"The dashboard knows no target {target}.")
    if url.startswith("/") and not document.get("appUrl"):
        yield problem(f"{where}.url", "INVALID_URL_FORMAT", "A relative address needs appUrl.")
    if target == "APP_PAGE" and not url.startswith("/"):
        yield problem(f"{where}.url", "INVALID_URL_FORMAT", "The address of an APP_PAGE is relative.")


def _options(extension: Mapping[str, Any], document: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """Up to 3.22 Saleor checks these itself, since 3.23 the dashboard does when it shows the install page."""
    options = extension.get("options") or {}
    target, mount = extension.get("target", "POPUP"), extension.get("mount")
    for name, (wanted, where_to) in OPTIONS.items():
        if name not in options:
            continue
        method = options[name].get("method") if isinstance(options[name], dict) else None
        if target != wanted or (where_to and mount != where_to) or method not in METHODS:
            yield problem(f"{where}.options", "INVALID", f"{name} with a method is for {where_to or wanted} only.")
        if method == "POST" and not _is_same_origin(extension, document):
            yield problem(f"{where}.url", "INVALID_URL_FORMAT", "What is opened by POST is at tokenTargetUrl's host.")
    if {"newTabTarget", "widgetTarget"} <= set(options):
        yield problem(f"{where}.options", "INVALID", "At most one of newTabTarget and widgetTarget.")
    if mount != "SEARCH_ACTION" and any(name in options for name in SEARCH_OPTIONS):
        yield problem(f"{where}.options", "INVALID", "views and aliases are for SEARCH_ACTION only.")


def _is_same_origin(extension: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    url = text(extension.get("url"))
    return url.startswith("/") or urlsplit(url).netloc == urlsplit(text(document.get("tokenTargetUrl"))).netloc


def webhook_problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    webhooks: Sequence[Mapping[str, Any]] = document.get("webhooks") or ()
    yield from twice(webhooks, "DUPLICATED_WEBHOOK_IDENTIFIER", "webhooks")
    for place, webhook in enumerate(webhooks):
        where = f"webhooks[{place}]"
        absent = [name for name in ("name", "targetUrl", "query") if not text(webhook.get(name))]
        yield from (missing(f"{where}.{name}") for name in absent)
        yield from _target(webhook, where)
        yield from _events(webhook, where)
        for message in problems_of(webhook["query"]) if "query" not in absent else ():
            yield problem(f"{where}.query", "INVALID", f"Subscription query is not valid: {message}")
        yield from _headers(webhook, where)


def _target(webhook: Mapping[str, Any], where: str) -> Iterator[Problem]:
    target = text(webhook.get("targetUrl"))
    if target and (not is_address(target, ("http", "https", "awssqs", "gcpubsub")) or len(target) > 255):
        yield problem(f"{where}.targetUrl", "INVALID_URL_FORMAT", "Invalid target url.")


def _events(webhook: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """The lists are not compared with the query, but every name in them is one of Saleor's."""
    if not isinstance(webhook.get("isActive", True), bool):
        yield problem(f"{where}.isActive", "INVALID", "Input should be a valid boolean.")
    events = webhook.get("asyncEvents") or []
    unknown = [str(event) for event in events if event not in async_events()] if isinstance(events, list) else [str(events)]
    if unknown:
        yield problem(f"{where}.asyncEvents", "INVALID", f"No events of Saleor's: {', '.join(unknown)}.")


def _headers(webhook: Mapping[str, Any], where: str) -> Iterator[Problem]:
    headers = webhook.get("customHeaders") or {}
    good = [
        name
        for name, value in headers.items()
        if (name.lower().startswith(("x-", "authorization")) or name == "BrokerProperties")
        and len(name) + len(str(value)) <= LONGEST_HEADER
    ]
    if len(headers) > MOST_HEADERS or len(good) < len(headers):
        yield problem(f"{where}.customHeaders", "INVALID_CUSTOM_HEADERS", "At most five, named X-… or Authorization….")
