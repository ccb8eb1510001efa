"""Which event URL and which flow an event goes to, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plugin.domain.kinds import EventKind
from plugin.domain.secret import AutomationId, EventUrl

MOST_LINES: Final = 50  #: of one event that are sent, its first: in one body, or each in a delivery of its own


class Send(StrEnum):
    """How one kind of event is sent."""

    JSON = "json"  #: POST raw to the event URL
    FORM = "form"  #: POST form-data to the event URL
    NAME = "name"  #: POST to the REST API by event name


class Shape(StrEnum):
    """How the lines of a basket are sent."""

    ORDER = "order"  #: one event: one product in the flat keys, all in `products`
    ITEM = "item"  #: one event per line
    ARRAY = "array"  #: one event with `products` only


class Audience(StrEnum):
    """Whom one kind of event is sent for."""

    EVERYONE = "everyone"
    SUBSCRIBERS = "subscribers"  #: only people who agreed to marketing


class OnUncertain(StrEnum):
    """What becomes of a delivery whose answer never came."""

    REPEAT = "repeat"  #: it is sent again: at least once
    HOLD = "hold"  #: it waits for the merchant: at most once


class Lead(StrEnum):
    """Which line stands in the six flat keys."""

    FIRST = "first"
    MOST_EXPENSIVE = "most_expensive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where one kind of event goes."""

    kind: EventKind
    enabled: bool = True
    send: Send = Send.JSON
    event_url: EventUrl | None = None  #: for json and form
    event_name: str = ""  #: for name
    shape: Shape = Shape.ORDER
    audience: Audience = Audience.EVERYONE
    wait_minutes: int = 60  #: cart_abandoned only: how long a cart must be quiet
    window_hours: int = 24  #: cart_abandoned only: one person is reminded once in so many hours
    oldest_hours: int = 72  #: cart_abandoned only: a cart that has been quiet for longer is not reminded of
    lead: Lead = Lead.FIRST
    on_uncertain: OnUncertain = OnUncertain.REPEAT

    @property
    def is_open(self) -> bool:
        """Whether events leave by it."""
        return self.enabled and (self.event_url is not None or self.send is Send.NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A SendPulse flow and the language it is written in."""

    locale: str  #: exactly as the merchant wrote it; matching widens it, storing does not
    automation_id: AutomationId
    name: str = ""
    event: EventKind | None = None  #: None: for every kind that has no flow of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A merchant's own rule, where all that is asked for fits: it names a flow or a language, one of the two.

    A flow is asked for before language. A language is the event's where the store named none that can be read.
    """

    automation_id: AutomationId | None = None
    locale: str = ""  #: as the merchant wrote it
    channel: str = ""
    country: str = ""
    event: EventKind | None = None
    name: str = ""


class NoMatchPolicy(StrEnum):
    """What happens to an event whose locale has no flow."""

    DEFAULT_FLOW = "default_flow"
    WITHOUT_FLOW = "without_flow"
    HOLD = "hold"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMatch:
    """The merchant's choice for locales without a flow."""

    policy: NoMatchPolicy = NoMatchPolicy.WITHOUT_FLOW
    automation_id: AutomationId | None = None  #: for default_flow


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """Everything a merchant said about where events go."""

    routes: Mapping[EventKind, Route]
    flows: tuple[Flow, ...] = ()
    rules: tuple[Rule, ...] = ()
    no_match: NoMatch = NoMatch()
