"""Posts events to SendPulse: the only module that does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from time import monotonic
from typing import Final
from urllib.parse import quote, urlsplit

from plugin.config import Settings
from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import Send
from plugin.domain.settings import Account
from plugin.domain.wording import worded
from plugin.ports import ClaimedDelivery, FoundFlow, Tokens
from plugin.sendpulse.flows import read_flows
from plugin.sendpulse.forgetting import Forgetting
from plugin.sendpulse.form import as_sent
from plugin.sendpulse.outcomes import understand
from plugin.sendpulse.tokens import Bearer, Bearers
from plugin.sendpulse.wire import Limits, Reply, Wire

JSON_TYPE: Final = "application/json; charset=utf-8"
FORM_TYPE: Final = "application/x-www-form-urlencoded"

RESERVE: Final = timedelta(seconds=2)  #: for storing an answer, and for clocks of machines that differ

FLOWS_A_PAGE: Final = 100  #: https://sendpulse.com/integrations/api/a360
MOST_PAGES: Final = 5

NO_ADDRESS: Final = Outcome(
    verdict=Verdict.GIVE_UP,
    code=ReasonCode.UNSENDABLE,
    reason=worded("This event has no event URL or event name."),
    fix=worded("Enter it on the Events page, then send this again."),
)


class SendPulse:
    """Makes one attempt at a time; any number of threads may share it. Fits `ports.Post`."""

    def __init__(
        self, settings: Settings, tokens: Tokens, clock: Callable[[], datetime], *, limits: Limits | None = None
    ) -> None:
        self._events_url, self._api_url = settings.sendpulse_events_url, settings.sendpulse_api_url
        self._clock, self._limits = clock, limits or Limits()
        self._wire = Wire(self._limits)
        self._bearers = Bearers(self._wire, tokens, settings.sendpulse_api_url, clock)

    def __call__(self, claimed: ClaimedDelivery) -> Outcome:
        """Send the delivery's body, once but for a renewed token. Never raises for an answer, or for none."""
        return _WAYS[claimed.send](self, claimed)

    def check(self, account: Account) -> Outcome:
        """Ask SendPulse whether the account's REST credentials work; delivered means yes."""
        outcome = self._authorized("GET", f"{self._api_url}/user/info", account)
        if outcome.verdict is Verdict.DELIVERED:
            return replace(outcome, reason=worded("SendPulse accepts the keys."), answer="")
        return outcome

    def flows(self, account: Account) -> Sequence[FoundFlow] | Outcome:
        """The account's flows, as many as its first pages hold, or why SendPulse does not tell."""
        found: list[FoundFlow] = []
        for page in range(MOST_PAGES):
            url = f"{self._api_url}/a360/autoresponders/list?limit={FLOWS_A_PAGE}&offset={page * FLOWS_A_PAGE}"
            reply = self._ask("GET", url, account)
            if isinstance(reply, Outcome):
                return reply
            outcome = self._understood(reply)
            if outcome.verdict is not Verdict.DELIVERED:
                return outcome
            listed = read_flows(reply.body)
            found += listed
            if len(listed) < FLOWS_A_PAGE:  # the answer carries no total: the last page is the short one
                break
        return found

    def forget(self, account: Account, *, emails: Sequence[str], phones: Sequence[str]) -> Outcome:
        """Delete a person from the account's mailing lists and CRM."""

        def ask(method: str, path: str, body: bytes | None) -> Reply | Outcome:
            return self._ask(method, f"{self._api_url}{path}", account, body)

        return Forgetting(ask, self._understood).forget(emails=emails, phones=phones)

    def close(self) -> None:
        """Close the kept connections."""
        self._wire.close()

    def _send_json(self, claimed: ClaimedDelivery) -> Outcome:
        return self._post_to_event_url(claimed, JSON_TYPE)

    def _send_form(self, claimed: ClaimedDelivery) -> Outcome:
        return self._post_to_event_url(claimed, FORM_TYPE)

    def _send_name(self, claimed: ClaimedDelivery) -> Outcome:
        # "." and ".." would be read as steps in the path.
        if not claimed.event_name.strip("."):
            return NO_ADDRESS
        url = f"{self._api_url}/events/name/{quote(claimed.event_name, safe='')}"
        return self._authorized("POST", url, claimed.account, _bytes_of(claimed), send_by=self._send_by(claimed))

    def _post_to_event_url(self, claimed: ClaimedDelivery, content_type: str) -> Outcome:
        if claimed.event_url is None:
            return NO_ADDRESS
        url = self._events_url + urlsplit(claimed.event_url.reveal()).path
        headers = {"Content-Type": content_type}
        body, send_by = _bytes_of(claimed), self._send_by(claimed)
        return self._understood(self._wire.send("POST", url, headers=headers, body=body, send_by=send_by))

    def _send_by(self, claimed: ClaimedDelivery) -> float:
        """The last moment at which it may leave: its answer is stored or given up before anybody else may send it."""
        if claimed.leased_until is None:
            return inf
        left = (claimed.leased_until - self._clock() - RESERVE).total_seconds()
        return monotonic() + left - self._limits.answer_seconds

    def _authorized(
        self, method: str, url: str, account: Account, body: bytes | None = None, *, send_by: float = inf
    ) -> Outcome:
        reply = self._ask(method, url, account, body, send_by=send_by)
        return reply if isinstance(reply, Outcome) else self._understood(reply)

    def _ask(
        self, method: str, url: str, account: Account, body: bytes | None = None, *, send_by: float = inf
    ) -> Reply | Outcome:
        """Send with the account's key or token; with another token once, when SendPulse refuses the first."""
        bearer = self._bearers.bearer(account)
        if isinstance(bearer, Outcome):
            return bearer
        reply = self._wire.send(method, url, headers=_headers(bearer), body=body, send_by=send_by)
        renewed = self._bearers.refused(account, bearer) if reply.status == 401 else None
        if isinstance(renewed, Outcome):
            return renewed
        if renewed:
            reply = self._wire.send(method, url, headers=_headers(renewed), body=body, send_by=send_by)
        return reply

    def _understood(self, reply: Reply) -> Outcome:
        return understand(reply.status, reply.headers, reply.body, failure=reply.failure, now=self._clock())


_WAYS: Final[Mapping[Send, Callable[[SendPulse, ClaimedDelivery], Outcome]]] = {
    Send.JSON: SendPulse._send_json,
    Send.FORM: SendPulse._send_form,
    Send.NAME: SendPulse._send_name,
}


def _bytes_of(claimed: ClaimedDelivery) -> bytes:
    return as_sent(claimed.send, claimed.body).encode()


def _headers(bearer: Bearer) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer.text}", "Content-Type": JSON_TYPE}
