"""What happened: the log as merchants search it, and its figures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from plugin.domain.delivery import Skip
from plugin.domain.kinds import EventKind
from plugin.ports.values import DeliveryFilter, SeenLocale


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Some deliveries, newest first."""

    rows: Sequence[Mapping[str, Any]]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Deliveries by the state they stand in now, counted in the hour they were planned in."""

    by_hour: Mapping[tuple[datetime, str], int]
    by_kind: Mapping[tuple[str, str], int]
    by_locale: Mapping[tuple[str, str], int]
    delays: Mapping[int, int]  #: of what was delivered, by bucket of `domain.delays`


class Log(Protocol):
    """One shop's deliveries, found fast however many there are."""

    def page(self, filter: DeliveryFilter) -> LogPage:
        """Newest first, with attempts, masked buyer and order number; within bounded time."""

    def count(self, filter: DeliveryFilter, *, most: int) -> MatchCount:
        """How many match, as far as this many."""

    def story(self, shop_id: int, delivery_id: int) -> Mapping[str, Any] | None:
        """One delivery from the webhook to the last answer, without its body."""

    def sent_body(self, shop_id: int, delivery_id: int, *, who: str, now: datetime) -> str | None:
        """The body as it leaves, with an audit line of who looked; None when nothing is kept."""

    def list(self, filter: DeliveryFilter) -> Sequence[Mapping[str, Any]]:
        """Newest first, each with its attempts, ready to print as JSON."""

    def replay(self, filter: DeliveryFilter, *, now: datetime) -> int:
        """Send failed, skipped-by-hold and delivered ones again; how many."""

    def send_again(self, filter: DeliveryFilter, *, who: str, now: datetime) -> ReplayStep:
        """Make the newest that match due again, as many as the filter's limit, in one commit with an audit line."""


class Statistics(Protocol):
    """Figures over what was received and sent.

    Each delivery counts in the hour it was planned in, by the state it stands in now. What retention deletes stays
    counted; what is erased at a person's wish does not. Sent again, it is the same delivery; decided anew, another one.
    """

    def count(self, *, now: datetime) -> int:
        """Do a small part of the counting; how much that was, 0 when all is counted."""

    def overview(self, shop_id: int, *, since: datetime, until: datetime) -> Overview:
        """Figures of whole hours, the running one and those that changed lately counted at once."""

    def locales(self, shop_id: int, *, since: datetime) -> Sequence[SeenLocale]:
        """The buyers' locales, the most frequent first."""

    def busy_hours(self, shop_id: int, *, since: datetime) -> Sequence[datetime]:
        """The hours in which anything was planned, in order."""

    def failing_webhooks(self, shop_id: int) -> int:
        """How many webhooks could not be read, as far as a thousand."""


class PurchaseHistory(Protocol):
    """What was stored of a shop's baskets and objects."""

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        """The last purchase under any of these names."""

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        """When the newest event of this kind that was planned happened to this object."""


Overtaken = Callable[[PurchaseHistory], Skip | None]
"""Why an event says nothing any more, by what is stored now."""
