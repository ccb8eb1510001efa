"""Whether what left for an order is what was reckoned for it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import floor
from typing import Any

from tests.support.orders.life import Life
from tests.support.orders.reckoning import CREATED, REFUNDED, Expected

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the log."""

    kind: str
    state: str
    reason: str


def faults(
    life: Life, expected: Sequence[Expected], letters: Sequence[Body], rows: Sequence[Row], *, placed: datetime
) -> Iterator[str]:
    """In what they differ, in words."""
    single = [one for one in expected if one.total is not None]
    yield from _rows(single, [row for row in rows if row.kind != REFUNDED or len(single) == len(expected)])
    found, strange = _matched(expected, letters, placed)
    yield from (f"{body['event_name']} of {body['event_time']} left, and nobody reckoned with it" for body in strange)
    for place, (one, body) in enumerate(found):
        yield from (f"{one.kind}: {fault}" for fault in _content(life, one, body))
        for later, _ in found[place + 1 :]:
            if _is_before(later, one) and later.came <= one.ready:
                yield f"{later.kind} ({later.about.what}) left after {one.kind} ({one.about.what})"
    if len(single) < len(expected):
        yield from _sums(expected, letters, [row for row in rows if row.kind == REFUNDED])


def _rows(expected: Sequence[Expected], rows: Sequence[Row]) -> Iterator[str]:
    """Each has its row, with its state and its reason."""
    left = Counter((row.kind, "" if row.state == "delivered" else row.reason or row.state) for row in rows)
    for one in sorted(expected, key=lambda one: len(one.skipped)):
        why = next((why for why in one.skipped if left[one.kind, why]), None)
        if why is None:
            yield f"{one.kind} ({one.about.what}, {one.about.seconds:.1f}): no row {one.skipped}; there are {dict(+left)}"
        else:
            left[one.kind, why] -= 1
    yield from (f"{count} rows {row} too many" for row, count in left.items() if count > 0)


def _matched(
    expected: Sequence[Expected], letters: Sequence[Body], placed: datetime
) -> tuple[list[tuple[Expected, Body]], list[Body]]:
    """Each letter with what it was reckoned as, in the order they left; and those that were not."""
    open_ = [one for one in expected if "" in one.skipped or one.kind == REFUNDED]
    found, strange = [], []
    for body in letters:
        told = (datetime.fromisoformat(body["event_time"]) - placed).total_seconds()
        fitting = [
            one for one in open_
            if one.kind == body["event_name"] and one.earliest - 1.5 <= told <= one.latest + 1.5
        ]  # fmt: skip
        lines, total = _lines(body), _amount(body, "total")
        # Two parcels within a second are told apart by what is in them; letters tell whole seconds.
        best = min(
            fitting, key=lambda one: (lines not in one.lines, total != one.total, abs(floor(one.earliest) - told)), default=None
        )
        if best is None:
            strange.append(body)
        else:
            open_.remove(best)
            found.append((best, body))
    return found, strange


def _is_before(earlier: Expected, later: Expected) -> bool:
    """Nothing happens to an order before it is placed, however roughly a store tells the time."""
    return earlier.kind == CREATED or earlier.latest < later.earliest


def _content(life: Life, one: Expected, body: Body) -> Iterator[str]:
    buyer = life.buyer
    for name, wanted in (("email", buyer.email), ("phone", buyer.told_phone)):
        if body.get(name, "") != wanted:
            yield f"{name} is {body.get(name)}, not {wanted}"
    if one.total is not None and _amount(body, "total") != one.total:
        yield f"total is {body.get('total')}, not {one.total}"
    if one.order_totals and _amount(body, "order_total") not in one.order_totals:
        yield f"order_total is {body.get('order_total')}, not one of {one.order_totals}"
    lines = _lines(body)
    if lines not in one.lines:
        yield f"lines are {lines}, not {one.lines[0]}"
        return
    if body.get("quantity") != sum(pieces for pieces, _ in lines.values()):
        yield f"quantity is {body.get('quantity')}, and the lines are {lines}"
    gifts = [life.line(number).is_gift for number in lines]
    if gifts != sorted(gifts):
        yield "a gift stands before what was bought"


def _sums(expected: Sequence[Expected], letters: Sequence[Body], rows: Sequence[Row]) -> Iterator[str]:
    """Where a store says only what has gone back so far: refunds come to that together, and each says something."""
    of_refunds = [one for one in expected if one.kind == REFUNDED]
    totals = [_amount(body, "total") for body in letters if body["event_name"] == REFUNDED]
    wanted = max((one.refunded for one in of_refunds if one.skipped == ("",)), default=Decimal(0))
    if sum(totals) != wanted or any(total <= 0 for total in totals):
        yield f"refunds say {totals}, together not {wanted}"
    reasons = {why for one in of_refunds for why in one.skipped if why} | {"no_money_moved"}
    wrong = [row for row in rows if row.state != "delivered" and row.reason not in reasons]
    if wrong or len(rows) != len(of_refunds):
        yield f"the rows of {len(of_refunds)} refunds are {rows}"


def _lines(body: Body) -> dict[int, tuple[int, Decimal]]:
    return {
        line["product_id"] % 1_000_000: (line["quantity"], _amount(line, "line_total")) for line in body.get("products", ())
    }


def _amount(body: Body, name: str) -> Decimal:
    return Decimal(body.get(name) or 0)
