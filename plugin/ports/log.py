"""The log of deliveries: what a merchant or an operator reads of each, without its body, its address or its event URL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from plugin.domain.audit import OPERATOR
from plugin.domain.delivery import State, Verdict
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Send
from plugin.ports.values import DeliveryFilter

COUNTING_SECONDS: Final = 1.0  #: in all; then the number is a lower bound


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAttempt:
    """One attempt with its answer."""

    number: int  #: counts up from 1
    started_at: datetime
    finished_at: datetime | None
    verdict: Verdict | None  #: None while it runs
    status: int | None  #: HTTP status; None when there was no answer
    reason_code: str  #: as of a delivery
    reason: str
    fix: str
    answer: str  #: the beginning of the body, without addresses or tokens

    @property
    def took_ms(self) -> int | None:
        """How long the answer took; None while it runs."""
        return int((self.finished_at - self.started_at).total_seconds() * 1000) if self.finished_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """One delivery with its attempts."""

    id: int
    shop_id: int
    event_id: int
    part: int  #: 0 for the whole event; the line's number when one event leaves per line item
    kind: EventKind
    state: State
    locale: str  #: the buyer's, as found
    automation_id: int | None
    flow_match: str  #: a `FlowMatch`, or one of a newer version; "" in rows of before there were codes
    rule: str  #: why this flow; "" when nothing was to be sent
    reason_code: str  #: a `ReasonCode`, or one of a newer version; "" without a reason, and as above
    reason: str  #: why it was skipped, held or given up
    fix: str  #: what the merchant can do about it
    partial: str  #: what it does not say: what could not be found in time, lines over the limit; "" when nothing is missing
    happened_at: datetime
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    attempts: Sequence[LoggedAttempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow(LoggedDelivery):
    """One delivery with what a merchant recognises it by; "" for what it has not, or not any more."""

    buyer: str  #: a masked address
    order_number: str
    product: str  #: the first one's name


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStory(LogRow):
    """One delivery from the webhook to the last answer."""

    topic: str  #: the webhook's, in the platform's own word; "" when no webhook began it
    received_at: datetime | None  #: when that webhook came
    translated_at: datetime  #: when the event was stored
    send: Send | None  #: None when nothing was to be sent
    has_body: bool  #: what was sent can be shown
    is_emptied: bool  #: what it said of a person is gone, so it cannot be sent again


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Some deliveries, newest first."""

    rows: Sequence[LogRow]
    older: int | None  #: the next page's `before_id`; None when there is nothing older
    is_cut: bool  #: the search stopped before the page was full: what is older was not looked at yet


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCount:
    """How many deliveries match."""

    number: int
    is_all: bool  #: False: there are more


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayStep:
    """One step of sending again all that match."""

    number: int
    older: int | None  #: where the next step begins; None when all was done


class Log(Protocol):
    """One shop's deliveries, found fast however many there are."""

    def page(self, filter: DeliveryFilter) -> LogPage:
        """Newest first, with attempts, masked buyer and order number; within bounded time."""

    def everything(self, filter: DeliveryFilter) -> Iterator[LogRow | None]:
        """Every delivery that matches and is there all the while, once, newest first, whatever the filter's limit.

        Step by step, each of a few milliseconds, holding no connection between them: None says that a step found nothing.
        """

    def count_all(self, filter: DeliveryFilter) -> Iterator[int]:
        """How many those are, in parts, just as slowly."""

    def count(self, filter: DeliveryFilter, *, most: int, seconds: float = COUNTING_SECONDS) -> MatchCount:
        """How many match, as far as this many, or as can be counted in this time."""

    def oldest(self, filter: DeliveryFilter) -> datetime | None:
        """When the oldest that matches was planned; None when nothing does, and where a text is searched for."""

    def story(self, shop_id: int, delivery_id: int) -> DeliveryStory | None:
        """One delivery from the webhook to the last answer, without its body; None when the shop has no such delivery."""

    def sent_body(self, shop_id: int, delivery_id: int, *, who: str, now: datetime, address: str = "") -> str | None:
        """The body as it leaves, with an audit line of who looked; None when nothing is kept."""

    def list(self, filter: DeliveryFilter) -> Sequence[LoggedDelivery]:
        """Newest first, each with its attempts."""

    def replay(self, filter: DeliveryFilter, *, now: datetime, who: str = OPERATOR) -> int:
        """Send failed, skipped-by-hold and delivered ones again, with an audit line; how many."""

    def send_again(self, filter: DeliveryFilter, *, who: str, now: datetime, address: str = "") -> ReplayStep:
        """Make the newest that match due again, as many as the filter's limit, in one commit with an audit line."""
