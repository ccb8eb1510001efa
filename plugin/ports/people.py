"""What is kept about one person, on demand: found, handed out, deleted, and to be deleted at SendPulse too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from plugin.domain.audit import Deed
from plugin.domain.person import ErasureState, Holding, Kept, Person

P = TypeVar("P", bound=Person)

# A store answers its customer within 30 days. https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
ANSWER_WITHIN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequest:
    """A person asked the store what is kept about them."""

    id: int
    number: str  #: the platform's own, "" without one
    received_at: datetime
    person: Person
    fetched_at: datetime | None  #: when the merchant took along what is kept; None before

    @property
    def due_at(self) -> datetime:
        return self.received_at + ANSWER_WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingErasure:
    """A person SendPulse is to be asked to forget, claimed."""

    id: int
    shop_id: int
    emails: tuple[str, ...]  #: with no address of either kind, no key opens them any more
    phones: tuple[str, ...]
    asked_at: datetime
    tries: int  #: this one included
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedErasure:
    """How such a request stands, without the person."""

    asked_at: datetime
    state: ErasureState
    reason: str
    fix: str
    finished_at: datetime | None


class People(Protocol):
    """One shop's buyers."""

    def known_as(self, shop_id: int, person: P) -> P:
        """The same person with every name that what is kept gives them."""

    def is_shared(self, shop_id: int, person: Person) -> bool:
        """Whether they are asked for by a phone number alone that several people use: only what names nobody else is theirs."""

    def kept(self, shop_id: int, person: Person) -> Iterator[Kept]:
        """All that is kept about them, kind by kind; no connection is held between two things."""

    def noted(self, shop_id: int, deed: Deed, *, who: str, now: datetime, address: str = "") -> None:
        """Write into the audit that somebody looked for a person, or took along what is kept about one; it names nobody."""

    def erase(self, shop_id: int, person: Person, *, who: str, now: datetime, address: str = "") -> Mapping[Holding, int]:
        """Delete all of it, with an audit line; how many things of each kind that were.

        What waits is not sent; what arrives later is new.
        """

    def requests(self, shop_id: int) -> Sequence[DataRequest]:
        """Of this shop's people, newest first."""

    def fetched(self, shop_id: int, request_id: int, *, now: datetime) -> None:
        """The merchant took along what is kept about this request's person."""

    def asked_erasures(self, shop_id: int, *, limit: int) -> Sequence[AskedErasure]:
        """What SendPulse was asked to forget, newest first."""

    def claim_erasures(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[PendingErasure]:
        """Those that are due, of any shop, for one caller alone until the lease ends."""

    def end_erasure(
        self, pending: PendingErasure, state: ErasureState, *, reason: str, fix: str, again_at: datetime | None, now: datetime
    ) -> None:
        """Store what came of it; without `again_at` it is over, and the person in it is dropped."""
