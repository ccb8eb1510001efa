"""What the path needs kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.ports.history import Overtaken, PurchaseHistory, Statistics
from plugin.ports.log import Log
from plugin.ports.refusals import PlatformSync, Refusals
from plugin.ports.values import (
    AccessLease,
    AccessToken,
    AttemptResult,
    Backlog,
    ClaimedDelivery,
    DestinationHealth,
    DueTimer,
    EndTimers,
    Guide,
    Installation,
    PastEvent,
    Plan,
    RetentionCandidate,
    SetTimer,
    SettingsVersion,
    StoredEvent,
    StoredWebhook,
    VerifiedWebhook,
)


class Shops(Refusals, Protocol):
    """Who has installed us."""

    def find(self, platform: str, address: str) -> Installation | None:
        """The shop of this address, also after it left."""

    def list(self) -> Sequence[Installation]: ...

    def install(self, shop: Shop, access: Mapping[str, Any], *, now: datetime) -> Shop:
        """Store a shop or, when its address is known, its new access; settings stay. Answers it with its id."""

    def forget(self, shop_id: int) -> None:
        """Delete the shop and everything of it."""

    def access(self, shop_id: int) -> Mapping[str, Any]:
        """The shop's access as it is stored this very moment, nothing when it left."""

    def renew(self, shop_id: int, changed: Mapping[str, Any]) -> None:
        """Store changed words of an installed shop's access; the others stay."""

    def lease_access(self, shop_id: int, *, now: datetime, lease: timedelta) -> AccessLease | None:
        """The shop's access for one caller alone to change; None while another has it, and when the shop left."""

    def end_lease(self, lease: AccessLease, changed: Mapping[str, Any]) -> bool:
        """Store what changed and let others have it; False, and nothing stored, when it was not this caller's any more."""

    def settings(self, shop_id: int) -> ShopSettings:
        """The shop's settings, `NO_SETTINGS` before any were made."""

    def write_settings(
        self, shop_id: int, document: Mapping[str, Any], *, who: str, now: datetime, expected: int | None = None
    ) -> int:
        """Store a checked settings file as the shop's next version, with an audit line; answers the version.

        Raises `ChangedMeanwhile` when the newest version is not the one `expected`; 0 expects none at all.
        """

    def settings_document(self, shop_id: int) -> Mapping[str, Any] | None:
        """The settings file as it was written, secrets included."""

    def settings_version(self, shop_id: int, number: int | None = None) -> SettingsVersion | None:
        """This version of the settings file, or the newest."""


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

    def failed(self, webhook: StoredWebhook, reason: str, *, code: ReasonCode, now: datetime) -> None: ...


class Events(PurchaseHistory, Protocol):
    """Store events between translation and planning."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[StoredEvent]: ...

    def planned(
        self, stored: StoredEvent, event: StoreEvent, plan: Plan, *,
        timers: Sequence[SetTimer | EndTimers], now: datetime, unless: Overtaken | None = None,
    ) -> Plan:  # fmt: skip
        """Store the completed event, its deliveries or why there is none, and its timers: one commit.

        `unless` is asked within it, while nobody else of the shop buys or tells a newer state; answers what was stored.
        """

    def postpone(self, stored: StoredEvent, *, until: datetime) -> None: ...

    def past(self, shop_id: int, kind: EventKind | None = None, *, limit: int = 10) -> Sequence[PastEvent]:
        """The newest events whose content is still there, to try settings out on."""


class Timers(Protocol):
    """Carts that wait to be called abandoned."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[DueTimer]: ...

    def expire(self, timer: DueTimer, event: StoreEvent, *, now: datetime) -> None:
        """End the timer and store the event it became: one commit; nothing when it was moved meanwhile."""


class Deliveries(Protocol):
    """The way out."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[ClaimedDelivery]:
        """Lease destinations that may be sent to now and take the next delivery of each: one commit.

        The attempt is written in that commit, before it is made. Nobody else sends to a leased destination.
        """

    def finish(self, finished: AttemptResult, *, now: datetime) -> bool:
        """Write the answer and the new state, move the destination's pace and health, give it back: one commit.

        Answers that come together share that commit. False when it was not this worker's any more: it changes nothing.
        """

    def ready_in(self, *, now: datetime) -> timedelta | None:
        """The time until the next destination may be sent to; None when nothing waits."""

    def destinations(self, shop_id: int) -> Sequence[DestinationHealth]:
        """The health of every account this shop sends to."""

    def reopen(self, shop_id: int, *, now: datetime) -> int:
        """After the merchant acted: let what waits follow the settings, send to paused accounts again; how many those were.

        An account counts when a route leads there or something of the shop waits for it.
        """


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


class Guides(Protocol):
    """Where each shop's setup guide stands."""

    def read(self, shop_id: int) -> Guide: ...

    def tested(self, shop_id: int, *, now: datetime) -> None:
        """A test event arrived."""

    def dismissed(self, shop_id: int, *, now: datetime) -> None:
        """The merchant has put the guide away."""


class Retention(Protocol):
    """Clearing away what is old, in small commits.

    Webhooks and events are walked across shops, like claims: their ids follow time. The rest goes shop by shop.
    What began to wait since it was looked at, or is being worked on, stays: the answers count what went.
    """

    def webhooks(self, *, after_id: int, limit: int) -> Sequence[RetentionCandidate]:
        """The next webhooks by id."""

    def empty_webhooks(self, ids: Sequence[int]) -> int:
        """Delete their bodies; the rows stay, so that the same webhook again is known."""

    def delete_webhooks(self, ids: Sequence[int]) -> int: ...

    def events(self, *, after_id: int, limit: int) -> Sequence[RetentionCandidate]:
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

    def delete_product_names(self, shop_id: int, *, before: datetime) -> int: ...

    def delete_hours(self, shop_id: int, *, before: datetime) -> int:
        """Delete what was counted of deliveries planned before."""

    def delete_links(self, shop_id: int, *, before: datetime) -> int:
        """Delete those no delivery used since then, unless a delivery as old still waits with one in it."""

    def delete_tokens(self, *, before: datetime) -> int:
        """Delete SendPulse tokens that ended before; they belong to accounts, which several shops may share."""


class WorkSignal(Protocol):
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
    timers: Timers
    deliveries: Deliveries
    catalogue: Catalogue
    tokens: Tokens
    links: Links
    guides: Guides
    log: Log
    statistics: Statistics
    retention: Retention
    platform_sync: PlatformSync
    wake: WorkSignal

    def check(self) -> None:
        """Raises `StorageDown` when the database does not answer or is not migrated."""

    def ahead(self) -> timedelta:
        """How far the database's clock is ahead of this machine's; raises `StorageDown`."""

    def backlog(self) -> Backlog: ...

    def close(self) -> None:
        """Give back every connection."""
