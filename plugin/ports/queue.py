"""Work on its way: webhooks, events, timers, deliveries, and what was bought."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from plugin.domain.carts import Purchase
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.share import WHOLE, Share
from plugin.domain.states import EventState
from plugin.ports.carts import DueCarts, DueTimer, EndTimers, SetTimer, WaitingCarts
from plugin.ports.values import (
    AttemptResult,
    ClaimedDelivery,
    DestinationHealth,
    KnownEvent,
    PastEvent,
    Plan,
    StoredEvent,
    StoredWebhook,
    VerifiedWebhook,
)


class PurchaseHistory(Protocol):
    """What was stored of a shop's baskets and objects."""

    def bought_at(self, shop_id: int, keys: Iterable[str]) -> datetime | None:
        """The last purchase under any of these names."""

    def reminded_at(self, shop_id: int, keys: Iterable[str], *, besides: int) -> datetime | None:
        """When a reminder was last planned under any of these names, not counting that of this event."""

    def newest_at(self, shop_id: int, kind: EventKind, object_id: str) -> datetime | None:
        """When the newest event of this kind that was planned happened to this object."""

    def known(
        self, shop_id: int, object_id: str, kinds: Collection[EventKind], states: Collection[EventState]
    ) -> Iterator[KnownEvent]:
        """The newest events of these kinds in these states that happened to this object, newest first, a score at most.

        They are opened one after another, as they are taken.
        """


Overtaken = Callable[[PurchaseHistory], Skip | None]
"""Why an event says nothing any more, by what is stored now."""


class Inbox(Protocol):
    """Webhooks, once each."""

    def receive(self, webhook: VerifiedWebhook, *, now: datetime) -> bool:
        """Commit it durably; False when it was here before. Raises `StorageDown`."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta, share: Share = WHOLE) -> Sequence[StoredWebhook]:
        """Lease what is due, from the shops in turn; of no shop more than its share."""

    def translated(
        self, webhook: StoredWebhook, translation: Translation, *, now: datetime, purchases: Sequence[Purchase] = ()
    ) -> int:
        """Store its events (known business keys change nothing), obey its notices, end what a purchase ends: one commit.

        What was told of its order without a buyer is completed with the one it names.

        Answers how many events were new.
        """

    def postpone(self, webhook: StoredWebhook, *, until: datetime) -> None:
        """Give it back until then; that is no failed try."""

    def failed(self, webhook: StoredWebhook, reason: str, *, code: ReasonCode, now: datetime) -> None: ...


class Events(PurchaseHistory, Protocol):
    """Store events between translation and planning."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta, share: Share = WHOLE) -> Sequence[StoredEvent]:
        """Lease what is due, from the shops in turn; of no shop more than its share."""

    def planned(
        self, stored: StoredEvent, event: StoreEvent, plan: Plan, *,
        timers: Sequence[SetTimer | EndTimers], now: datetime, unless: Overtaken | None = None,
    ) -> Plan:  # fmt: skip
        """Store the completed event, its deliveries or why there is none, and its timers: one commit.

        `unless` is asked within it, while nobody else of the shop buys or tells a newer state; answers what was stored.
        What `unless` raises is raised, and nothing is stored.
        """

    def postpone(self, stored: StoredEvent, *, until: datetime, is_try: bool = True) -> None:
        """Give it back until then. `is_try`: something was tried with it, and such tries are counted; waiting is none."""

    def past(self, shop_id: int, kind: EventKind | None = None, *, limit: int = 10) -> Sequence[PastEvent]:
        """The newest events whose content is still there, to try settings out on."""

    def lately(self, shop_id: int, *, since: datetime, most: int) -> Sequence[StoreEvent]:
        """Of the newest deliveries, at most so many and none older, the events that can still be read: each once."""

    def body_of(self, shop_id: int, event_id: int) -> bytes | None:
        """The webhook that told this event, as it came; None when none did or it is gone."""

    def newest_body(self, shop_id: int, kinds: Collection[EventKind]) -> bytes | None:
        """The newest webhook that told an event of one of these kinds, as it came; None while none is there."""


class WaitingRoom(Protocol):
    """How much of each shop waits and is kept, and whether more of it may come."""

    def has_room(self, shop_id: int, *, now: datetime, is_urgent: bool = False) -> bool:
        """Whether more of the shop may come; when not, it is noted that the shop is turned away.

        Something is reserved for what is urgent, which only a store that sends it without end uses up.
        """

    def took(self, shop_id: int, size: int, *, now: datetime) -> None:
        """One more webhook waits, of so many bytes as it came."""

    def turned_away_at(self, shop_id: int) -> datetime | None:
        """When a webhook of the shop was turned away last, by whatever process; to the minute."""


class Timers(Protocol):
    """Carts that wait to be called abandoned."""

    def beat(self, *, now: datetime) -> int:
        """Say that a worker is alive. After a time without any, what comes due soon waits for the stores' redeliveries.

        Answers how many carts that were.
        """

    def claim(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[DueCarts]:
        """Lease due carts, by shop, as many shops as the limit.

        Not those of shops with older webhooks that nobody has read yet, nor those whose buyer has a newer one waiting.
        """

    def expire(self, timer: DueTimer, event: StoreEvent, *, now: datetime) -> bool:
        """End the wait and store the event it became: one commit; False when the cart was moved meanwhile."""

    def postpone(self, timers: Iterable[DueTimer], *, until: datetime, now: datetime) -> None:
        """Give them back until then, noting that the store was asked in vain."""

    def follow(self, shop_id: int, *, now: datetime) -> int:
        """After the settings changed: let what waits ring by them, or end it where no reminder is sent any more.

        Answers how many carts that changed.
        """

    def waiting(self, shop_id: int, *, limit: int) -> WaitingCarts: ...


class Deliveries(Protocol):
    """The way out."""

    def claim(self, *, limit: int, now: datetime, lease: timedelta, share: Share = WHOLE) -> Sequence[ClaimedDelivery]:
        """Lease destinations that may be sent to now and take the next delivery of each: one commit.

        The attempt is written in that commit, before it is made. Nobody else sends to a leased destination.
        """

    def finish(self, finished: AttemptResult, *, now: datetime) -> bool:
        """Write the answer and the new state, move the destination's pace and health, give it back: one commit.

        Answers that come together share that commit. False when it was not this worker's any more: it changes nothing.
        """

    def ready_in(self, *, now: datetime, passing: Collection[int] = ()) -> timedelta | None:
        """The time until the next destination may be sent to; None when nothing waits. These shops are passed by."""

    def part(self, *, now: datetime) -> bool:
        """Move what waits for an account that several shops share, as a version of before wrote it, to their own.

        In small commits, each shop's oldest first. False when nothing is shared any more.
        """

    def waiting(self, shop_id: int, kind: EventKind) -> int:
        """How many deliveries of this kind wait to be sent."""

    def destinations(self, shop_id: int) -> Sequence[DestinationHealth]:
        """The health of every account this shop sends to."""

    def reopen(self, shop_id: int, *, now: datetime) -> int:
        """After the merchant acted: let what waits follow the settings, send to paused accounts again; how many those were.

        An account counts when a route leads there or something of the shop waits for it.
        """
