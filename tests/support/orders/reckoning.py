"""Which letters must leave for a life, and what they say: reckoned from the rules, not from the app."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import floor
from typing import Final

from tests.support.orders.life import Happening, Life, Origin, Pieces, State, What, at, worth
from tests.support.orders.telling import Telling

CREATED, PAID, PART, WHOLE = "order_created", "order_paid", "order_partially_fulfilled", "order_fulfilled"
CANCELLED, REFUNDED = "order_cancelled", "order_refunded"
WAIT_SECONDS: Final = 30.0
NEW_SECONDS: Final = 600.0
DOUBT_SECONDS: Final = 4.0  #: so near to a limit either is right: the clock is moved in steps
COMPLETED_SECONDS: Final = 48 * 3600.0


Lines = Mapping[int, tuple[int, Decimal]]  #: the pieces of each line, and what is paid for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One row of the log, and the letter it is, unless it is skipped."""

    kind: str
    about: Happening
    skipped: tuple[str, ...]  #: the reason codes that are right; "" for a letter
    came: float  #: when its first webhook came
    ready: float  #: from when on it can leave
    earliest: float  #: when it happened, as far as its body can tell
    latest: float
    lines: tuple[Lines, ...]  #: each of these is right
    total: Decimal | None  #: None where only the sum of several is known
    order_totals: tuple[Decimal, ...] = ()
    refunded: Decimal = Decimal(0)  #: in all by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """In what the platforms differ."""

    kinds: Mapping[str, str]  #: a topic's kind of letter
    has_single_refunds: bool  #: a refund's webhook says what went back by it
    tells_last_parcel: bool  #: by a webhook of its own, beside the one of the whole order
    knows_when: frozenset[str]  #: kinds whose body says when they happened, however late it is built
    names_nobody: frozenset[str] = frozenset()  #: topics without a buyer: the store's API is asked
    tells_seconds: bool = False  #: nothing finer
    old_seconds: float = 0  #: how long before it came into the store an imported order was sold


def reckoned(life: Life, told: Sequence[Telling], rules: Rules) -> list[Expected]:
    """What must stand in the log for this life."""
    groups: dict[tuple[object, ...], list[Telling]] = {}
    for one in sorted(told, key=lambda one: one.first):
        if (kind := rules.kinds.get(one.topic)) and one.about.what is not What.DRAFT_PAID:
            is_its_own = kind == REFUNDED and not rules.has_single_refunds
            groups.setdefault((kind, one.about.seconds, id(one) if is_its_own else 0), []).append(one)
    found = [_expected(life, told, group[0], rules) for group in groups.values()]
    created = next((one for one in found if one.kind == CREATED), None)
    return [_after(created, _as_parcel(one, found), life) for one in found]


def _expected(life: Life, told: Sequence[Telling], first: Telling, rules: Rules) -> Expected:
    """What the first webhook of a happening makes of it; later ones say nothing new."""
    kind, state = rules.kinds[first.topic], at(life, first.built)
    named = _named_at(first, told, rules)
    why = _why_not(kind, first, state, rules) or ("" if named is not None else "no_contact")
    happened, latest = _when(kind, first, rules)
    # A refund's order is looked at when its letter is made.
    states = [state, *(at(life, one.seconds) for one in life.happenings if one.seconds > first.built)]
    return Expected(
        kind=kind, about=first.about, skipped=(why,), came=first.first, ready=first.first if named is None else named,
        earliest=happened, latest=latest, total=_total(kind, first.about, state, rules),
        lines=tuple(_lines(kind, first.about, each) for each in (states if kind == REFUNDED else states[:1])),
        order_totals=_order_totals(states, rules) if kind == REFUNDED else (), refunded=state.refunded,
    )  # fmt: skip


def _when(kind: str, first: Telling, rules: Rules) -> tuple[float, float]:
    """Between when and when it happened, as far as the body tells."""
    life = first.life
    happened = _happened(kind, first.about, life, rules)
    latest = happened if kind in rules.knows_when else max(happened, first.built)
    if rules.old_seconds and life.origin is Origin.IMPORT and kind == PAID:
        happened = -rules.old_seconds  # it came in already paid
    return (floor(happened), floor(latest)) if rules.tells_seconds else (happened, latest)


