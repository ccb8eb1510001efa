"""Whether what was seen outside is what a case expects."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from plugin.ports import LoggedDelivery

Body = Mapping[str, Any]
Row = tuple[str, LoggedDelivery]  #: a shop's letter, and a row of its log


def faults(expected: Sequence[Mapping[str, Any]], left: Sequence[tuple[str, Body]], log: Sequence[Row]) -> Iterator[str]:
    """What is not as expected; `left` is what was posted, with the letter of its shop, in order."""
    for one in expected:
        shop = one.get("shop")
        kinds = one["kind"] if isinstance(one["kind"], list) else [one["kind"]]
        bodies = [body for letter, body in left if _is_of(body, kinds) and shop in (None, letter) and _has(body, one)]
        rows = [row for letter, row in log if row.kind.value in kinds and shop in (None, letter)]
        yield from (f"{one}: {fault}" for fault in _faults(one, bodies, rows))
        if one.get("first") and (not left or not _is_of(left[0][1], kinds)):
            yield f"{one}: another left before it"


def _faults(one: Mapping[str, Any], bodies: Sequence[Body], rows: Sequence[LoggedDelivery]) -> Iterator[str]:
    if "count" in one:
        low, high = one["count"] if isinstance(one["count"], list) else (one["count"], one["count"])
        if not low <= len(bodies) <= high:
            yield f"{len(bodies)} left; in the log: {[(row.kind.value, row.state, row.reason_code) for row in rows]}"
    for path, wanted in one.get("fields", {}).items():
        yield from (f"{path} is {at(body, path)!r}" for body in bodies if not _fits(at(body, path), wanted))
    for path, wanted in one.get("values", {}).items():
        found = [at(body, path) for body in bodies]
        if found != wanted:
            yield f"{path} one after the other: {found}"
    for path, wanted in one.get("sum", {}).items():
        if sum((Decimal(at(body, path) or 0) for body in bodies), Decimal(0)) != Decimal(wanted):
            yield f"{path} together: {[at(body, path) for body in bodies]}"
    if "twins" in one:
        shown = [repr([at(body, path) for path in one["twins"]]) for body in bodies]
        if len(set(shown)) < len(shown):
            yield "two say the same"
    if one.get("skipped") and not any(row.state == "skipped" and row.reason for row in rows):
        yield f"no skipped row: {[(row.state, row.reason_code) for row in rows]}"
    if "log" in one:
        said = [row for row in rows if re.search(one["log"], f"{row.reason} {row.partial}")]
        if len(said) != one["rows"]:
            yield f"{len(said)} rows say so: {[row.partial for row in rows]}"


def at(body: Body, path: str) -> Any:
    """The value under `products.1.product_name`, None where there is none."""
    found: Any = body
    for part in path.split("."):
        if isinstance(found, list):
            found = found[int(part)] if int(part) < len(found) else None
        else:
            found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _is_of(body: Body, kinds: Sequence[str]) -> bool:
    return "*" in kinds or body["event_name"] in kinds


def _has(body: Body, one: Mapping[str, Any]) -> bool:
    return all(_fits(at(body, path), wanted) for path, wanted in one.get("where", {}).items())


def _fits(found: Any, wanted: Any) -> bool:
    match wanted:
        case {"any": choices}:
            return found in choices
        case {"matches": pattern}:
            return isinstance(found, str) and re.search(pattern, found) is not None
        case {"moment": moment}:
            return isinstance(found, str) and _seconds(found) == _seconds(moment)
    return bool(found == wanted)


def _seconds(moment: str) -> int:
    """Letters tell seconds."""
    return int(datetime.fromisoformat(moment).timestamp())
