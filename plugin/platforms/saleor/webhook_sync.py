"""Webhooks that are on while something is sent on, and what the dashboard says when nothing is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

from plugin.config import Settings
from plugin.domain.errors import GiveUp, PluginError, StoreRefuses, TryAgain
from plugin.domain.payload import Payload
from plugin.domain.settings import ShopSettings
from plugin.domain.wording import worded

from .api import Api
from .languages import asked_languages
from .manifest import ALWAYS, SINCE, events, webhook
from .releases import UNKNOWN, Release, release

OPERATIONS: Final = {
    path.stem: path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "operations").glob("*.graphql")
}
PROBLEMS_SINCE: Final = (3, 22, 0)
MOST_BYTES: Final = 1024 * 1024  #: of an answer: it repeats the queries of all webhooks
ALL_SECONDS: Final = 25.0  #: for all questions of one `sync`: a worker that is told to stop is killed after 30
LONGEST_PROBLEM: Final = 500  #: characters; Saleor would take 2,048

NOT_SET_UP: Final = "sendpulse-not-set-up"
PAUSED: Final = "sendpulse-paused"
SET_IT_UP: Final = "Nothing is sent to SendPulse yet: open the app and choose the events to send."


class WebhookSync:
    """Changes what belongs to this app in one shop's Saleor."""

    def __init__(self, settings: Settings, api: Api, *, all_seconds: float = ALL_SECONDS) -> None:
        self._here, self._api, self._all_seconds = settings.public_url, api, all_seconds

    def sync(self, access: Mapping[str, Any], settings: ShopSettings, trouble: str) -> Mapping[str, Any]:
        """The words of the access that changed; raises `TryAgain`, `GiveUp` or `Misconfigured`.

        What was changed before its time ran out stays changed, so that the next time is shorter.
        """
        if not access.get("token") or not access.get("api_url"):
            return {}  # put in by hand, without the handshake: its webhooks are made by hand too
        shop = _Conversation(self._api, access, monotonic() + self._all_seconds)
        is_on = any(route.enabled for route in settings.table.routes.values())
        found = shop.ask("OwnWebhooks")
        if not found.object("app").text("id"):
            raise _unknown(found)
        version = release(found.object("shop").text("version"))
        wanted = _webhooks(self._here, version, asked_languages(settings), is_on=is_on)
        for name, variables in _changes(found.object("app"), wanted):
            if codes := shop.change(name, variables):
                reason = worded("Your Saleor refused a change to this app's webhooks (%(codes)s).", codes=codes)
                raise StoreRefuses(reason, fix=worded("Install the app again. If that does not help, tell whoever runs it."))
        changed: dict[str, Any] = {"version": found.object("shop").text("version")}
        if version >= PROBLEMS_SINCE:
            changed["problems"] = shop.reported(_problems(is_on=is_on, trouble=trouble))
        return {name: word for name, word in changed.items() if access.get(name) != word}


@dataclass(frozen=True, slots=True)
class _Conversation:
    """What one shop's Saleor is asked and told, all of it within a bound of time."""

    api: Api
    access: Mapping[str, Any]
    until: float  #: on the monotonic clock

    def reported(self, wanted: Mapping[str, str]) -> dict[str, str]:
        """What the dashboard shows now. A text that stands there is not written again: it would be counted."""
        shown: Mapping[str, str] = self.access.get("problems") or {}
        if over := sorted(key for key in shown if wanted.get(key) != shown[key]):
            self._show("DismissProblems", {"input": {"byApp": {"keys": over}}})
        for key, message in wanted.items():
            if shown.get(key) != message:
                self._show("ReportProblem", {"input": {"key": key, "message": message}})
        return dict(wanted)

    def _show(self, name: str, variables: Mapping[str, Any]) -> None:
        """No event is lost for want of it, so a refusal is nothing to alarm a merchant with at once."""
        if codes := self.change(name, variables):
            raise TryAgain(f"The shop refused {name} ({codes}).")

    def change(self, name: str, variables: Mapping[str, Any]) -> str:
        """The codes of why it was refused, "" when it was done."""
        done = self.ask(name, variables).object("done")
        if not done:
            raise TryAgain(f"The shop did not do {name}.")
        return ", ".join(error.text("code") or "?" for error in done.objects("errors"))

    def ask(self, name: str, variables: Mapping[str, Any] | None = None) -> Payload:
        address, token, seconds = str(self.access["api_url"]), str(self.access["token"]), self.until - monotonic()
        if seconds <= 0:
            raise TryAgain("The shop's API answers too slowly.")
        try:
            return self.api.answer(address, token, OPERATIONS[name], variables, most_bytes=MOST_BYTES, seconds=seconds)
        except GiveUp as error:
            raise _dead_token() from error


def _unknown(found: Payload) -> PluginError:
    """A Saleor that says who it is and not who we are does not know the token."""
    if found.object("shop").text("version"):
        return _dead_token()
    return TryAgain("The shop does not say which webhooks this app has.")


def _dead_token() -> StoreRefuses:
    reason = worded("Your Saleor no longer knows this app's access token, so its events may not arrive.")
    return StoreRefuses(reason, fix=worded("Install the app again from your Saleor dashboard; the settings stay."))


def _webhooks(here: str, version: Release, languages: tuple[str, ...], *, is_on: bool) -> list[dict[str, Any]]:
    """The webhooks a shop of this version should have, asking for product names in these languages."""
    known = (event for event in events() if version >= SINCE.get(event, UNKNOWN))
    return [{**webhook(event, here, languages), "isActive": is_on or event in ALWAYS} for event in known]


def _changes(app: Payload, webhooks: list[dict[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mutations that make the shop's webhooks ours; none when they are. Those of other names are left alone."""
    known = {each.text("name"): each for each in app.objects("webhooks")}
    for wanted in webhooks:
        there = known.get(wanted["name"])
        if there is None:
            yield "AddWebhook", {"input": wanted}
        elif changed := {name: word for name, word in wanted.items() if _word(there, name) != word}:
            yield "ChangeWebhook", {"id": there.text("id"), "input": changed}


def _word(there: Payload, name: str) -> object:
    """A webhook's word as the shop has it."""
    if name == "isActive":
        return there.truth("isActive")
    if name == "asyncEvents":
        return [each.text("eventType") for each in there.objects("asyncEvents")]
    # A query is longer than what `text` takes for somebody's name or address.
    return there.fields.get("subscriptionQuery") if name == "query" else there.text(name)


def _problems(*, is_on: bool, trouble: str) -> dict[str, str]:
    if not is_on:
        return {NOT_SET_UP: SET_IT_UP}
    return {PAUSED: f"Nothing is sent to SendPulse now. {trouble}"[:LONGEST_PROBLEM]} if trouble else {}
