"""Where events come from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from plugin.config import Settings, Variable
from plugin.domain.carts import CartState
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import Sentence
from plugin.ports.pages import AdminEntry
from plugin.ports.shops import Catalogue, Consents, Shops
from plugin.ports.values import (
    Installation,
    RawWebhook,
    VerifiedWebhook,
)

CART_QUESTION_SECONDS: Final = 5.0  #: a store is asked about its carts for no longer
PAGE_QUESTION_SECONDS: Final = 2.0  #: and for no longer while somebody waits for a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Something more that a store may let this app do, where its merchant wants what comes of it."""

    name: str  #: in the platform's own words, as `host.allow` of its script takes them
    reason: Sentence  #: what is missing without it
    request: Sentence  #: what the button says that asks for it


class Platform(Protocol):
    """Where events come from, ready to work."""

    name: str  #: the folder's name; also the word in its addresses: /webhooks/<name>

    @property
    def topics(self) -> frozenset[str]:
        """Those with a translator, in the platform's own words."""

    @property
    def kinds(self) -> frozenset[EventKind]:
        """What its translators make; its shops' pages offer these and what we compute of them."""

    @property
    def merchant_says(self) -> frozenset[str]:
        """What of the settings' `store` it cannot tell by itself, so that the Settings page asks for it."""

    @property
    def come_again_answer(self) -> int:
        """The HTTP status after which it sends a webhook again later, for a shop of which too much waits."""

    @property
    def always_taken(self) -> frozenset[str]:
        """Topics taken, within a reserve, while too much of their shop waits: who asks to be forgotten is not turned away."""

    def named_shop(self, headers: Mapping[str, str]) -> str:
        """The shop's address that a webhook's headers claim, as it is stored; "" for none. Nothing is checked."""

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        """Check the signature over the raw body; raises `BadSignature` or `NotInstalled`."""

    def translate(self, topic: str, body: Payload, shop: Shop) -> Translation:
        """What this webhook means; raises `Unreadable`. Pure."""

    def sample(self, kind: EventKind) -> bytes:
        """A made-up webhook of a kind it tells, as its stores write them."""

    def ids_as_written(self, *, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Sequence[str]:
        """How its bodies write these numbers where they do not write the number itself; a person is searched for by them."""

    def is_installed(self, shop: Shop, shops: Shops) -> bool | None:
        """Whether the shop still has the app, asked now; None on platforms where what ends a shop needs no question.

        Raises `TryAgain` when the platform does not say, `GiveUp` when nothing is there to ask with.
        """

    def shop_number(self, body: Payload) -> str:
        """The platform's own number of the shop a body names, also in passing; "" where it names none. Pure."""

    def complete(self, event: StoreEvent, place: "LookupContext") -> StoreEvent:
        """Fill link, picture and what else the platform's API knows.

        Raises `TryAgain` when the API may answer later; what is missing for good is said in `partial`.
        """

    def look_at_carts(self, carts: Sequence[StoreEvent], place: "LookupContext") -> Sequence[CartState]:
        """How the store says each of these carts stands, in their order: all asked together, in `CART_QUESTION_SECONDS`.

        Raises `TryAgain` when no answer came, and `GiveUp` when the store refuses to say anything: its text says why.
        """

    def published_locales(self, place: "LookupContext") -> Sequence[str]:
        """The languages the shop itself is in, as it writes them, asked in `PAGE_QUESTION_SECONDS`; none where nothing says so.

        Raises `TryAgain` when no answer came, and `GiveUp` when the store refuses to say it.
        """

    def clean_address(self, text: str) -> str:
        """A shop's address as the platform writes it; raises `Misconfigured`."""

    def own_hosts(self, installation: Installation) -> frozenset[str]:
        """The hosts this shop has shown to be its own, as `domain.hosts` writes them: short links lead there at once.

        What its merchant only wrote into the settings shows nothing.
        """

    def access_from_token(self, token: str) -> Mapping[str, Any]:
        """What `shops add --token` stores: the access of a shop without an install handshake."""

    def sync(self, shop: Shop, access: Mapping[str, Any], settings: ShopSettings, trouble: str) -> Mapping[str, Any]:
        """Make the platform fit the shop's settings, in bounded time; answers the words of its access that changed.

        `trouble` is what keeps events from leaving, "" without any. Called after every change and any time again.
        Raises `TryAgain`, `GiveUp` or `Misconfigured`.
        """

    def lacks(self, kind: EventKind | None, access: Mapping[str, Any]) -> Permission | None:
        """What the merchant must allow before this kind can be told, or products in the buyer's language where it is None.

        None where nothing is missing, or nobody knows.
        """

    def pages(self, shops: Shops) -> Any:
        """The Flask blueprint of its install endpoints, None without any."""

    @property
    def admin_entry(self) -> AdminEntry | None:
        """How its shops' staff come to our pages; None where there is no admin to come from."""


class PlatformFolder(Protocol):
    """What a folder in `plugin/platforms` offers as PLATFORM, its only public name."""

    name: str
    variables: tuple[Variable, ...]  #: its own environment variables

    def open(self, settings: Settings, environ: Mapping[str, str], *, now: Callable[[], datetime] = ...) -> Platform:
        """Read its variables; raises `BadEnvironment`. `now` is the clock all machines share."""


class TestKit(Protocol):
    """What a folder's `testing.py` offers as TESTKIT: how tests and sandbox play this store."""

    environ: Mapping[str, str]  #: variables to open the platform with

    def installation(self, address: str | None = None) -> tuple[Shop, Mapping[str, Any]]:
        """A shop (id 0) and its access, as after a successful install."""

    def webhook(self, topic: str, body: bytes, shop: Shop, *, key: str | None = None) -> RawWebhook:
        """The request the store would send, rightly signed; `key` names the delivery where the platform names them."""

    def token(self, shop: Shop, **changed: Any) -> str:
        """What a staff member's browser sends with each request; other claims on request, None leaves one out."""

    def wrong_tokens(self, shop: Shop) -> Mapping[str, str]:
        """Tokens that must open nothing, by what is wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupContext:
    """Where an event is completed: the shop, its settings, its access, and what was looked up before."""

    shop: Shop
    settings: ShopSettings
    access: Mapping[str, Any]
    catalogue: Catalogue
    consents: Consents  #: what is kept of people's consent
    shops: Shops  #: where changed access is stored
    now: datetime
    is_last_try: bool = (
        False  #: the store did not answer for too long: only what is known here is filled in, and nothing raised
    )
