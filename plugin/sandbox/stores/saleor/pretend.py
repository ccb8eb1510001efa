"""The pretend Saleor itself: its installed apps, its sales, its keys."""

import itertools
import secrets
import string
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from plugin import clock
from plugin.domain.kinds import Family
from plugin.sandbox.outage import Outage
from plugin.sandbox.sale import Sale

from .ids import global_id
from .keys import Keys
from .staff import Staff, StaffTokens, claims_of

VERSION: Final = "3.23.28"
SCHEMA_VERSION: Final = "3.23"  #: major.minor only, as in its header
MOST_SALES: Final = 500
_LETTERS = string.ascii_letters + string.digits


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
    url: str = ""  #: of the page the dashboard frames
    audience: str = ""

    @property
    def id(self) -> str:
        return global_id("App", self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSale:
    """A sale as the shop keeps it."""

    sale: Sale
    changed_at: datetime
    family: Family  #: what it has become: an account only, a checkout, or an order; then the checkout is deleted


_ON_THE_WAY: Final = (Family.CUSTOMER, Family.CART, Family.ORDER)
MOST_QUERIES: Final = 10_000
PICTURES: Final = "https://media.example.com"
"""Where the shop says its pictures are: this machine's own address would be nobody else's, and leave no letter."""


class PretendSaleor:
    """One shop."""

    def __init__(self, *, url: str = "", name: str = "Demo", now: Callable[[], datetime] = clock.now) -> None:
        self.url = url  #: its own origin, without a slash at its end
        self.name = name
        self.outage = Outage()
        self.queries: deque[str] = deque(maxlen=MOST_QUERIES)  #: the texts of the newest
        self.keys = Keys()
        self.staff_tokens = StaffTokens()
        self.now = now
        self._numbers = itertools.count(7)
        self._apps: list[InstalledApp] = []
        self._sales: list[StoredSale] = []
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
            url=str(manifest.get("appUrl") or ""),
            audience=str(manifest.get("audience") or ""),
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

    def app_with_id(self, id: str) -> InstalledApp | None:
        return next((app for app in self.apps() if app.id == id), None)

    def access_token(self, app: InstalledApp, person: Staff) -> str:
        """What the dashboard hands to the app for this member of staff: GraphQL's `app(id){accessToken}`."""
        claims = claims_of(person, api_url=self.api_url, app_id=app.id, app_permissions=app.permissions, audience=app.audience)
        with self._lock:
            return self.staff_tokens.token(self.keys, claims, now=self.now())

    def apps(self) -> tuple[InstalledApp, ...]:
        with self._lock:
            return tuple(self._apps)

    def remember(self, sale: Sale, *, family: Family = Family.CART, at: datetime | None = None) -> None:
        """Let GraphQL know of a sale; what was an order once is one for ever."""
        with self._lock:
            known = next((one for one in self._sales if one.sale.number == sale.number), None)
            furthest = max((family, *((known.family,) if known else ())), key=_ON_THE_WAY.index)
            others = [one for one in self._sales if one is not known]
            stored = StoredSale(sale=sale, changed_at=at or self.now(), family=furthest)
            self._sales = [*others, stored][-MOST_SALES:]

    def delete_checkout(self, sale: Sale) -> None:
        """As Saleor does with one that was left for months."""
        with self._lock:
            self._sales = [one for one in self._sales if one.family is not Family.CART or one.sale.number != sale.number]

    def sales(self) -> tuple[StoredSale, ...]:
        """The oldest change first."""
        with self._lock:
            return tuple(self._sales)
