"""The edges of the path: what the pipeline needs from platforms, storage and SendPulse."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from plugin.config import Settings, Variable
from plugin.domain.delivery import Delivery, Hold, Outcome, Planned, Skip, State
from plugin.domain.event import EventKind, StoreEvent
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.routing import OnUncertain, Route, Send
from plugin.domain.secret import AutomationId, EventUrl
from plugin.domain.settings import Account, ShopSettings
from plugin.domain.shop import Shop

# ------------------------------------------------------------------ values that cross the edges


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWebhook:
    """An HTTP request that says it is a webhook. Nothing in it is believed yet."""

    headers: Mapping[str, str]  #: names in lower case
    body: bytes  #: as it came, before any parsing


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedWebhook:
    """A webhook whose signature was checked against the shop it belongs to. Only `Platform.verify` makes one."""

    shop: Shop
    topic: str  #: the platform's own word
    key: str  #: the same delivery again has the same key; unique per shop
    body: bytes
    triggered_at: datetime | None = None  #: when the store made it, when it says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A shop and what its platform gave us to reach it."""

    shop: Shop
    access: Mapping[str, Any]  #: tokens and keys in the platform's own words; stored sealed
    is_active: bool  #: False after an uninstall, until the app comes back


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWebhook:
    """A webhook a worker has claimed."""

    id: int
    shop: Shop
    topic: str
    body: bytes
    received_at: datetime
    tries: int  #: how often a worker took it, this time included


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """A store event a worker has claimed, with what it needs to be planned."""

    id: int
    shop: Shop
    settings: ShopSettings
    access: Mapping[str, Any]
    event: StoreEvent
    created_at: datetime
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Start the wait of a cart, or start it anew. Its keys may name a person: only their keyed hash is stored."""

    keys: tuple[str, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTimers:
    """Nothing of this basket or this person waits any more; after a purchase none begins that is older.

    Its keys may name a person: only their keyed hash is stored.
    """

    keys: tuple[str, ...]
    bought_at: datetime | None  #: None when nothing was bought: the cart was emptied


Plan = Skip | Hold | tuple[Planned, ...] | None
"""What becomes of an event; None when it only moved a timer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTimer:
    """A cart that has been quiet long enough, claimed by a worker."""

    id: int
    shop: Shop
    event: StoreEvent  #: the newest event of the cart


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A due delivery with everything needed to send it, claimed by a worker."""

    delivery: Delivery
    shop: Shop
    send: Send
    event_url: EventUrl | None
    event_name: str
    body: str  #: JSON text
    account: Account
    attempt_id: int  #: the attempt that was written when it was claimed
    on_uncertain: OnUncertain = OnUncertain.REPEAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One attempt with what came of it."""

    parcel: Parcel
    outcome: Outcome
    next_at: datetime | None  #: when to try again; None when it is over


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A SendPulse access token and its end."""

    text: str
    expires_at: datetime


# ------------------------------------------------------------------ storage


class Shops(Protocol):
    """Who has installed us."""

    def find(self, platform: str, address: str) -> Installation | None:
        """The shop of this address, also after it left."""

    def list(self) -> Sequence[Installation]: ...

    def install(self, shop: Shop, access: Mapping[str, Any], *, now: datetime) -> Shop:
        """Store a shop or, when its address is known, its new access; settings stay. Answers it with its id."""

    def leave(self, shop_id: int, *, now: datetime) -> None:
        """Forget the shop's access; its settings and log stay until it is forgotten."""

    def forget(self, shop_id: int) -> None:
        """Delete the shop and everything of it."""

    def renew(self, shop_id: int, access: Mapping[str, Any]) -> None:
        """Store changed access of an installed shop."""

    def settings(self, shop_id: int) -> ShopSettings:
        """The shop's settings, `NO_SETTINGS` before any were made."""

    def write_settings(self, shop_id: int, document: Mapping[str, Any], *, who: str, now: datetime) -> int:
        """Store a checked settings file as the shop's next version, with an audit line; answers the version."""

    def settings_document(self, shop_id: int) -> Mapping[str, Any] | None:
        """The settings file as it was written, secrets included."""


