"""What the tests of SendPulse's side are made of: settings, claims, and token stores that forget."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from plugin.config import Settings
from plugin.domain.delivery import Delivery
from plugin.domain.errors import StorageDown
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Send
from plugin.domain.secret import EventUrl, Secret
from plugin.domain.settings import Account
from plugin.domain.shop import Shop
from plugin.ports import AccessToken, ClaimedDelivery
from plugin.sandbox.sendpulse import Account as PretendAccount
from tests.support.builders import EVENT_URL, NOON

SHOP = Shop(
    id=1, platform="shopify", address="demo.myshopify.com", name="Demo", link="https://demo.example", locale="en",
    timezone="Europe/Warsaw", currency="PLN",
)  # fmt: skip
BODY = '{"email":"jan@example.com","automation_id":101,"product_name":"Żółty kubek","products":[{"product_id":1}]}'


def some_settings(events_url: str = "http://127.0.0.1:1", api_url: str = "http://127.0.0.1:1") -> Settings:
    """Settings of a sandbox whose SendPulse is at these addresses."""
    environ = {"PLUGIN_SANDBOX": "1", "SENDPULSE_EVENTS_URL": events_url, "SENDPULSE_API_URL": api_url}
    return Settings.from_environ(environ)


def a_claimed_delivery(**changed: Any) -> ClaimedDelivery:
    """A due delivery, by default sent as JSON to an event URL."""
    delivery = Delivery(id=1, shop_id=1, destination="d", kind=EventKind.ORDER_PAID, attempts=0)
    fields: dict[str, Any] = {
        "attempt_id": 1,
        "delivery": delivery, "shop": SHOP, "send": Send.JSON, "event_url": EventUrl(EVENT_URL), "event_name": "",
        "body": BODY, "account": Account(),
    }  # fmt: skip
    return ClaimedDelivery(**(fields | changed))


def credentials(pretend: PretendAccount) -> Account:
    """What a merchant copies from SendPulse's settings page: client ID and secret."""
    return Account(client_id=pretend.client_id, client_secret=Secret(pretend.client_secret))


def with_key(pretend: PretendAccount) -> Account:
    """The same with an API key instead."""
    return Account(api_key=Secret(next(iter(pretend.api_keys))))


@dataclass
class Clock:
    """A time that only moves when it is told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **length: float) -> None:
        self.at += timedelta(**length)


@dataclass
class FakeTokens:
    """Access tokens in a dictionary; `is_down` makes it fail, `is_locked_elsewhere` is another process at work."""

    found: dict[str, AccessToken] = field(default_factory=dict)
    is_down: bool = False
    is_locked_elsewhere: bool = False
    locked: set[str] = field(default_factory=set)
    guard: Lock = field(default_factory=Lock)

    def read(self, account: str) -> AccessToken | None:
        if self.is_down:
            raise StorageDown("the database does not answer")
        return self.found.get(account)

    def write(self, account: str, token: AccessToken) -> None:
        self.found[account] = token

    def drop(self, account: str, text: str) -> None:
        if self.is_down:
            raise StorageDown("the database does not answer")
        token = self.found.get(account)
        if token and token.text == text:
            del self.found[account]

    def try_lock(self, account: str, *, now: datetime, lease: timedelta) -> bool:
        with self.guard:
            if self.is_locked_elsewhere or account in self.locked:
                return False
            self.locked.add(account)
            return True

    def unlock(self, account: str) -> None:
        with self.guard:
            self.locked.discard(account)


@dataclass(frozen=True)
class FileTokens:
    """Access tokens in a file that several processes share."""

    path: Path

    def read(self, account: str) -> AccessToken | None:
        with self._open() as state:
            text, end = state["tokens"].get(account, (None, None))
            return AccessToken(text=text, expires_at=datetime.fromisoformat(end)) if text else None

    def write(self, account: str, token: AccessToken) -> None:
        with self._open() as state:
            state["tokens"][account] = (token.text, token.expires_at.isoformat())

    def drop(self, account: str, text: str) -> None:
        with self._open() as state:
            if state["tokens"].get(account, [None])[0] == text:
                del state["tokens"][account]

    def try_lock(self, account: str, *, now: datetime, lease: timedelta) -> bool:
        with self._open() as state:
            held_until = state["locks"].get(account)
            if held_until and datetime.fromisoformat(held_until) > now:
                return False
            state["locks"][account] = (now + lease).isoformat()
            return True

    def unlock(self, account: str) -> None:
        with self._open() as state:
            state["locks"].pop(account, None)

    @contextmanager
    def _open(self) -> Iterator[dict[str, Any]]:
        with self.path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            state: dict[str, Any] = json.loads(file.read() or '{"tokens": {}, "locks": {}}')
            yield state
            file.truncate(0)
            file.write(json.dumps(state))
