"""Orders' lives made by chance: the same seed and number make the same life."""

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from tests.support.orders.life import NEVER, Buyer, Happening, Life, Line, Origin, Pieces, What

PACE_SECONDS = 3.0  #: between two orders of the shop: its letters leave at 8 a second
APART_SECONDS = (90, 1500)  #: what has nothing to do with each other is so far apart

CENTS = {"PLN": Decimal("0.01"), "EUR": Decimal("0.01"), "JPY": Decimal(1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What can happen in the stores of one platform."""

    origins: tuple[Origin, ...]  #: beside the shop itself
    edits_late: bool  #: what is paid can be changed
    joins_parcels: bool  #: several parcels are sent in one go
    refunds_pieces: bool  #: a refund says which pieces came back, and cancelling makes one


def a_life(seed: int, number: int, habits: Habits) -> Life:
    """The life of this number."""
    chance = Random(f"{seed}:{number}")
    origin = chance.choice(habits.origins) if chance.random() < 0.07 * len(habits.origins) else Origin.SHOP
    currency = chance.choice([*CENTS])
    lines = [_line(chance, place, CENTS[currency]) for place in range(1, chance.randint(2, 5))]
    chance.shuffle(lines)  # a gift may stand first
    maker = _Maker(chance, habits, tuple(lines), CENTS[currency], shipping=CENTS[currency] * chance.choice([0, 990, 1500]))
    maker.fill(origin)
    return Life(
        number=number, origin=origin, currency=currency, lines=tuple(maker.lines), shipping=maker.shipping,
        buyer=_buyer(chance, number), happenings=tuple(maker.happenings), starts=number * PACE_SECONDS,
        draft_seconds=chance.choice([30, 300, 3600]) if origin is Origin.DRAFT else 0, shop=chance.choice("AAB"),
    )  # fmt: skip


def _line(chance: Random, number: int, cent: Decimal, *, added: bool = False) -> Line:
    price = cent * chance.randint(500, 20000)
    is_gift = number > 1 and not added and chance.random() < 0.12
    if is_gift:
        return Line(number=number, ordered=1, price=price, off=price, is_gift=True)
    return Line(
        number=number,
        ordered=0 if added else chance.randint(1, 5),
        price=price,
        off=(price / 10).quantize(cent) if chance.random() < 0.3 else Decimal(0),
        uneven=cent * chance.randint(1, 99) if not added and chance.random() < 0.2 else Decimal(0),
    )


def _buyer(chance: Random, number: int) -> Buyer:
    goes_to = chance.choices(["home", "somebody", "pick-up"], [7, 2, 1])[0]
    phone_on = chance.choice(["billing", "billing", "nowhere", "shipping" if goes_to == "home" else "billing"])
    has_email = phone_on == "nowhere" or chance.random() < 0.9
    known = chance.choices([0.0, chance.uniform(2, 40), chance.uniform(120, 3000), 51 * 3600.0, NEVER], [84, 6, 6, 2, 2])[0]
    return Buyer(
        email=f"buyer-{number}@example.com" if has_email else "",
        phone=f"+48600{number:06}",
        phone_on=phone_on,
        recipient_phone=f"+48601{number:06}" if goes_to == "somebody" else "",
        pick_up_phone="+48226000000" if goes_to == "pick-up" else "",
        known_after=known,
    )


@dataclass
class _Maker:
    """Writes a life down, one thing after the other."""

    chance: Random
    habits: Habits
    lines: tuple[Line, ...]
    cent: Decimal
    shipping: Decimal
    seconds: float = 0
    happenings: list[Happening] = field(default_factory=list)
    parcels: int = 0

    def fill(self, origin: Origin) -> None:
        left: Pieces = {line.number: line.ordered for line in self.lines}
        if origin is Origin.DRAFT:
            self.happenings.append(Happening(what=What.DRAFT_PAID, seconds=-20))
        self.happenings.append(Happening(what=What.PLACED, seconds=0))
        is_edited = self._likely(0.25)
        if is_edited and not self.habits.edits_late:
            left = self._edit(left)
        is_paid = origin is Origin.DRAFT or self._likely(0.85)
        if is_paid:
            self._then(What.PAID, soon=self._likely(0.7))
        if is_edited and self.habits.edits_late:
            left = self._edit(left)
        is_cancelled = self._likely(0.15)
        if is_cancelled:
            self._cancel(left, is_paid=is_paid)
        else:
            self._send(left)
        if is_paid and self._likely(0.4) and not (is_cancelled and self.habits.refunds_pieces):
            self._refund(left)

    def _likely(self, share: float) -> bool:
        return self.chance.random() < share

    def _then(self, what: What, *, soon: bool = False, **more: object) -> None:
        self.seconds += self.chance.uniform(0.3, 3) if soon else self.chance.uniform(*APART_SECONDS)
        self.happenings.append(Happening(what=what, seconds=self.seconds, **more))  # type: ignore[arg-type]

    def _edit(self, left: Pieces) -> Pieces:
        """A line goes, one is reduced, one comes; never nothing is left."""
        changed = dict(left)
        divisible = [line for line in self.lines if line.ordered > 1 and not line.uneven]
        if divisible and self._likely(0.6):
            line = self.chance.choice(divisible)
            changed[line.number] = self.chance.randint(1, line.ordered - 1)
        if len(changed) > 1 and self._likely(0.5):
            del changed[self.chance.choice([*changed])]
        if self._likely(0.4):
            added = _line(self.chance, len(self.lines) + 1, self.cent, added=True)
            self.lines += (added,)
            changed[added.number] = self.chance.randint(1, 3)
        self._then(What.EDITED, pieces=changed)
        return changed

    def _cancel(self, left: Pieces, *, is_paid: bool) -> None:
        self._then(What.CANCELLED, pieces=left)
        if is_paid and self.habits.refunds_pieces:  # in the same moment, and before
            money = worth_of(self.lines, left) + self.shipping
            refund = Happening(what=What.REFUNDED, seconds=self.seconds - 0.5, pieces=left, money=money, number=1)
            self.happenings.insert(-1, refund)

    def _send(self, left: Pieces) -> None:
        parts = self._parts(left)
        if self._likely(0.15):
            parts = parts[:-1]
        is_joined = self.habits.joins_parcels and self._likely(0.2)
        for place, part in enumerate(parts):
            is_last = place == len(parts) - 1
            soon = place > 0 and (is_joined or self._likely(0.2))
            self._parcel(part, soon=soon, is_joined=is_joined and not is_last)
            if not is_joined and self._likely(0.1):
                self._then(What.TAKEN_BACK, number=self.parcels)
                self._parcel(part)

    def _parcel(self, part: Pieces, *, soon: bool = False, is_joined: bool = False) -> None:
        self.parcels += 1
        is_told = self.happenings[-1].is_told if self.happenings[-1].is_joined else not self._likely(0.15)
        self._then(What.SENT, soon=soon, pieces=part, number=self.parcels, is_told=is_told, is_joined=is_joined)

    def _parts(self, left: Pieces) -> list[Pieces]:
        """All pieces in one to three parcels."""
        count = self.chance.choice([1, 1, 2, 3])
        parts: list[dict[int, int]] = [{} for _ in range(count)]
        for number, pieces in left.items():
            if line_of(self.lines, number).uneven:
                self.chance.choice(parts)[number] = pieces
                continue
            for _ in range(pieces):
                part = self.chance.choice(parts)
                part[number] = part.get(number, 0) + 1
        return [part for part in parts if part]

    def _refund(self, left: Pieces) -> None:
        most = worth_of(self.lines, left) + self.shipping
        if self.habits.refunds_pieces and self._likely(0.4) and (back := self._back(left)):
            self._then(What.REFUNDED, pieces=back, money=worth_of(self.lines, back), number=9)
            return
        count, is_whole = self.chance.choice([1, 1, 2, 3]), self._likely(0.3)
        for place in range(1, count + 1):
            what = self.chance.choices([What.REFUNDED, What.NOTHING_REFUNDED, What.REFUND_FAILED], [8, 1, 1])[0]
            share = (most / count).quantize(self.cent) if not is_whole or place < count else most - self._given()
            money = share if is_whole else max(self.cent, (share * self.chance.randint(1, 9) / 10).quantize(self.cent))
            given = money if what is What.REFUNDED else Decimal(0)
            self._then(what, soon=place > 1 and self._likely(0.5), money=given, number=place)

    def _back(self, left: Pieces) -> Pieces:
        """One piece of a line, or the whole of one that is never divided; something stays."""
        paid = [number for number, count in left.items() if line_of(self.lines, number).paid(count)]
        if len(left) < 2 or not paid:
            return {}
        number = self.chance.choice(paid)
        return {number: left[number] if line_of(self.lines, number).uneven else 1}

    def _given(self) -> Decimal:
        return sum((one.money for one in self.happenings if one.what is What.REFUNDED), Decimal(0))


def line_of(lines: tuple[Line, ...], number: int) -> Line:
    return next(line for line in lines if line.number == number)


def worth_of(lines: tuple[Line, ...], pieces: Pieces) -> Decimal:
    return sum((line_of(lines, number).paid(count) for number, count in pieces.items()), Decimal(0))
