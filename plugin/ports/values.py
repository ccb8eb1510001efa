"""What crosses the edges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plugin.domain.delivery import Delivery, Hold, Outcome, Planned, Skip, State
from plugin.domain.destination import Health
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.own import OwnVariable
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import OnUncertain, Send
from plugin.domain.secret import EventUrl
from plugin.domain.settings import Account, ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.states import EventState, WebhookState


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
    left_at: datetime | None = None  #: when that was
    suspended_at: datetime | None = None  #: since when the operator lets nothing be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLease:
    """A shop's access, leased to the one caller who may change it."""

    shop_id: int
    access: Mapping[str, Any]
    until: datetime  #: grows with every lease, so that a lease that ran out is recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSync:
    """A shop whose platform does not know yet what changed here."""

    shop: Shop
    seen: datetime  #: when the change was noted; a later one is another pending sync
    has_failed: bool  #: the platform could not be told the last time
    is_poison_suspect: bool = False  #: never: nothing that a stranger wrote is read for it

    @property
    def id(self) -> int:
        """The shop's: it has no other."""
        return self.shop.id


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWebhook:
    """A webhook a worker has claimed."""

    id: int
    shop: Shop
    topic: str
    body: bytes
    tries: int  #: how often a worker took it, this time included
    sent_at: datetime  #: when the store made it, or when it arrived where the store does not say
    variables: tuple[OwnVariable, ...] = ()  #: the merchant's own, by the settings of the moment it was claimed
    #: a poison message, perhaps: workers that had claimed it ended again and again, so it is worked on alone
    is_poison_suspect: bool = False


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
    is_poison_suspect: bool = False  #: as of a webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """An event that was told, or deliberately not, of the same object."""

    id: int
    kind: EventKind
    event: StoreEvent | None  #: None once its content is gone


Plan = Skip | Hold | tuple[Planned, ...] | None
"""What becomes of an event; None when it only moved a timer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedDelivery:
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
    leased_until: datetime | None = None  #: from then on another worker may send it, so this one may not

    @property
    def id(self) -> int:
        return self.delivery.id

    @property
    def is_poison_suspect(self) -> bool:
        """Never: after a dead worker it waits by the schedule, which ends."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """One attempt with what came of it."""

    claimed: ClaimedDelivery
    outcome: Outcome
    sent_at: datetime  #: when it was made; the account's next event waits its turn from then on
    next_at: datetime | None  #: when to try again; None when it is over


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A SendPulse access token and its end."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries a log shows or a replay takes."""

    shop_id: int
    state: State | None = None
    kind: EventKind | None = None
    reason_code: ReasonCode | None = None
    locale: str | None = None  #: the buyer's, as found; "" for events that brought none
    automation_id: int | None = None
    since: datetime | None = None  #: planned then or later
    until: datetime | None = None  #: planned before
    search: str = ""  #: an address, an order's number, a product's number or a part of its name
    ids: tuple[int, ...] = ()
    limit: int = 100
    before_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationHealth:
    """Whether one SendPulse account of a shop is sent to, as its merchant reads it."""

    health: Health
    reason: str  #: "" while it is sent to
    fix: str
    paused_until: datetime | None
    delivered_at: datetime | None  #: when it last took an event


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many of everything stand in each state; states nothing stands in are left out."""

    webhooks: Mapping[WebhookState, int] = field(default_factory=dict)
    events: Mapping[EventState, int] = field(default_factory=dict)
    deliveries: Mapping[State, int] = field(default_factory=dict)
    destinations: Mapping[Health, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The same as it was counted a while ago; here a state nothing stands in is 0."""

    backlog: Backlog
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsVersion:
    """One stored settings file."""

    number: int  #: counts up from 1
    document: Mapping[str, Any]  #: as it was written, secrets included
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """How far the setup guide has come in what settings do not tell."""

    is_tested: bool = False  #: a test event was taken by SendPulse
    is_dismissed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PastEvent:
    """A store event as it was kept, for trying out."""

    id: int
    event: StoreEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLocale:
    """A locale buyers brought lately."""

    locale: str  #: as it was found
    events: int
    unmatched: int  #: of those, how many found no flow of their language


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFlow:
    """A flow of the merchant's SendPulse account."""

    number: int
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionCandidate:
    """A webhook or event that may be old enough to go."""

    id: int
    since: datetime
    waits: bool  #: something of it is still to be done
    has_content: bool  #: what the store said of a person is still there
    expired_at: datetime | None = None  #: when the log was told that it waited for too long
