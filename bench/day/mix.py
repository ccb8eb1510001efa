"""What a hundred stores tell on an everyday evening: half of it carts, a third orders, and some buyers and refunds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from random import Random
from typing import Any, Final

from bench.day import bodies
from bench.day.bodies import Visit
from plugin.domain.kinds import KINDS, EventKind, Family

YESTERDAY: Final = timedelta(days=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One webhook, and what must become of it."""

    visit: int  #: its number: all webhooks of a visit are told by one shop
    topic: str
    body: bytes
    events: int
    kind: EventKind | None  #: of the event that reaches SendPulse because of it
    mark: str  #: by which the stub knows that event again among those of its kind

    @property
    def posts(self) -> int:
        return int(self.kind is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A kind of webhook in the mix."""

    topic: str
    body: Callable[[Visit], Any]
    kind: EventKind | None  #: of the event that leaves; None where none does
    events: int = 1


def _of_an_order(topic: str, kind: EventKind, *, placed: timedelta = bodies.LAST) -> Part:
    return Part(topic=topic, body=lambda visit: bodies.order(visit, kind.value, placed=placed), kind=kind)


CREATED: Final = _of_an_order("orders/create", EventKind.ORDER_CREATED)
PAID: Final = _of_an_order("orders/paid", EventKind.ORDER_PAID)
FULFILLED: Final = _of_an_order("orders/fulfilled", EventKind.ORDER_FULFILLED, placed=YESTERDAY)
CANCELLED: Final = _of_an_order("orders/cancelled", EventKind.ORDER_CANCELLED, placed=YESTERDAY)
REFUNDED: Final = Part(topic="refunds/create", body=bodies.refund, kind=EventKind.ORDER_REFUNDED)
NEW_CUSTOMER: Final = Part(topic="customers/create", body=bodies.customer, kind=EventKind.CUSTOMER_CREATED)
CUSTOMER: Final = Part(topic="customers/update", body=bodies.customer, kind=EventKind.CUSTOMER_UPDATED)
# A checkout begins with nobody to write to; the storefront's cart never says whose it is.
ANONYMOUS: Final = Part(topic="checkouts/create", body=lambda visit: bodies.checkout(visit, is_anonymous=True), kind=None)
CART: Final = Part(topic="carts/update", body=bodies.cart, kind=None)
# The first checkout with an address is a start and a change; the change says nothing that the start does not.
CHECKOUT: Final = Part(topic="checkouts/update", body=bodies.checkout, kind=EventKind.CHECKOUT_STARTED, events=2)

# Each visit of forty webhooks: 20 of carts, 14 of orders, 4 of customers, 1 cancelled and 1 refunded.
VISITS: Final[Sequence[Sequence[Part]]] = (
    *[(CART, CHECKOUT)] * 6, *[(ANONYMOUS, CHECKOUT)] * 4, *[(CREATED, PAID)] * 6, *[(FULFILLED,)] * 2,
    *[(NEW_CUSTOMER,)] * 2, *[(CUSTOMER,)] * 2, (CANCELLED,), (REFUNDED,),
)  # fmt: skip


def evening(*, now: datetime, first: int = 1) -> Iterator[Sequence[Told]]:
    """Visits without end, each with all that is told of it in the order of telling; `first` is the first one's number."""
    for number in count(first):
        visit = Visit(number=number, now=now)
        yield [told(part, visit) for part in _shuffled(number // len(VISITS))[number % len(VISITS)]]


@cache
def _shuffled(turn: int) -> Sequence[Sequence[Part]]:
    """All kinds of visits in another order each time, so that each shop sees each of them."""
    return Random(turn).sample(VISITS, len(VISITS))


def webhooks(how_many: int, *, now: datetime, first: int = 1) -> list[Told]:
    """So many webhooks of an evening, or one more."""
    found: list[Told] = []
    for visit in evening(now=now, first=first):
        found += visit
        if len(found) >= how_many:
            return found
    raise AssertionError("an evening has no end")


def told(part: Part, visit: Visit) -> Told:
    is_of_order = part.kind is not None and KINDS[part.kind].family is Family.ORDER
    return Told(
        visit=visit.number, topic=part.topic, body=bodies.encoded(part.body(visit)), events=part.events, kind=part.kind,
        mark=str(bodies.ORDER + visit.number) if is_of_order else visit.email,
    )  # fmt: skip
