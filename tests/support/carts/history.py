"""A history of carts: what happened in one shop, and what its store told of it, when, how often, or never."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

TICK = 7 * 60  #: seconds between two things that happen: no rule's span is a multiple of it, so nothing is a tie
ARRIVES_AFTER = 7  #: seconds after a tick: a webhook never arrives in the moment in which something comes due
RETURNS_AFTER = 200  #: likewise a worker that comes back
LEAVES_AFTER = 230
SWITCHED_AFTER = 250


class What(StrEnum):
    """What happens in a store."""

    EDITED = "edits the checkout"
    SHOPPED = "edits the cart in the storefront"
    EMPTIED = "empties the checkout"
    CLEARED = "empties the cart in the storefront"
    DELETED = "has the checkout deleted"
    BOUGHT = "buys the basket"
    ORDERED = "orders something else"
    PAID = "has an order of long before the carts paid"
    RENEWED = "has a subscription renewed"
    IMPORTED = "has an old order brought in"
    OFF = "the merchant switches reminders off"
    ON = "the merchant switches reminders on"


OF_A_BASKET = frozenset({What.EDITED, What.SHOPPED, What.EMPTIED, What.CLEARED, What.DELETED, What.BOUGHT})
OF_AN_ORDER = frozenset({What.BOUGHT, What.ORDERED, What.PAID, What.RENEWED, What.IMPORTED})
SWITCHES = frozenset({What.OFF, What.ON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens."""

    at: int  #: ticks since the history began
    what: What
    basket: int = 0
    person: int = 0  #: whose it is
    device: int = 0  #: of a basket with one cart and several checkouts, which checkout
    names: tuple[str, ...] = ()  #: what the bodies say of the buyer: words of NAMES
    names_cart: bool = True  #: an order may name its checkout only
    #: of each webhook that it makes, in ticks after it, when it arrives; lost where that is never
    arrivals: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """No worker is there, or one that reads no webhooks."""

    begins: int  #: ticks
    ends: int
    is_backlog: bool  #: workers are alive, but what arrives is not read yet

    @property
    def span(self) -> tuple[int, int]:
        """Seconds in which it lasts: from, until."""
        return self.begins * TICK + LEAVES_AFTER, self.ends * TICK + RETURNS_AFTER

    def __str__(self) -> str:
        what = "nothing is read" if self.is_backlog else "no worker is there"
        return f"{spoken(self.span[0])} to {spoken(self.span[1])}: {what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One webhook, as far as the rules care."""

    what: What
    topic: str
    basket: int = 0
    checkout: str = ""  #: the checkout's and the cart's token, where they are told
    cart: str = ""
    order: int = 0
    people: tuple[str, ...] = ()  #: every name of the buyer
    at: int = 0  #: seconds: the store's time of what it tells
    begun: int = 0  #: when the basket was begun
    placed: int | None = None  #: when the order was, where that is told
    is_bought: bool = False
    is_empty: bool = False
    arrives: tuple[int, ...] = ()  #: seconds
    has_one_key: bool = True  #: told again it is the same delivery; else another one that says the same

    @property
    def arrivals(self) -> tuple[int, ...]:
        """When it arrives as a delivery that was not there before."""
        return tuple(sorted(self.arrives))[: 1 if self.has_one_key else None]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(name for name in (self.checkout, self.cart) if name)

    @property
    def has_contact(self) -> bool:
        return any(name.startswith(("mail", "phone")) for name in self.people)

    @property
    def shows_buyer(self) -> bool:
        """Whether it shows that its buyer came to the store and ordered: not a renewal, not an import."""
        return self.is_bought and self.what not in (What.RENEWED, What.IMPORTED)

    def __str__(self) -> str:
        came = ", ".join(spoken(second) for second in sorted(self.arrives)) or "never"
        names = " ".join(sorted(self.keys | frozenset(self.people)))
        return f"{self.topic} ({names}{', empty' if self.is_empty else ''}) of {spoken(self.at)}, came {came}"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that happens in one shop."""

    platform: str
    steps: tuple[Step, ...]
    outages: tuple[Outage, ...] = ()
    store_answers: bool = True  #: asked about a cart it says the truth; else nothing
    window_hours: int = 3
    oldest_hours: int = 12
    wait_ticks: int = 3

    @property
    def wait(self) -> int:
        return self.wait_ticks * TICK

    def without(self, step: Step) -> "History":
        return replace(self, steps=tuple(one for one in self.steps if one is not step))


def spoken(seconds: int) -> str:
    """A moment of a history, for people."""
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    days, rest = divmod(seconds, 86400)
    told = f"{sign}{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    return f"day {days} {told}" if days else told


def story(history: History, tellings: list[Telling]) -> Iterator[str]:
    """The history in lines."""
    store = "answers" if history.store_answers else "answers nothing"
    yield (
        f"{history.platform}; wait {history.wait // 60} min, once in {history.window_hours} h, "
        f"none after {history.oldest_hours} h; the store {store}"
    )
    yield from map(str, history.outages)
    for step in history.steps:
        whose = f"person {step.person}, basket {step.basket}: " if step.what in OF_A_BASKET else ""
        whose = f"person {step.person}: " if step.what in OF_AN_ORDER - OF_A_BASKET else whose
        yield f"{spoken(step.at * TICK)} {whose}{step.what}"
    yield from (f"  {telling}" for telling in sorted(tellings, key=lambda one: one.at))
