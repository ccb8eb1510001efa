"""SendPulse access tokens: kept for their hour, and fetched by one thread of one process at a time."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

from plugin.domain.delivery import Outcome, Verdict
from plugin.domain.errors import StorageDown
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import Account
from plugin.domain.wording import NO_SENTENCE, worded
from plugin.ports import AccessToken, Tokens
from plugin.sendpulse.outcomes import NOT_LET_IN, json_answer, understand
from plugin.sendpulse.wire import Reply, Wire

RENEW_BEFORE: Final = timedelta(minutes=5)
LEASE: Final = timedelta(seconds=45)  #: longer than a token request can last
USUAL_SECONDS: Final = 3600  #: when the answer does not say; SendPulse documents this life
LONGEST_SECONDS: Final = 24 * 3600
# SendPulse warns that asking for tokens often gets an account blocked, so after a failure nobody asks for a while.
# https://sendpulse.com/knowledge-base/app-directory/developers/token-flow
QUIET_AFTER_FAILURE: Final = timedelta(seconds=5)
MOST_FAILURES: Final = 10_000  #: remembered by a process
POLL_SECONDS: Final = 0.1
POLLS: Final = 40  #: four seconds for another process to fetch it: an event that waits longer would outlast its lease

NO_CREDENTIALS: Final = Outcome(
    verdict=Verdict.GIVE_UP,
    code=ReasonCode.CREDENTIALS_MISSING,
    reason=worded("Events sent by name need the keys of your SendPulse account, and there are none."),
    fix=worded(
        "Enter an ID and secret, or an API key (in SendPulse: Account settings, API tab), "
        "on the Settings page under “SendPulse account”."
    ),
    needs_merchant=True,
)
BUSY: Final = Outcome(
    verdict=Verdict.TRY_AGAIN,
    code=ReasonCode.TOKEN_PENDING,
    reason=worded("The app is still waiting for an access token from SendPulse."),
)
NOT_STORED: Final = Outcome(
    verdict=Verdict.TRY_AGAIN,
    code=ReasonCode.TOKEN_PENDING,
    reason=worded("The access token could not be read from the database."),
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """What stands in the Authorization header."""

    text: str
    is_token: bool  #: False for an API key, which cannot be renewed


def account_key(account: Account) -> str:
    """What the account's token is stored under.

    The secret is part of it: who knows only another merchant's client ID must not be given that merchant's token.
    """
    secret = account.client_secret.reveal() if account.client_secret else ""
    return "rest:" + sha256(f"{account.client_id}\0{secret}".encode()).hexdigest()


class Bearers:
    """Gives each account its API key or a token that is still good."""

    def __init__(
        self,
        wire: Wire,
        tokens: Tokens,
        api_url: str,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wire, self._tokens, self._clock, self._sleep = wire, tokens, clock, sleep
        self._url = f"{api_url}/oauth/access_token"
        self._locks = WeakValueDictionary[str, Lock]()  #: of those that are being asked for
        self._guard = Lock()
        self._failed: dict[str, tuple[datetime, Outcome]] = {}  #: until when nobody asks again; by account and secret

    def bearer(self, account: Account) -> Bearer | Outcome:
        """The account's key or token, or why there is none. Never raises."""
        if account.api_key:
            return Bearer(account.api_key.reveal(), is_token=False)
        if not account.client_id or not account.client_secret:
            return NO_CREDENTIALS
        try:
            return self._token(account, account_key(account))
        except StorageDown:
            return NOT_STORED

    def refused(self, account: Account, bearer: Bearer) -> Bearer | Outcome | None:
        """Another token in place of one SendPulse refused; None for an API key, which stays refused."""
        if not bearer.is_token:
            return None
        try:
            self._tokens.drop(account_key(account), bearer.text)
        except StorageDown:
            return NOT_STORED
        return self.bearer(account)

    def _token(self, account: Account, key: str) -> Bearer | Outcome:
        if fresh := self._fresh(key):
            return fresh
        with self._guard:
            its_turn = self._locks.setdefault(key, Lock())
        with its_turn:
            return self._fresh(key) or self._lately_failed(key) or self._alone(account, key)

    def _fresh(self, key: str, *, margin: timedelta = RENEW_BEFORE) -> Bearer | None:
        stored = self._tokens.read(key)
        is_fresh = stored is not None and stored.expires_at - self._clock() > margin
        return Bearer(stored.text, is_token=True) if stored and is_fresh else None

    def _lately_failed(self, key: str) -> Outcome | None:
        """The failure all threads that waited for it share."""
        failed = self._failed.get(key)
        return failed[1] if failed and self._clock() < failed[0] else None

    def _alone(self, account: Account, key: str) -> Bearer | Outcome:
        """Fetch it if no other process does; else take what the other one fetches."""
        for _ in range(POLLS):
            if self._tokens.try_lock(key, now=self._clock(), lease=LEASE):
                try:
                    return self._fresh(key) or self._fetch(account, key)
                finally:
                    self._tokens.unlock(key)
            # One that nears its end serves as well as the one being fetched.
            if good := self._fresh(key, margin=timedelta(0)):
                return good
            self._sleep(POLL_SECONDS)
        return BUSY

    def _fetch(self, account: Account, key: str) -> Bearer | Outcome:
        asked_at = self._clock()
        found = _understood(self._wire.send("POST", self._url, headers=_JSON, body=_request(account)), now=asked_at)
        if isinstance(found, Outcome):
            self._note_failure(key, found, asked_at)
            return found
        self._failed.pop(key, None)
        self._tokens.write(key, found)
        return Bearer(found.text, is_token=True)

    def _note_failure(self, key: str, failure: Outcome, now: datetime) -> None:
        """Strangers may enter as many secrets as they like: what is over is forgotten, and all of it where that is too much."""
        if len(self._failed) >= MOST_FAILURES:
            self._failed = {other: noted for other, noted in self._failed.items() if now < noted[0]}
        if len(self._failed) >= MOST_FAILURES:
            self._failed = {}
        self._failed[key] = (now + max(failure.after or timedelta(0), QUIET_AFTER_FAILURE), failure)