def _happened(kind: str, about: Happening, life: Life, rules: Rules) -> float:
    """A draft is as old as its first line, and what was paid for it then was not paid again."""
    drafts = life.of(What.DRAFT_PAID)
    if kind == PAID and drafts:
        return drafts[0].seconds
    if kind == CREATED:
        return -rules.old_seconds if life.origin is Origin.IMPORT else -life.draft_seconds
    return about.seconds


def _why_not(kind: str, first: Telling, state: State, rules: Rules) -> str:
    life = state.life
    if life.origin is Origin.REPLACEMENT:
        return "replacement"
    if kind == REFUNDED and (first.about.what is not What.REFUNDED if rules.has_single_refunds else not state.refunded):
        return "no_money_moved"
    if kind == PART and rules.tells_last_parcel:
        if not first.about.is_told:
            return "not_notified"
        if state.is_complete:
            return "told_elsewhere"
    return "imported" if life.origin is Origin.IMPORT and life.shop == "A" else ""


def _named_at(first: Telling, told: Iterable[Telling], rules: Rules) -> float | None:
    """When there is somebody to write to: at once, or with the next webhook that names the buyer."""
    if first.names_buyer:
        return first.first
    naming = [one for one in told if one.names_buyer and one.topic not in rules.names_nobody]
    later = [one.first for one in naming if one.about.what is not What.DRAFT_PAID and one.first > first.first]
    return min((when for when in later if when - first.first <= COMPLETED_SECONDS), default=None)


def _lines(kind: str, about: Happening, state: State) -> Lines:
    life = state.life
    pieces: Pieces = state.pieces
    if kind == CREATED:
        pieces = {line.number: line.ordered for line in life.lines if line.ordered}
    if about.pieces is not None and kind in (PART, CANCELLED, REFUNDED):
        pieces = about.pieces
    return {number: (count, life.line(number).paid(count)) for number, count in pieces.items()}


def _total(kind: str, about: Happening, state: State, rules: Rules) -> Decimal | None:
    if kind == CREATED:
        return at(state.life, 0).total
    if kind == REFUNDED:
        return about.money if rules.has_single_refunds else None
    if kind == CANCELLED:
        return worth(state.life, about.pieces or {}) + state.life.shipping
    return state.total


def _order_totals(states: Sequence[State], rules: Rules) -> tuple[Decimal, ...]:
    """The whole order's: Shopify says it with all that was ever in it, Saleor as it is."""
    return tuple(_of_all_there_was(each) if rules.has_single_refunds else each.total for each in states)


def _of_all_there_was(state: State) -> Decimal:
    edits = [one.pieces for one in state.done if one.what is What.EDITED and one.pieces is not None]
    most = {line.number: max([line.ordered, *(edit.get(line.number, 0) for edit in edits)]) for line in state.life.lines}
    return worth(state.life, most) + state.life.shipping


def _as_parcel(one: Expected, found: Iterable[Expected]) -> Expected:
    """An order that was sent whole without notice is told as little as the parcel that completed it."""
    if one.kind != WHOLE or one.about.is_told or one.skipped == ("replacement",):
        return one
    parcel = next((each for each in found if each.kind == PART and each.about == one.about), None)
    if parcel is None:
        return one
    late = parcel.came - max(one.came + WAIT_SECONDS, one.ready)
    if late > DOUBT_SECONDS:
        return one
    # What is skipped anyway waits for nothing.
    is_sure = late < -DOUBT_SECONDS and one.skipped != ("imported",)
    return replace(one, skipped=("not_notified",) if is_sure else ("not_notified", *one.skipped))


def _after(created: Expected | None, one: Expected, life: Life) -> Expected:
    """What comes before its order waits for it, while that is new."""
    if created is None or one is created or one.came > NEW_SECONDS - DOUBT_SECONDS:
        return one
    is_waiting = one.came < created.came < one.came + WAIT_SECONDS - DOUBT_SECONDS
    return replace(one, ready=max(one.ready, created.came)) if is_waiting else one
