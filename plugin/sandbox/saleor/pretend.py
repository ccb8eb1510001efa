"""The pretend Saleor itself: its installed apps, its sales, its keys."""

import itertools
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from plugin import clock
from plugin.ports import Rehearsal
from plugin.sandbox.sale import Sale

from .ids import global_id

VERSION: Final = "3.23.28"
SCHEMA_VERSION: Final = "3.23"  #: major.minor only, as in its header
MOST_SALES: Final = 500
_LETTERS = string.ascii_letters + string.digits


class SaleorRehearsal(Rehearsal, Protocol):
    """What this platform's rehearsal offers beside the usual: its keys."""

    def sign(self, body: bytes) -> str:
        """The detached JWS over these very bytes."""

    def jwks(self) -> dict[str, Any]:
        """The public half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledApp:
    """An app, from the moment its token exists."""

    number: int
    identifier: str
    name: str
    version: str
    token: str
    permissions: tuple[str, ...]
    webhooks: tuple[Mapping[str, Any], ...]  #: as the manifest has them

    @property
    def id(self) -> str:
        return global_id("App", self.number)


class PretendSaleor:
    """One shop."""

    def __init__(
        self, rehearsal: SaleorRehearsal, *, url: str = "", name: str = "Demo", now: Callable[[], datetime] = clock.now
    ) -> None:
        self.url = url  #: its own origin, without a slash at its end
        self.name = name
        self.rehearsal = rehearsal
        self.now = now
        self._numbers = itertools.count(7)
        self._apps: list[InstalledApp] = []
        self._sales: list[Sale] = []
        self._lock = Lock()
        self.problems: list[tuple[int, str, str]] = []  #: an app's number, the problem's key and what it says

    @property
    def api_url(self) -> str:
        """What it announces to apps; also its key in their storage."""
        return f"{self.url}/graphql/"

    @property
    def domain(self) -> str:
        return urlsplit(self.url).netloc

    def add_app(self, manifest: Mapping[str, Any]) -> InstalledApp:
        """Give the app a token; its webhooks are live from here on. An earlier install of the same app ends."""
        app = InstalledApp(
            number=next(self._numbers),
            identifier=str(manifest["id"]),
            name=str(manifest["name"]),
            version=str(manifest["version"]),
            token="".join(secrets.choice(_LETTERS) for _ in range(30)),
            permissions=tuple(manifest.get("permissions") or ()),
            webhooks=tuple(manifest.get("webhooks") or ()),
        )
        with self._lock:
            self._apps = [other for other in self._apps if other.identifier != app.identifier] + [app]
        return app

    def remove_app(self, app: InstalledApp) -> None:
        with self._lock:
            self._apps = [other for other in self._apps if other.number != app.number]

    def current(self, app: InstalledApp) -> InstalledApp:
        """The app as it is now: its webhooks may have been changed."""
        with self._lock:
            return next((known for known in self._apps if known.number == app.number), app)

    def change_webhooks(self, app: InstalledApp, webhooks: tuple[Mapping[str, Any], ...]) -> None:
        with self._lock:
            self._apps = [replace(known, webhooks=webhooks) if known.number == app.number else known for known in self._apps]

    def app_with_token(self, token: str) -> InstalledApp | None:
        with self._lock:
            return next((app for app in self._apps if token and app.token == token), None)

    def apps(self) -> tuple[InstalledApp, ...]:
        with self._lock:
            return tuple(self._apps)

    def remember(self, sale: Sale) -> None:
        """Let GraphQL know of a sale."""
        with self._lock:
            others = [known for known in self._sales if known.number != sale.number]
            self._sales = [*others, sale][-MOST_SALES:]

    def sales(self) -> tuple[Sale, ...]:
        with self._lock:
            return tuple(self._sales)
