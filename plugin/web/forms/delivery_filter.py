"""Which deliveries are asked for, as it stands in the address of the page."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import DeliveryFilter
from plugin.web.i18n import gettext as _

# None of these is a word a host uses in the addresses it opens.
NAMES: Final = ("q", "state", "event", "language", "flow", "reason", "from", "to")
NO_LANGUAGE: Final = "-"  #: the buyer brought none
MAX_LENGTH: Final = 200  #: characters
MAX_ID: Final = 2**53
EXCERPT: Final = 40  #: characters of what was found, in a message
FIRST_YEAR, LAST_YEAR = 2000, 2100
# As browsers write it (datetime-local). With an offset only the second of two equal hours, when the clocks are put back.
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(?P<offset>[+-]\d\d:\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterForm:
    """The filter as typed, and as a query."""

    values: Mapping[str, str]  #: as it stands in the fields
    errors: Mapping[str, str]
    filter: DeliveryFilter | None  #: None when something is wrong with it

    @property
    def given(self) -> dict[str, str]:
        """What the address of this very list needs."""
        return {name: value for name, value in self.values.items() if value}

    @property
    def return_to(self) -> dict[str, str]:
        """What the address of a single event needs, so that its way back leads to this list."""
        return self.given if self.filter else {}

    def besides(self, *names: str) -> dict[str, str]:
        """What the address of the same list needs without these parts."""
        return {name: value for name, value in self.given.items() if name not in names}

    def type_of(self, name: str) -> str:
        """The field that can show when this part begins or ends: a day, or a time."""
        match = _TIME.fullmatch(self.values[name])
        return "date" if not match else "text" if match["offset"] else "datetime-local"


class _Wrong(Exception):
    """The value cannot be used; the text stands beside its field."""


def read_filter(given: Mapping[str, str], shop_id: int, zone: ZoneInfo, *, limit: int) -> FilterForm:
    """The filter in these fields, or what is wrong, by field."""
    values = {name: given.get(name, "").strip() for name in NAMES}
    errors: dict[str, str] = {}
    found: dict[str, Any] = {}
    for name, (part, read) in _PARTS.items():
        try:
            found |= {part: read(values[name], zone)} if values[name] else {}
        except _Wrong as wrong:
            errors[name] = str(wrong)
    if not errors and "since" in found and "until" in found and found["since"] >= found["until"]:
        is_day = "T" not in values["to"]
        day = _("This day is before the first one. Choose the same day or a later one.")
        errors["to"] = day if is_day else _("This is not after the start time. Choose a later time.")
    filter = None if errors else DeliveryFilter(shop_id=shop_id, limit=limit, **found)
    return FilterForm(values=values, errors=errors, filter=filter)


def time_fields(since: datetime, until: datetime | None, zone: ZoneInfo) -> dict[str, str]:
    """The fields that ask for what was planned from then on, and before then: days where these are whole ones."""
    ends = [since, *([until] if until else [])]
    if all(midnight(end.astimezone(zone).date(), zone) == end for end in ends):
        last = {"to": (until.astimezone(zone).date() - timedelta(days=1)).isoformat()} if until else {}
        return {"from": since.astimezone(zone).date().isoformat()} | last
    return dict(zip(("from", "to"), (_time_text(end, zone) for end in ends), strict=False))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When this day begins in the store."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def older_than(filter: DeliveryFilter, given: str) -> DeliveryFilter:
    """The same from where an earlier page ended."""
    return replace(filter, before_id=int(given)) if is_number(given) else filter


def is_number(text: str) -> bool:
    """Whether it can be an id of ours, or a flow's, in its one spelling."""
    return text.isascii() and text.isdigit() and len(text) < 17 and text[0] != "0" and int(text) < MAX_ID


def _text(typed: str, _zone: ZoneInfo) -> str:
    if len(typed) > MAX_LENGTH:
        raise _Wrong(_("This is too long to search for: enter at most %(most)s characters.", most=MAX_LENGTH))
    if not typed.isprintable():
        raise _Wrong(_("This contains an invisible character. Type it again."))
    return typed


def _language(typed: str, zone: ZoneInfo) -> str:
    return "" if typed == NO_LANGUAGE else _text(typed, zone)


def _state(typed: str, _zone: ZoneInfo) -> State:
    if typed not in list(State):
        raise _Wrong(_("“%(found)s” is not a status. Choose one from the list.", found=typed[:EXCERPT]))
    return State(typed)


def _kind(typed: str, _zone: ZoneInfo) -> EventKind:
    if typed not in list(EventKind):
        raise _Wrong(_("“%(found)s” is not an event we know. Choose one from the list.", found=typed[:EXCERPT]))
    return EventKind(typed)


def _flow(typed: str, _zone: ZoneInfo) -> int:
    if not is_number(typed):
        raise _Wrong(_("“%(found)s” is not a flow number. Choose one from the list.", found=typed[:EXCERPT]))
    return int(typed)


def _reason(typed: str, _zone: ZoneInfo) -> ReasonCode:
    if typed not in list(ReasonCode):
        raise _Wrong(_("“%(found)s” isn’t a reason we know. Remove this filter.", found=typed[:EXCERPT]))
    return ReasonCode(typed)


def _date(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise _no_date(typed) from None
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise _Wrong(_("Choose a day between the years %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR))
    return day


def _no_date(typed: str) -> _Wrong:
    return _Wrong(_("“%(found)s” is not a date. Enter one such as 2026-12-31.", found=typed[:EXCERPT]))


def _time(typed: str, zone: ZoneInfo) -> datetime:
    """A time by the store's clock: the first of two where the clocks are put back, unless an offset says which."""
    if not _TIME.fullmatch(typed):
        raise _no_date(typed)
    _date(typed[:10])
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise _no_date(typed) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _time_text(moment: datetime, zone: ZoneInfo) -> str:
    """The same, to be read by `_time`."""
    local = moment.astimezone(zone)
    plain = f"{local:%Y-%m-%dT%H:%M}"
    return plain if _time(plain, zone) == moment else local.isoformat(timespec="minutes")


def _begin(typed: str, zone: ZoneInfo) -> datetime:
    return _time(typed, zone) if "T" in typed else midnight(_date(typed), zone)


def _end(typed: str, zone: ZoneInfo) -> datetime:
    """A time ends there, a day when it is over."""
    return _time(typed, zone) if "T" in typed else midnight(_date(typed) + timedelta(days=1), zone)


_PARTS: Final[Mapping[str, tuple[str, Callable[[str, ZoneInfo], Any]]]] = {
    "q": ("search", _text),
    "state": ("state", _state),
    "event": ("kind", _kind),
    "language": ("locale", _language),
    "flow": ("automation_id", _flow),
    "reason": ("reason_code", _reason),
    "from": ("since", _begin),
    "to": ("until", _end),
}
