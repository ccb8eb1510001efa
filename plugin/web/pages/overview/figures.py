"""Counts of deliveries, arranged to be read: over time, by event, by language, and how long they took."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from plugin.domain.delays import percentile
from plugin.domain.event import EventKind
from plugin.ports import Overview
from plugin.web.languages import gettext as _
from plugin.web.pages.deliveries.filtering import NO_LANGUAGE
from plugin.web.pages.events import words

Named = Callable[[str], tuple[str, Mapping[str, str]]]

SHORT: Final = 5  #: letters of a label in the chart: 23:00, or the month and day
DAYS: Final = {"day": 1, "week": 7, "month": 30}
COLUMNS: Final = {
    "delivered": ("delivered",),
    "failed": ("failed",),
    "skipped": ("skipped",),
    "held": ("held",),
    "waiting": ("waiting", "sending"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table: what was counted, and where the log shows it."""

    label: str
    counts: Mapping[str, int]  #: by column
    link: Mapping[str, str]  #: what the log is asked for; a column's state comes to it

    @property
    def all(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything a page of figures shows."""

    sums: Line
    times: Sequence[Line]
    kinds: Sequence[Line]
    languages: Sequence[Line]
    half: str  #: within this time half of them were delivered; "" when none was
    nearly_all: str  #: and this time 95 of 100


def spans() -> tuple[tuple[str, str], ...]:
    return (("day", _("24 hours")), ("week", _("7 days")), ("month", _("30 days")))


def span(asked: str) -> str:
    """The span that was asked for, a week when it is none."""
    return asked if asked in DAYS else "week"


def states() -> tuple[tuple[str, str], ...]:
    """Each column, which is also the state the log is asked for, and its heading."""
    names = {
        "delivered": _("Delivered"),
        "failed": _("Failed"),
        "skipped": _("Skipped"),
        "held": _("Held"),
        "waiting": _("Waiting"),
    }
    return tuple((column, names[column]) for column in COLUMNS)


def beginning(now: datetime, span: str, zone: ZoneInfo) -> datetime:
    """The first hour that is counted: for days the store's midnight."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if span == "day":
        return hour - timedelta(hours=23)
    day = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day - timedelta(days=DAYS[span] - 1)).astimezone(now.tzinfo)


def told(found: Overview, *, since: datetime, now: datetime, span: str, zone: ZoneInfo) -> Told:
    first = {"from": since.astimezone(zone).date().isoformat()}
    kinds = {kind.value: words.title(kind) for kind in EventKind}
    return Told(
        sums=Line(label="", counts=_columns((state, number) for (_hour, state), number in found.by_hour.items()), link=first),
        times=_over_time(found, since=since, now=now, span=span, zone=zone),
        kinds=_lines(found.by_kind, lambda kind: (kinds.get(kind, kind), first | {"event": kind})),
        languages=_lines(found.by_locale, lambda one: (one or _("None was named"), first | {"language": one or NO_LANGUAGE})),
        half=_duration(percentile(found.delays, 0.5)),
        nearly_all=_duration(percentile(found.delays, 0.95)),
    )


def chart(lines: Sequence[Line]) -> dict[str, Any]:
    """What the chart draws: bars on each other, the delivered at the bottom."""
    inks = {"delivered": "--good", "failed": "--bad", "skipped": "--edge", "held": "--warn", "waiting": "--busy"}
    series = [
        {"label": heading, "ink": inks[column], "values": [line.counts[column] for line in lines]}
        for column, heading in reversed(states())
    ]
    return {"labels": [line.label[-SHORT:] for line in lines], "series": series}


def _over_time(found: Overview, *, since: datetime, now: datetime, span: str, zone: ZoneInfo) -> list[Line]:
    """A line for each hour of a day or each day of more, those without anything too."""
    is_by_hour = span == "day"

    def slot(hour: datetime) -> datetime:
        local = hour.astimezone(zone)
        return local.replace(minute=0) if is_by_hour else local.replace(hour=0, minute=0)

    counted: dict[datetime, list[tuple[str, int]]] = {}
    hour = since
    while hour <= now:
        counted.setdefault(slot(hour), [])
        hour += timedelta(hours=1)
    for (at, state), number in found.by_hour.items():
        counted.setdefault(slot(at), []).append((state, number))
    return [
        Line(
            label=f"{at:%H:%M}" if is_by_hour else f"{at:%Y-%m-%d}",
            counts=_columns(counts),
            link={"from": at.date().isoformat(), "to": at.date().isoformat()},
        )
        for at, counts in sorted(counted.items())
    ]


def _lines(found: Mapping[tuple[str, str], int], named: Named) -> list[Line]:
    counted: dict[str, list[tuple[str, int]]] = {}
    for (one, state), number in found.items():
        counted.setdefault(one, []).append((state, number))
    lines = [Line(label=named(one)[0], counts=_columns(counts), link=named(one)[1]) for one, counts in counted.items()]
    return sorted(lines, key=lambda line: (-line.all, line.label))


def _columns(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums = dict.fromkeys(COLUMNS, 0)
    for state, number in counts:
        for column, of_it in COLUMNS.items():
            sums[column] += number if state in of_it else 0
    return sums


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds == float("inf"):
        return _("more than a day")
    if seconds < 60:
        return _("%(seconds)s s", seconds=f"{seconds:g}")
    if seconds < 3600:
        return _("%(minutes)s min", minutes=f"{seconds / 60:g}")
    return _("%(hours)s h", hours=f"{seconds / 3600:g}")
