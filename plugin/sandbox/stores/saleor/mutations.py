"""What an app may change of itself: its webhooks, and the problems the dashboard shows beside it."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from graphql import GraphQLError

from .ids import global_id
from .pretend import InstalledApp, PretendSaleor

Change = Callable[..., dict[str, Any]]
KEY_LENGTHS: Final = range(3, 129)
SHORTEST_MESSAGE: Final = 3


def mutations(pretend: PretendSaleor, app: InstalledApp | None, problems_of: Callable[[str], list[str]]) -> dict[str, Change]:
    """The root fields of a mutation, for whoever asks."""

    def owned(change: Callable[..., list[dict[str, str]]]) -> Change:
        def resolve(_info: object, **given: Any) -> dict[str, Any]:
            if app is None:
                raise GraphQLError(
                    "To access this path, you need one of the following permissions: AUTHENTICATED_APP",
                    extensions={"exception": {"code": "PermissionDenied"}},
                )
            return {"errors": change(pretend, app, **given)}

        return resolve

    def create(pretend: PretendSaleor, app: InstalledApp, *, input: Mapping[str, Any]) -> list[dict[str, str]]:
        errors = _webhook_errors(input, problems_of)
        if not errors:
            pretend.change_webhooks(app, (*pretend.current(app).webhooks, {"isActive": False, **input}))
        return errors

    def change(
        pretend: PretendSaleor, app: InstalledApp, *, input: Mapping[str, Any], id: str | None = None
    ) -> list[dict[str, str]]:
        webhooks = list(pretend.current(app).webhooks)
        place = next((place for place in range(len(webhooks)) if webhook_id(app, place) == id), None)
        if place is None:
            return [_error("id", "NOT_FOUND")]
        changed = {**webhooks[place], **input}
        errors = _webhook_errors(changed, problems_of)
        if not errors:
            webhooks[place] = changed
            pretend.change_webhooks(app, tuple(webhooks))
        return errors

    return {
        "webhookCreate": owned(create),
        "webhookUpdate": owned(change),
        "appProblemCreate": owned(_report),
        "appProblemDismiss": owned(_dismiss),
    }


def webhook_id(app: InstalledApp, place: int) -> str:
    return global_id("Webhook", f"{app.number}{place:03d}")


def _webhook_errors(webhook: Mapping[str, Any], problems_of: Callable[[str], list[str]]) -> list[dict[str, str]]:
    if not webhook.get("query"):
        return [_error("query", "MISSING_SUBSCRIPTION")]
    if problems_of(webhook["query"]):
        return [_error("query", "SYNTAX")]
    if urlsplit(webhook.get("targetUrl") or "").scheme not in ("http", "https", "awssqs", "gcpubsub"):
        return [_error("targetUrl", "INVALID")]
    return []


def _report(pretend: PretendSaleor, app: InstalledApp, *, input: Mapping[str, Any]) -> list[dict[str, str]]:
    if len(input["key"]) not in KEY_LENGTHS:
        return [_error("key", "INVALID")]
    if len(input["message"]) < SHORTEST_MESSAGE:
        return [_error("message", "INVALID")]
    pretend.problems.append((app.number, input["key"], input["message"]))
    return []


def _dismiss(pretend: PretendSaleor, app: InstalledApp, *, input: Mapping[str, Any]) -> list[dict[str, str]]:
    keys = (input.get("byApp") or {}).get("keys")
    if not keys:
        return [_error("input", "REQUIRED")]
    pretend.problems[:] = [one for one in pretend.problems if one[0] != app.number or one[1] not in keys]
    return []


def _error(field: str, code: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": code}
