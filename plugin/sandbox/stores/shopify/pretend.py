"""The pretend Shopify itself: what it remembers, and how it may misbehave."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Any, Final

from plugin import clock
from plugin.sandbox.outage import Outage
from plugin.sandbox.sale import Sale

from .bucket import Bucket
from .finding import ShopData
from .graph import answer
from .id_tokens import IdTokens, new_session
from .parcels import Subscriptions
from .storefronts import LOCALES
from .tokens import Tokens

SCOPES: Final = ("read_orders", "read_customers", "read_products", "read_locales")  #: with the installation
OPTIONAL: Final = ("read_fulfillments", "read_markets", "read_translations")  #: where the merchant grants them
MOST_SALES: Final = 500  #: kept a shop; older ones are forgotten


class Fault(StrEnum):
    """A way the Admin API can fail."""

    THROTTLED = "throttled"  #: HTTP 200 with the error THROTTLED
    UNAUTHORIZED = "unauthorized"  #: 401: the token is dead
    FORBIDDEN = "forbidden"  #: 403: a scope is missing
    SERVER_ERROR = "server_error"  #: 500
    HTML = "html"  #: 200 with a page instead of JSON
    SLOW = "slow"  #: the right answer, late


@dataclass(slots=True, kw_only=True)
class Planned:
    """A fault and how often it still happens."""

    fault: Fault
    times: int
    seconds: float  #: for SLOW


class PretendShopify:
    """Serves any number of shops; tests and the sandbox page reach into it."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        url: str = "",
        app_url: str = "",
        now: Callable[[], datetime] = clock.now,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url  #: its own address, without a slash at its end
        self.app_url = app_url
        self.tokens = Tokens(client_id=client_id, client_secret=client_secret, scopes=self.scopes, now=now)
        self.id_tokens = IdTokens(client_id=client_id, client_secret=client_secret, now=now)
        self.outage = Outage()
        self.session = new_session()  #: of the one staff member who uses the admin
        self.now = now
        self.locales = tuple(code for code, _ in LOCALES)  #: that every shop publishes
        self.unpublished: tuple[str, ...] = ()  #: that every shop is only being translated into
        self.market_domain = ""  #: of its second market
        self.queries: list[tuple[str, str]] = []  #: shop and query text of every GraphQL call
        self._buckets: dict[str, Bucket] = defaultdict(lambda: Bucket(clock=seconds))
        self._sales: dict[str, list[Sale]] = defaultdict(list)
        self._ordered: dict[str, set[int]] = defaultdict(set)
        self.subscribed: dict[str, Subscriptions] = defaultdict(dict)  #: by shop: to what carriers say
        self._faults: list[Planned] = []
        self._installed: set[str] = set()
        self._granted: dict[str, tuple[str, ...]] = {}  #: by shop, beside `SCOPES`
        self._withheld: dict[str, tuple[str, ...]] = {}  #: by shop, of `SCOPES`
        self._lock = Lock()

    def storefront(self, shop: str) -> str:
        """Where the shop's customers would be."""
        return f"{self.url}/{shop}"

    def install(self, shop: str) -> None:
        """What the merchant's consent does: the scopes are granted, before the app knows anything."""
        with self._lock:
            self._installed.add(shop)
        self.tokens.admit(shop)

    def grant(self, shop: str, *scopes: str) -> None:
        """Let the shop's tokens read this, too: what the merchant of a custom app ticks."""
        with self._lock:
            self._granted[shop] = scopes

    def withhold(self, shop: str, *scopes: str) -> None:
        """Let the shop's tokens not read this: it was installed before the app asked for it."""
        with self._lock:
            self._withheld[shop] = scopes

    def scopes(self, shop: str) -> tuple[str, ...]:
        """What the shop's tokens may read."""
        with self._lock:
            return self._scopes(shop)

    def _scopes(self, shop: str) -> tuple[str, ...]:
        given = (*SCOPES, *self._granted.get(shop, ()))
        return tuple(scope for scope in given if scope not in self._withheld.get(shop, ()))

    def uninstall(self, shop: str) -> None:
        """Every token of the shop is dead before the app hears of it."""
        with self._lock:
            self._installed.discard(shop)
        self.tokens.revoke(shop)

    def is_installed(self, shop: str) -> bool:
        with self._lock:
            return shop in self._installed

    def bucket(self, shop: str) -> Bucket:
        with self._lock:
            return self._buckets[shop]

    def remember(self, shop: str, sale: Sale, *, is_order: bool = True) -> None:
        """Let the Admin API know of a sale, or of its newer state; once an order, it is one for ever."""
        with self._lock:
            if is_order:
                self._ordered[shop].add(sale.number)
            others = [known for known in self._sales[shop] if known.number != sale.number]
            self._sales[shop] = [*others, sale][-MOST_SALES:]

    def fail(self, fault: Fault, *, times: int = 1, seconds: float = 0.0) -> None:
        """Let the next calls of the Admin API go wrong."""
        with self._lock:
            self._faults.append(Planned(fault=fault, times=times, seconds=seconds))

    def next_fault(self) -> Planned | None:
        """The fault the present call has to suffer."""
        with self._lock:
            if not self._faults:
                return None
            planned = self._faults[0]
            planned.times -= 1
            if planned.times <= 0:
                self._faults.pop(0)
            return planned

    def answer(self, shop: str, question: Mapping[str, Any], *, is_throttled: bool = False) -> dict[str, Any]:
        """What GraphQL says to this question of the shop's token."""
        with self._lock:
            self.queries.append((shop, str(question.get("query"))))
            sales, ordered = tuple(self._sales[shop]), frozenset(self._ordered[shop])
            subscribed = self.subscribed[shop]
            scopes = self._scopes(shop)
        data = ShopData(
            address=shop,
            name="Demo",
            storefront=self.storefront(shop),
            scopes=scopes,
            locales=self.locales,
            unpublished=self.unpublished,
            market_domain=self.market_domain,
            app_url=self.app_url,
            sales=sales,
            subscribed=subscribed,
            ordered=ordered,
        )
        return answer(question, data, self.bucket(shop), is_throttled=is_throttled)
