"""Times as a page shows them: by the store’s clock, written as the reader’s language writes them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_datetime_format

from plugin.web.i18n import cldr, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time, as it is shown and as a machine reads it."""

    text: str  #: by the store’s clock
    exact: str


def moment(at: datetime, zone: ZoneInfo, *, seconds: bool = False) -> Moment:
    local = at.astimezone(zone)
    time = format_time(local, "medium" if seconds else "short", locale=cldr())
    together = str(get_datetime_format("medium", locale=cldr())).replace("'", "")
    text = together.replace("{0}", time).replace("{1}", format_date(local, "medium", locale=cldr()))
    return Moment(text=said(text), exact=local.isoformat())


def day_text(day: date) -> str:
    return said(format_date(day, "medium", locale=cldr()))


def weekday_text(day: date) -> str:
    """A day of these weeks, where its year goes without saying: Mon, Nov 23."""
    return said(format_skeleton("MMMEd", datetime(day.year, day.month, day.day, tzinfo=UTC), locale=cldr()))


def hour_text(at: datetime, zone: ZoneInfo) -> str:
    return said(format_time(at.astimezone(zone), "short", locale=cldr()))


def ago(at: datetime, now: datetime) -> str:
    """How long ago: “3 hours ago”."""
    return said(format_timedelta(min(at - now, timedelta(seconds=-1)), add_direction=True, locale=cldr()))
