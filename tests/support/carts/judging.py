"""What came of a history against what was to come of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.support.carts.history import Telling, spoken
from tests.support.carts.model import Ended, Letter
from tests.support.carts.playing import Played, Row
from tests.support.carts.telling import COMES_BACK

# Seconds that a reminder may leave later than it could: a store that is silent is asked every ten minutes, and where its
# buyer had begun another cart meanwhile, it is looked at again when that one was to ring.
LATEST = 4200


def faults(played: Played) -> list[str]:
    """Everything that came otherwise."""
    found = [[*_letters(one.letters, played.letters), *_rows(one.ended, played.rows)] for one in played.models]
    return [
        *(found[0] if all(found) else ()),
        *(f"reminded of basket {letter.basket} after {why}" for letter, why in after_a_purchase(played)),
    ]


def after_a_purchase(played: Played) -> Iterator[tuple[Letter, Telling]]:
    """The reminders that left after a purchase that the app had taken in, without any model of waits."""
    for letter in played.letters:
        taken = [one for one in played.tellings if any(second < letter.at for second in one.arrives)]
        own = [one for one in taken if one.basket == letter.basket and not one.is_bought and one.keys]
        people = {name for one in own for name in one.people}
        newest = max((one for one in own if one.checkout), key=lambda one: one.at)
        begun, changed = newest.begun, max(one.at for one in own)
        keys = {key for one in own for key in one.keys}
        for one in taken:
            if not one.is_bought:
                continue
            if one.keys & keys or (people & set(one.people) and _settles(one, begun, changed)):
                yield letter, one


def _settles(order: Telling, begun: int, changed: int) -> bool:
    if not order.shows_buyer or order.placed is None:
        return False
    return begun <= order.placed and changed < order.placed + COMES_BACK


def _letters(due: Sequence[Letter], left: Sequence[Letter]) -> Iterator[str]:
    due, left = sorted(due, key=_place), sorted(left, key=_place)
    for basket in sorted({one.basket for one in (*due, *left)}):
        wanted, got = [one for one in due if one.basket == basket], [one for one in left if one.basket == basket]
        if len(wanted) != len(got):
            yield f"basket {basket}: {_said(wanted)} to leave, {_said(got)} left"
            continue
        for one, other in zip(wanted, got, strict=True):
            latest = one.at + (LATEST if one.is_partial else 0)
            if not one.at <= other.at <= latest or one.is_partial != other.is_partial:
                yield f"basket {basket}: {_said([one])} to leave, {_said([other])} left"


def _rows(due: Sequence[Ended], found: Sequence[Row]) -> Iterator[str]:
    for basket in sorted({one.basket for one in due} | {row.basket for row in found}):
        ends = [one for one in due if one.basket == basket]
        codes = [row.code for row in found if row.basket == basket]
        pairs = _paired(ends, codes)
        for place, end in enumerate(ends):
            if end.is_sure and place not in pairs:
                yield f"basket {basket}: no row of the wait that ended at {spoken(end.at)}, {' or '.join(sorted(end.codes))}"
        rest = [code for place, code in enumerate(codes) if place not in pairs.values()]
        for code, count in sorted(Counter(rest).items()):
            yield f"basket {basket}: {count} rows {code} of no wait"


def _paired(ends: Sequence[Ended], codes: Sequence[str]) -> dict[int, int]:
    """For each wait its row, by their places, so that as few of either as can be are left alone.

    More than one reason may be true of a wait, so that its row may be any of several. Those that nobody may have seen come
    last: they take rows from none.
    """
    pairs: dict[int, int] = {}  # by the row's place

    def finds_a_row(end: int, tried: set[int]) -> bool:
        for row, code in enumerate(codes):
            if code in ends[end].codes and row not in tried:
                tried.add(row)
                if row not in pairs or finds_a_row(pairs[row], tried):
                    pairs[row] = end
                    return True
        return False

    for place in sorted(range(len(ends)), key=lambda place: not ends[place].is_sure):
        finds_a_row(place, set())
    return {end: row for row, end in pairs.items()}


def counted(many: Sequence[Played]) -> Counter[str]:
    """What was played, in numbers."""
    count: Counter[str] = Counter()
    for played in many:
        count["histories"] += 1
        count[f"of {played.history.platform}"] += 1
        count["webhooks"] += sum(len(one.arrives) for one in played.tellings)
        count["reminders"] += len(played.letters)
        count["partial"] += sum(one.is_partial for one in played.letters)
        count["purchases"] += sum(one.is_bought and bool(one.arrives) for one in played.tellings)
        count["after a purchase"] += sum(1 for _ in after_a_purchase(played))
        count.update(f"ended {row.code}" for row in played.rows)
    return count


def _place(letter: Letter) -> tuple[int, int]:
    return letter.basket, letter.at


def _said(letters: Sequence[Letter]) -> str:
    partial = {True: " partial", False: ""}
    return ", ".join(f"one at {spoken(one.at)}{partial[one.is_partial]}" for one in letters) or "none"