class Inbox(Protocol):
    """Webhooks, once each."""

    def receive(self, webhook: VerifiedWebhook, *, now: datetime) -> bool:
        """Commit it durably; False when it was here before. Raises `StorageDown`."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[StoredWebhook]: ...

    def translated(
        self, webhook: StoredWebhook, translation: Translation, *, now: datetime, purchases: Sequence[EndTimers] = ()
    ) -> int:
        """Store its events (known business keys change nothing), obey its notices, end what a purchase ends: one commit.

        Answers how many events were new.
        """

    def failed(self, webhook: StoredWebhook, reason: str, *, now: datetime) -> None: ...

    def postpone(self, webhook: StoredWebhook, *, until: datetime) -> None: ...


class Events(Protocol):
    """Store events between translation and planning, and the carts' timers."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[StoredEvent]: ...

    def planned(
        self, stored: StoredEvent, event: StoreEvent, plan: Plan, *, timers: Sequence[SetTimer | EndTimers], now: datetime
    ) -> None:
        """Store the completed event, its deliveries or why there is none, and its timers: one commit."""

    def postpone(self, stored: StoredEvent, *, until: datetime) -> None: ...

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        """The last purchase under any of these names."""

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        """When the newest event of this kind that was planned happened to this object."""

    def due_timers(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[DueTimer]: ...

    def ring(self, timer: DueTimer, event: StoreEvent, *, now: datetime) -> None:
        """End the timer and store the event it became: one commit; nothing when it was moved meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries a log shows or a replay takes."""

    shop_id: int
    state: State | None = None
    kind: EventKind | None = None
    ids: tuple[int, ...] = ()
    limit: int = 100
    before_id: int | None = None


class Deliveries(Protocol):
    """The way out, and the log of it."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[Parcel]:
        """Lease destinations that may be sent to now and take the next delivery of each: one commit.

        The attempt is written in that commit, before it is made. Nobody else sends to a leased destination.
        """

    def finish(self, finished: Sequence[Finished], *, now: datetime) -> int:
        """Write the answers and new states, move each destination's pace and health, give it back: one commit.

        Answers how many of them were still this worker's; the others change nothing.
        """

    def ready_in(self, *, now: datetime) -> timedelta | None:
        """The time until the next destination may be sent to; None when nothing waits."""

    def destinations(self, shop_id: int) -> Sequence[Mapping[str, Any]]:
        """The health of every account this shop sends to, ready to print as JSON."""

    def reopen(self, shop_id: int, *, now: datetime) -> int:
        """After the merchant acted: send again to the shop's paused accounts; how many those were."""

    def list(self, filter: DeliveryFilter) -> Sequence[Mapping[str, Any]]:
        """Newest first, each with its attempts, ready to print as JSON."""

    def replay(self, filter: DeliveryFilter, *, now: datetime) -> int:
        """Send failed, skipped-by-hold and delivered ones again; how many."""


class Catalogue(Protocol):
    """Products looked up before, a bounded number a shop."""

    def read(self, shop_id: int, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]: ...

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None: ...


class Tokens(Protocol):
    """SendPulse access tokens, one at a time fetched by one process."""

    def read(self, account: str) -> AccessToken | None: ...

    def write(self, account: str, token: AccessToken) -> None: ...

    def drop(self, account: str, text: str) -> None:
        """Forget it, unless somebody stored a newer one."""

    def try_lock(self, account: str, *, now: datetime, lease: timedelta) -> bool:
        """Whether this caller may fetch a token now; `write` and `unlock` end it."""

    def unlock(self, account: str) -> None: ...


class Links(Protocol):
    """Short links of ours for addresses too long for SendPulse."""

    def shorten(self, shop_id: int, address: str) -> str:
        """The token that stands for this address; the same each time."""

    def resolve(self, token: str) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A webhook or event that may be old enough to go."""

    id: int
    since: datetime
    waits: bool  #: something of it is still to be done
    has_content: bool  #: what the store said of a person is still there


class Retention(Protocol):
    """Clearing away what is old, in small commits.

    Webhooks and events are walked across shops, like claims: their ids follow time. The rest goes shop by shop.
    What began to wait since it was looked at, or is in another worker's hands, stays: the answers count what went.
    """

    def webhooks(self, *, after_id: int, limit: int) -> Sequence[Kept]:
        """The next webhooks by id."""

    def empty_webhooks(self, ids: Sequence[int]) -> int:
        """Delete their bodies; the rows stay, so that the same webhook again is known."""

    def delete_webhooks(self, ids: Sequence[int]) -> int: ...

    def events(self, *, after_id: int, limit: int) -> Sequence[Kept]:
        """The next events by id. One waits while itself, a delivery or a timer of it does, and while one is held."""

    def empty_events(self, ids: Sequence[int], *, now: datetime) -> int:
        """Delete what they, their deliveries and attempts say of a person; their keys and states stay.

        Answers the rows changed: it stops after some hundred, so the last ones may be left.
        """

    def delete_events(self, ids: Sequence[int]) -> int:
        """Delete them with their deliveries and attempts. Answers the rows deleted; it stops after some hundred."""

    def shop_ids(self, *, after_id: int, limit: int) -> Sequence[int]: ...

    def delete_products(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_purchases(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_audit(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_links(self, shop_id: int, *, before: datetime) -> int:
        """Delete those no delivery used since then, unless a delivery as old still waits with one in it."""

    def delete_tokens(self, *, before: datetime) -> int:
        """Delete SendPulse tokens that ended before; they belong to accounts, which several shops may share."""


class Wake(Protocol):
    """How an idle worker hears at once of new work."""

    def wait(self, seconds: float) -> bool:
        """Wait until somebody committed work, not longer than this; True means: look again.

        What was committed since this thread's last `wait` counts too, and the first one of a thread is always True.
        Work that comes due by the clock wakes nobody.
        """

    def close(self) -> None: ...


class Store(Protocol):
    """Everything that is kept."""

    shops: Shops
    inbox: Inbox
    events: Events
    deliveries: Deliveries
    catalogue: Catalogue
    tokens: Tokens
    links: Links
    retention: Retention
    wake: Wake

    def check(self) -> None:
        """Raises `StorageDown` when the database does not answer or is not migrated."""

    def backlog(self) -> Mapping[tuple[str, str], int]:
        """How many webhooks, events and deliveries stand in each state: (what, state) → count."""


# ------------------------------------------------------------------ platforms and SendPulse


class Platform(Protocol):
    """Where events come from, ready to work."""

    name: str  #: the folder's name; also the word in its addresses: /webhooks/<name>

    @property
    def topics(self) -> frozenset[str]:
        """Those with a translator, in the platform's own words."""

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        """Check the signature over the raw body; raises `BadSignature` or `NotInstalled`."""

    def translate(self, topic: str, body: Payload, shop: Shop) -> Translation:
        """What this webhook means; raises `Unreadable`. Pure."""

    def complete(self, event: StoreEvent, place: "Place") -> StoreEvent:
        """Fill link, picture and what else the platform's API knows.

        Raises `TryAgain` when the API may answer later; what is missing for good is said in `partial`.
        """

    def clean_address(self, text: str) -> str:
        """A shop's address as the platform writes it; raises `Misconfigured`."""

    def access_from_token(self, token: str) -> Mapping[str, Any]:
        """What `shops add --token` stores: the access of a shop without an install handshake."""

    def pages(self, shops: Shops) -> Any:
        """The Flask blueprint of its install endpoints, None without any."""


class PlatformFolder(Protocol):
    """What a folder in `plugin/platforms` offers as PLATFORM, its only public name."""

    name: str
    variables: tuple[Variable, ...]  #: its own environment variables

    def open(self, settings: Settings, environ: Mapping[str, str]) -> Platform:
        """Read its variables; raises `BadEnvironment`."""


class Rehearsal(Protocol):
    """What a folder's `rehearsal.py` offers as REHEARSAL: how tests and sandbox play this store."""

    environ: Mapping[str, str]  #: variables to open the platform with

    def installation(self, address: str | None = None) -> tuple[Shop, Mapping[str, Any]]:
        """A shop (id 0) and its access, as after a successful install."""

    def webhook(self, topic: str, body: bytes, shop: Shop, *, key: str | None = None) -> RawWebhook:
        """The request the store would send, rightly signed; `key` names the delivery where the platform names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an event is completed: the shop, its settings, its access, and what was looked up before."""

    shop: Shop
    settings: ShopSettings
    access: Mapping[str, Any]
    catalogue: Catalogue
    renew: Callable[[Mapping[str, Any]], None]  #: stores changed access
    now: datetime


class Body(Protocol):
    """One body as it will leave."""

    @property
    def part(self) -> int:
        """0 for the whole event, else the number of its line."""

    @property
    def text(self) -> str:
        """JSON."""


class WriteBodies(Protocol):
    """Turns an event into the bodies SendPulse gets. Pure but for `shorten`."""

    def __call__(
        self,
        event: StoreEvent,
        route: Route,
        automation_id: AutomationId | None,
        shop: Shop,
        settings: ShopSettings,
        shorten: Callable[[str], str],
    ) -> Sequence[Body]: ...


ShortLink = Callable[[int, str], str]
"""For a shop's id and a long address: a short one of ours that leads there, the same each time."""


class Post(Protocol):
    """Makes one attempt. Never raises: every answer, and none, is an outcome."""

    def __call__(self, parcel: Parcel) -> Outcome: ...
