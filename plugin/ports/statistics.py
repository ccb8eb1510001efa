"""Figures over what was received and sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.ports.values import SeenLocale, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Deliveries by the state they stand in now, counted in the hour they were planned in."""

    by_hour: Mapping[tuple[datetime, State], int]
    by_kind: Mapping[tuple[EventKind, State], int]
    by_locale: Mapping[tuple[str, State], int]
    delays: Mapping[int, int]  #: of what was delivered, by bucket of `domain.delays`
    is_behind: bool = False  #: more hours have changed than are counted at once, so older ones show what they had before


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentCount:
    """What some events' buyers said of marketing."""

    events: int  #: all that had somebody to write to
    refused: int  #: of those, whose buyer did not agree
    unknown: int  #: of those, of whose buyer it is not known
    is_all: bool = True  #: False: there are older ones that were not counted

    @property
    def kept_back(self) -> int:
        """How many do not leave when only subscribers are written to."""
        return self.refused + self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Deliveries of one kind that did not leave, for one reason."""

    state: State
    kind: EventKind
    code: ReasonCode | None  #: None in rows of before there were codes, or of a newer version
    number: int
    is_all: bool  #: False: there may be older ones that were not counted
    oldest_at: datetime  #: when the oldest of those counted was planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Deliveries of one kind that SendPulse accepted, and that lacked the same thing."""

    kind: EventKind
    sentence: str  #: what they lacked, as the log has it
    number: int
    is_all: bool  #: False: there may be older ones that were not counted
    newest: int  #: the id of the newest
    newest_at: datetime  #: when that one was planned


class Statistics(Protocol):
    """Figures over what was received and sent.

    Each delivery counts in the hour it was planned in, by the state it stands in now. What retention deletes stays
    counted; what is erased at a person's wish does not. Sent again, it is the same delivery; decided anew, another one.
    """

    def count(self, *, now: datetime) -> int:
        """Do a small part of the counting; how much that was, 0 when all is counted."""

    def count_standing(self, *, now: datetime) -> int:
        """Do a small part of counting what stands in each state; how many rows that was, 0 while the last count is new."""

    def standing(self) -> Standing | None:
        """What of all shops stands in each state, as it was counted last: a few rows to read, however many there are."""

    def overview(self, shop_id: int, *, since: datetime, until: datetime) -> Overview:
        """Figures of whole hours, the running one and those that changed lately counted at once."""

    def concerns(self, shop_id: int, *, since: datetime, skipped: frozenset[ReasonCode]) -> Sequence[Concern]:
        """What failed or is held since that hour, and what was skipped for one of these reasons.

        Of the newest five thousand in each state at most.
        """

    def lacks(self, shop_id: int, *, since: datetime) -> Sequence[Lack]:
        """What was missing in what SendPulse accepted since that hour: in the newest five thousand at most."""

    def locales(self, shop_id: int, *, since: datetime) -> Sequence[SeenLocale]:
        """The buyers' locales, the most frequent first."""

    def consents(self, shop_id: int, kind: EventKind, *, since: datetime) -> ConsentCount:
        """Of the newest ten thousand events of a kind at most; those stored before this was noted are left out."""

    def busy_hours(self, shop_id: int, *, since: datetime) -> Sequence[datetime]:
        """The hours in which anything was planned, in order."""

    def doubted_webhooks(self) -> Mapping[tuple[int, ReasonCode], int]:
        """How many webhooks were signed and not believed, by shop and by why (`CONTRADICTED` or `UNCONFIRMED`).

        It reads every webhook that is kept.
        """

    def failing_webhooks(self, shop_id: int) -> int:
        """How many webhooks could not be read, as far as a thousand."""