_JSON: Final = {"Content-Type": "application/json"}


def _request(account: Account) -> bytes:
    secret = account.client_secret.reveal() if account.client_secret else ""
    fields = {"grant_type": "client_credentials", "client_id": account.client_id, "client_secret": secret}
    return json.dumps(fields).encode()


def _understood(reply: Reply, *, now: datetime) -> AccessToken | Outcome:
    answer = json_answer(reply.body)
    fields = answer if isinstance(answer, dict) else {}
    text, seconds = fields.get("access_token"), fields.get("expires_in", USUAL_SECONDS)
    if reply.status == 200 and not reply.failure and isinstance(text, str) and text.isascii() and text.strip():
        life = seconds if type(seconds) is int and 0 < seconds <= LONGEST_SECONDS else USUAL_SECONDS
        return AccessToken(text=text.strip(), expires_at=now + timedelta(seconds=life))
    return _no_token(reply, is_wrong=fields.get("error") in ("invalid_client", "invalid_request"), now=now)


def _no_token(reply: Reply, *, is_wrong: bool, now: datetime) -> Outcome:
    outcome = understand(reply.status, reply.headers, reply.body, failure=reply.failure, now=now)
    if is_wrong or reply.status in (400, 401):
        return replace(
            outcome,
            verdict=Verdict.GIVE_UP,
            reason=worded("SendPulse does not accept the ID and secret."),
            fix=NOT_LET_IN.fix,
            needs_merchant=True,
        )
    if outcome.verdict is Verdict.GIVE_UP:
        return replace(outcome, reason=worded("SendPulse gave no access token. %(why)s", why=outcome.reason))
    # No event was sent yet, so there is nothing uncertain, and certainly nothing delivered.
    reason = worded("SendPulse gave no access token; nothing was sent.")
    return replace(outcome, verdict=Verdict.TRY_AGAIN, reason=reason, fix=NO_SENTENCE)
