"""Lets things happen in the pretend stores, one sale after the other, and remembers each buyer's story."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

from plugin import clock
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.sandbox.buyers import SampleBuyer, buyer_of
from plugin.sandbox.catalogue import product_of
from plugin.sandbox.courier import Courier, Fired
from plugin.sandbox.kinds import SANDBOX_KINDS
from plugin.sandbox.sale import Sale, SaleLine

ORDER_AGE = timedelta(minutes=15)  #: the app waits for the beginning of newer ones, as it may be on its way
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class NotPossible(Exception):
    """What was asked for cannot happen; the text says why."""


class Sender(Protocol):
    """One pretend store's webhooks."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def kinds(self) -> Collection[str]:
        """What it has a webhook for."""

    def fire(self, event: str, sale: Sale, *, turn: int = 1, ago: timedelta = timedelta(0)) -> Fired: ...

    def again(self, fired: Fired) -> Fired: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FireRequest:
    """What the page asks for."""

    store: str
    event: str
    buyer: str
    products: tuple[str, ...]  #: handles; a product chosen twice is bought twice
    locale: str | None = None  #: instead of the buyer's own


@dataclass(slots=True, kw_only=True)
class _Story:
    """One buyer's present sale in one store."""

    sale: Sale
    counts: dict[EventKind, int] = field(default_factory=dict)  #: how often each event has happened to it

    def goes_on(self, event: EventKind, wanted: Sale) -> bool:
        """Whether this event may happen to the present sale, or begins another."""
        is_same = (self.sale.locale, _content(self.sale)) == (wanted.locale, _content(wanted))
        is_late = KINDS[event].is_cart and any(KINDS[kind].family is Family.ORDER for kind in self.counts)
        row = SANDBOX_KINDS[event]
        return is_same and not is_late and not row.begins and (row.repeats or event not in self.counts)


def _content(sale: Sale) -> list[tuple[int, int]]:
    return [(line.variant.number, line.quantity) for line in sale.lines]


class Stage:
    """Everything the page can do to the stores."""

    def __init__(self, courier: Courier, senders: Sequence[Sender], *, now: Callable[[], datetime] = clock.now) -> None:
        self.courier = courier
        self.senders = {sender.name: sender for sender in senders}
        self._now = now
        self._stories: dict[tuple[str, str], _Story] = {}
        self._last_number = 0
        self._lock = Lock()

    @property
    def labels(self) -> Mapping[str, str]:
        """What any of the stores can let happen, with words for the person who chooses."""
        return {
            kind.value: row.label
            for kind, row in SANDBOX_KINDS.items()
            if any(kind in one.kinds for one in self.senders.values())
        }

    def fire(self, wish: FireRequest) -> Fired:
        """Let it happen; raises `NotPossible`."""
        sender, buyer = self.senders.get(wish.store), buyer_of(wish.buyer)
        if sender is None or buyer is None or wish.event not in list(SANDBOX_KINDS):
            raise NotPossible("The page asked for a store, a buyer or an event that is not here; load it again.")
        if wish.event not in sender.kinds:
            raise NotPossible("This store has no webhook for that; choose another event.")
        with self._lock:
            sale, turn = self._next(wish, EventKind(wish.event), buyer)
        return sender.fire(wish.event, sale, turn=turn, ago=SANDBOX_KINDS[EventKind(wish.event)].ago)

    def again(self, number: int) -> Fired:
        """Send the webhook with this number once more, byte for byte; raises `NotPossible`."""
        fired = self.courier.find(number)
        if fired is None or fired.note:
            raise NotPossible("This webhook was never sent or is forgotten; fire a new one.")
        return self.senders[fired.store].again(fired)

    def _next(self, wish: FireRequest, kind: EventKind, buyer: SampleBuyer) -> tuple[Sale, int]:
        wanted = self._sale(wish, buyer, ago=_began_before(kind))
        story = self._stories.get((wish.store, buyer.key))
        if story is None or not story.goes_on(kind, wanted):
            self._last_number = wanted.number
            story = self._stories[wish.store, buyer.key] = _Story(sale=wanted)
        story.counts[kind] = story.counts.get(kind, 0) + 1
        return story.sale, story.counts[kind]

    def _sale(self, wish: FireRequest, buyer: SampleBuyer, *, ago: timedelta) -> Sale:
        now = self._now() - ago
        # Milliseconds since the year began: a restart does not give an old number again.
        number = max(self._last_number + 1, int((self._now() - _BEGINNING) / timedelta(milliseconds=1)))
        locale = buyer.locale if wish.locale is None else wish.locale
        return Sale(number=number, buyer=buyer, locale=locale, lines=_lines(wish.products), began_at=now)


def _began_before(kind: EventKind) -> timedelta:
    """How old a new sale is: an order is paid or sent some time after it was placed, and nobody need wait for that."""
    is_later = KINDS[kind].family is Family.ORDER and kind is not EventKind.ORDER_CREATED
    return SANDBOX_KINDS[kind].ago + (ORDER_AGE if is_later else timedelta(0))


def _lines(handles: Sequence[str]) -> tuple[SaleLine, ...]:
    lines: dict[str, SaleLine] = {}
    for handle in handles:
        product = product_of(handle)
        if product is None:
            raise NotPossible(f"The store has no product {handle!r}; load the page again.")
        first = SaleLine(number=len(lines) + 1, product=product, variant=product.variants[0], quantity=0)
        line = lines.get(handle, first)
        lines[handle] = replace(line, quantity=line.quantity + 1)
    if not lines:
        raise NotPossible("Choose at least one product.")
    return tuple(lines.values())
