"""An order's life in the test's own words: what was bought, by whom, and what happens to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import inf

NEVER = inf
Pieces = Mapping[int, int]  #: how many of which line, by the line's number


class What(StrEnum):
    """What may happen to an order."""

    DRAFT_PAID = "paid while still a draft"
    PLACED = "placed"
    PAID = "paid"
    EDITED = "edited"
    NAMED = "its buyer is known"
    SENT = "a parcel is sent"
    TAKEN_BACK = "a parcel is taken back"
    REFUNDED = "money goes back"
    NOTHING_REFUNDED = "a refund without money"
    REFUND_FAILED = "a refund that failed"
    CANCELLED = "cancelled"


class Origin(StrEnum):
    """Where an order comes from."""

    SHOP = "shop"
    IMPORT = "import"
    REPLACEMENT = "replacement"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; `ordered` is 0 for one that an edit adds."""

    number: int
    ordered: int
    price: Decimal
    off: Decimal = Decimal(0)  #: of each piece
    uneven: Decimal = Decimal(0)  #: off the whole line beside; such a line is never divided
    is_gift: bool = False

    def paid(self, pieces: int) -> Decimal:
        """What is paid for so many pieces, after all discounts."""
        return (self.price - self.off) * pieces - (self.uneven if pieces else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happens, so many seconds after the order was placed."""

    what: What
    seconds: float
    pieces: Pieces | None = None  #: a parcel's or a refund's; after an edit all that is left
    money: Decimal = Decimal(0)  #: what goes back
    number: int = 0  #: of the parcel or refund
    is_told: bool = True  #: the buyer is to be notified
    is_joined: bool = False  #: sent in one go with the parcel after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who bought, and where the order says so."""

    email: str
    phone: str
    phone_on: str  #: billing, shipping or nowhere
    recipient_phone: str = ""  #: of somebody else who gets the parcel
    pick_up_phone: str = ""  #: of the place where it is fetched
    known_after: float = 0  #: seconds after the order was placed; infinite: never

    @property
    def told_phone(self) -> str:
        return self.phone if self.phone_on != "nowhere" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One order from its beginning to its end."""

    number: int
    origin: Origin
    currency: str
    lines: tuple[Line, ...]
    shipping: Decimal
    buyer: Buyer
    happenings: tuple[Happening, ...]
    starts: float  #: seconds after the clock was started
    draft_seconds: float = 0  #: how long it was a draft before
    shop: str = "A"  #: the letter of its shop; B tells sales of long ago, too

    def of(self, *what: What) -> list[Happening]:
        return [one for one in self.happenings if one.what in what]

    def line(self, number: int) -> Line:
        return next(line for line in self.lines if line.number == number)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How an order stands at one moment."""

    life: Life
    seconds: float
    done: tuple[Happening, ...]

    def has(self, what: What) -> bool:
        return any(one.what is what for one in self.done)

    @property
    def pieces(self) -> Pieces:
        """What it holds after edits, and after refunds that took pieces back."""
        edits = [one.pieces for one in self.done if one.what is What.EDITED and one.pieces is not None]
        found = edits[-1] if edits else {line.number: line.ordered for line in self.life.lines}
        gone = together(one.pieces or {} for one in self.done if one.what is What.REFUNDED)
        return {number: count - gone.get(number, 0) for number, count in found.items() if count > gone.get(number, 0)}

    @property
    def total(self) -> Decimal:
        return worth(self.life, self.pieces) + self.life.shipping if self.pieces else Decimal(0)

    @property
    def refunded(self) -> Decimal:
        return sum((one.money for one in self.done if one.what is What.REFUNDED), Decimal(0))

    @property
    def parcels(self) -> list[Happening]:
        """Those that were sent and not taken back."""
        gone = {one.number for one in self.done if one.what is What.TAKEN_BACK}
        return [one for one in self.done if one.what is What.SENT and one.number not in gone]

    @property
    def is_complete(self) -> bool:
        """Whether all of it was sent."""
        return bool(self.parcels) and together(parcel.pieces or {} for parcel in self.parcels) == self.pieces

    @property
    def is_named(self) -> bool:
        return self.seconds >= self.life.buyer.known_after


def at(life: Life, seconds: float) -> State:
    """The order as it stands then; parcels sent in one go are there all at once."""
    done = [one for one in life.happenings if one.seconds <= seconds]
    rest = life.happenings[len(done) :]
    while done and done[-1].is_joined and rest:
        done, rest = [*done, rest[0]], rest[1:]
    return State(life=life, seconds=seconds, done=tuple(done))


def worth(life: Life, pieces: Pieces) -> Decimal:
    """What is paid for these pieces; a gift with a negative price lowers it."""
    return sum((life.line(number).paid(count) for number, count in pieces.items()), Decimal(0))


def together(parts: Iterable[Pieces]) -> Pieces:
    """All pieces of these parts."""
    found: dict[int, int] = {}
    for part in parts:
        for number, count in part.items():
            found[number] = found.get(number, 0) + count
    return found
