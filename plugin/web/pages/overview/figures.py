"""Counts of deliveries, arranged to be read: over time, by event, by language, and how long they took."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from plugin.domain.delays import percentile
from plugin.domain.delivery import State
from plugin.ports import Overview
from plugin.web import event_texts
from plugin.web.delivery_texts import state_titles
from plugin.web.forms.delivery_filter import NO_LANGUAGE, midnight, time_fields
from plugin.web.i18n import gettext as _
from plugin.web.i18n import number as written
from plugin.web.language_names import language_name
from plugin.web.moments import hour_text, weekday_text

T = TypeVar("T", bound=str)

Named = tuple[str, Mapping[str, str]]
"""A line's label, and what the log is asked for."""

HOUR: Final = timedelta(hours=1)
DAYS: Final = {"day": 1, "week": 7, "month": 30}
COLOURS: Final = {
    "delivered": "--good", "failed": "--bad", "skipped": "--edge", "held": "--warn", "waiting": "--busy", "sending": "--busy",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table: what was counted, and where the log shows it."""

    label: str
    counts: Mapping[str, int]  #: by state
    link: Mapping[str, str]  #: what the log is asked for; a column's state comes to it
    at: datetime | None = None  #: when it begins, of a line of times

    @property
    def all(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything a page of figures shows."""

    sums: Line
    times: Sequence[Line]
    kinds: Sequence[Line]
    languages: Sequence[Line]
    columns: Sequence[tuple[str, str]]  #: each state that is shown, and its heading
    typical: str  #: within this time half of them were accepted; "" when none was
    slowest: str  #: and this time 95 of 100


def spans() -> tuple[tuple[str, str], ...]:
    return (("day", _("24 hours")), ("week", _("7 days")), ("month", _("30 days")))


def span(asked: str) -> str:
    """The span that was asked for, a week when it is none."""
    return asked if asked in DAYS else "week"


def beginning(now: datetime, span: str, zone: ZoneInfo) -> datetime:
    """The first hour that is counted: for days the first one that begins after the store's midnight."""
    if span == "day":
        return start_of_hour(now) - timedelta(hours=23)
    return _first_hour(now.astimezone(zone).date() - timedelta(days=DAYS[span] - 1), zone)


def start_of_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _first_hour(day: date, zone: ZoneInfo) -> datetime:
    """Hours are counted as UTC has them, so where clocks differ by half an hour a day begins half an hour later here."""
    begins = midnight(day, zone)
    return start_of_hour(begins + timedelta(hours=1, microseconds=-1))


def arrange(found: Overview, *, since: datetime, now: datetime, span: str, zone: ZoneInfo) -> Figures:
    first = time_fields(since, None, zone)
    sums = Line(label="", counts=_sums((state, number) for (_hour, state), number in found.by_hour.items()), link=first)
    return Figures(
        sums=sums,
        columns=_columns(sums),
        times=_over_time(found, since=since, now=now, span=span, zone=zone),
        kinds=_lines(found.by_kind, lambda kind: (event_texts.title(kind), first | {"event": kind.value})),
        languages=_lines(found.by_locale, lambda one: (_language(one), first | {"language": one or NO_LANGUAGE})),
        typical=_duration(percentile(found.delays, 0.5)),
        slowest=_duration(percentile(found.delays, 0.95)),
    )


def chart(figures: Figures, *, span: str, zone: ZoneInfo) -> dict[str, Any]:
    """What the chart draws: bars on each other, the delivered at the bottom; the browser writes its times and numbers."""
    series = [
        {"label": heading, "ink": COLOURS[state], "values": [line.counts[state] for line in figures.times]}
        for state, heading in reversed(figures.columns)
    ]
    times = [line.at.isoformat() for line in figures.times if line.at]
    return {"times": times, "unit": "hour" if span == "day" else "day", "zone": zone.key, "series": series}


def _over_time(found: Overview, *, since: datetime, now: datetime, span: str, zone: ZoneInfo) -> list[Line]:
    """A line for each hour of a day or each day of more, those without anything too."""
    counted: dict[datetime, list[tuple[State, int]]] = {hour: [] for hour in _hours(since, now)}
    for (hour, state), number in found.by_hour.items():
        counted.setdefault(hour, []).append((state, number))
    if span == "day":
        slots = [(hour, hour + HOUR, hour_text(hour, zone)) for hour in sorted(counted)]
    else:
        days = sorted({hour.astimezone(zone).date() for hour in counted})
        slots = [(_first_hour(day, zone), _first_hour(day + timedelta(days=1), zone), weekday_text(day)) for day in days]
    return [
        Line(
            label=label,
            counts=_sums(one for hour, counts in counted.items() if begin <= hour < end for one in counts),
            link=time_fields(begin, end, zone),
            at=begin,
        )
        for begin, end, label in slots
    ]


def _hours(since: datetime, now: datetime) -> Iterator[datetime]:
    while since <= now:
        yield since
        since += HOUR


def _lines(found: Mapping[tuple[T, State], int], named: Callable[[T], Named]) -> list[Line]:
    counted: dict[T, list[tuple[State, int]]] = {}
    for (one, state), number in found.items():
        counted.setdefault(one, []).append((state, number))
    lines = [Line(label=named(one)[0], counts=_sums(counts), link=named(one)[1]) for one, counts in counted.items()]
    return sorted(lines, key=lambda line: (-line.all, line.label))


def _language(locale: str) -> str:
    """Its name, and the code the store has for it."""
    if not locale:
        return _("No language given")
    name = language_name(locale)
    return locale if name == locale else f"{name} · {locale}"


def _sums(counts: Iterable[tuple[State, int]]) -> dict[str, int]:
    sums = dict.fromkeys(COLOURS, 0)
    for state, number in counts:
        sums[state] += number
    return sums


def _columns(sums: Line) -> Sequence[tuple[str, str]]:
    """Every state with its heading; what is on its way this very moment only when there is any."""
    names = state_titles()
    return [(state, names[State(state)]) for state in COLOURS if state != State.SENDING or sums.counts[state]]


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds == float("inf"):
        return _("more than a day")
    if seconds < 60:
        return _("%(seconds)s s", seconds=written(seconds))
    if seconds < 3600:
        return _("%(minutes)s min", minutes=written(seconds / 60))
    return _("%(hours)s h", hours=written(seconds / 3600))
