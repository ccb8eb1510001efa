"""Everything the pretend SendPulse knows, shared by its two hosts."""

import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from plugin import clock as real_clock
from plugin.sandbox.sendpulse.account import TOKEN_LIFE, Account
from plugin.sandbox.sendpulse.definitions import EventDefinition, Received, Type, Via, violations
from plugin.sandbox.sendpulse.faults import Fault, Faults
from plugin.sandbox.sendpulse.flows import Engine, Flow, Mail
from plugin.sandbox.sendpulse.guesses import ANSWERS, Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, as it came in."""

    method: str
    path: str  #: as it stood in the request line
    headers: Mapping[str, str]  #: names in lower case
    status: int  #: of the answer


class PretendSendPulse:
    """Accounts with their events, flows, people and limits. Every method may be called from any thread."""

    def __init__(self, *, clock: Callable[[], datetime] = real_clock.now) -> None:
        self.clock = clock
        self.lock = RLock()
        self.answers: dict[str, Answer] = dict(ANSWERS)  #: what each guessed refusal says; change one to try another
        self.faults = Faults()
        self.requests: deque[Request] = deque(maxlen=10_000)  #: the last answered ones at either host
        self._accounts: dict[int, Account] = {}
        self._engines: dict[int, Engine] = {}
        self._events: dict[tuple[int, str], EventDefinition] = {}
        self._received: list[Received] = []
        self.account = self.add_account(user_id=7654321)  #: the one most tests need

    # -------------------------------------------------------------- what a merchant makes in the dashboard

    def add_account(self, *, user_id: int) -> Account:
        """An account with credentials and one API key."""
        with self.lock:
            account = Account(user_id=user_id, client_id=secrets.token_hex(16), client_secret=secrets.token_hex(16))
            account.api_keys.add(f"sp_apikey_{secrets.token_hex(16)}")
            self._accounts[user_id] = account
            self._engines[user_id] = Engine(account=account)
            return account

    def add_event(
        self, name: str, variables: Mapping[str, Type] | None = None, *, account: Account | None = None
    ) -> EventDefinition:
        """An event with its declared variables; undeclared ones may be sent too."""
        owner = account or self.account
        definition = EventDefinition(account_id=owner.user_id, name=name, variables=dict(variables or {}))
        with self.lock:
            self._events[owner.user_id, name] = definition
        return definition

    def remove_event(self, definition: EventDefinition) -> None:
        """What a merchant does who tidies up too much."""
        with self.lock:
            del self._events[definition.account_id, definition.name]

    def add_flow(self, flow: Flow, *, account: Account | None = None) -> Flow:
        """A flow; it may be changed later on."""
        with self.lock:
            self.engine(account).flows.append(flow)
        return flow

    def engine(self, account: Account | None = None) -> Engine:
        """The flows of an account at work."""
        return self._engines[(account or self.account).user_id]

    def fault(self, fault: Fault) -> None:
        """Misbehave at the next requests."""
        self.faults.add(fault)

    # -------------------------------------------------------------- what tests ask

    def received(self, account: Account | None = None) -> Sequence[Received]:
        """Every accepted event, in order; the same one twice is there twice."""
        with self.lock:
            user_id = (account or self.account).user_id
            return [received for received in self._received if received.account_id == user_id]

    def mails(self, account: Account | None = None) -> Sequence[Mail]:
        """Every mail that would have gone out by now."""
        with self.lock:
            engine = self.engine(account)
            engine.advance(now=self.clock())
            return list(engine.mails)

    # -------------------------------------------------------------- what the hosts ask

    def definition(self, *, account_id: int, name: str = "", hash: str = "") -> EventDefinition | None:
        """The account's event of this name or hash."""
        with self.lock:
            events = [event for (owner, _), event in self._events.items() if owner == account_id]
        return next((event for event in events if event.name == name or event.hash == hash), None)

    def accept(
        self, definition: EventDefinition, variables: Mapping[str, Any], *, via: Via, body: bytes, by_name: bool
    ) -> Answer:
        """Take one event in, or say why not; nothing is compared with earlier ones."""
        with self.lock:
            account, engine, now = self._accounts[definition.account_id], self._engines[definition.account_id], self.clock()
            received = Received(
                account_id=definition.account_id, event=definition.name, by_name=by_name, via=via, at=now, body=body,
                variables=variables, violations=violations(definition, variables, via),
            )  # fmt: skip
            if not received.has_contact:
                return self.answers["no_contact"]
            received = replace(received, undefined=engine.undefined(received))
            if account.habits.is_strict and received.violations:
                return self.answers["strict"]
            if not by_name and account.event_second.is_full(account.limits.events_per_second, now=now):
                return self.answers["too_fast"]
            self._received.append(received)
            engine.take(received, now=now)
            return self.answers["success"]

    def account_by_id(self, user_id: int) -> Account | None:
        """The account with this number."""
        with self.lock:
            return self._accounts.get(user_id)

    def sign_in(self, client_id: str, client_secret: str) -> tuple[str, timedelta] | Answer:
        """A new token and its life; earlier ones stay good until their end."""
        with self.lock:
            account = next((account for account in self._accounts.values() if account.client_id == client_id), None)
            if account is None:
                return self.answers["invalid_client"]
            account.token_requests += 1
            if account.token_minute.is_full(account.limits.tokens_per_minute, now=self.clock()):
                return self.answers["token_blocked"]  # GUESS token_blocked
            if not secrets.compare_digest(account.client_secret.encode(), client_secret.encode()):
                return self.answers["invalid_client"]
            token = ".".join(secrets.token_urlsafe(size) for size in (60, 600, 256))  # a signed JWT's size: over 1,000
            account.tokens[token] = self.clock() + TOKEN_LIFE
            return token, TOKEN_LIFE

    def bearer(self, header: str) -> Account | None:
        """The account whose token or API key stands in the Authorization header."""
        scheme, _, text = header.partition(" ")
        if scheme != "Bearer":
            return None
        with self.lock:
            now = self.clock()
            owners = self._accounts.values()
            return next((one for one in owners if text in one.api_keys or one.tokens.get(text, now) > now), None)

    def refusal(self, account: Account) -> Answer | None:
        """Why this call is one too many for the account's plan."""
        with self.lock:
            now = self.clock()
            if account.minute.is_full(account.limits.per_minute, now=now):
                return self.answers["too_many"]
            return self.answers["too_fast"] if account.second.is_full(account.limits.per_second, now=now) else None
