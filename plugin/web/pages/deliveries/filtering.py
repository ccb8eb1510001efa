"""Which deliveries are asked for, as it stands in the address of the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from plugin.domain.delivery import State
from plugin.domain.event import EventKind
from plugin.ports import DeliveryFilter
from plugin.web.languages import gettext as _

# None of these is a word a host uses in the addresses it opens.
NAMES: Final = ("q", "state", "event", "language", "flow", "from", "to")
NO_LANGUAGE: Final = "-"  #: the buyer brought none
LONGEST: Final = 200  #: characters
LARGEST: Final = 2**53
EXCERPT: Final = 40  #: characters of what was found, in a message
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to see."""

    values: Mapping[str, str]  #: as it stands in the fields
    errors: Mapping[str, str]
    filter: DeliveryFilter | None  #: None when something is wrong with it

    @property
    def given(self) -> dict[str, str]:
        """What the address of this very list needs."""
        return {name: value for name, value in self.values.items() if value}


class _Wrong(Exception):
    """The value cannot be used; the text stands beside its field."""


def asked(given: Mapping[str, str], shop_id: int, zone: ZoneInfo, *, limit: int) -> Asked:
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
        errors["to"] = _("This day is before the first one. Choose the same day or a later one.")
    filter = None if errors else DeliveryFilter(shop_id=shop_id, limit=limit, **found)
    return Asked(values=values, errors=errors, filter=filter)


def before(filter: DeliveryFilter, given: str) -> DeliveryFilter:
    """The same from where an earlier page ended."""
    return replace(filter, before_id=int(given)) if is_number(given) else filter


def is_number(text: str) -> bool:
    """Whether it can be an id of ours, or a flow's."""
    return text.isascii() and text.isdigit() and len(text) < 17 and 0 < int(text) < LARGEST


def _text(typed: str, _zone: ZoneInfo) -> str:
    if len(typed) > LONGEST:
        raise _Wrong(_("That is too long to be searched for: write at most %(most)s characters.", most=LONGEST))
    if not typed.isprintable():
        raise _Wrong(_("There is something in it that cannot be seen. Type it anew."))
    return typed


def _language(typed: str, zone: ZoneInfo) -> str:
    return "" if typed == NO_LANGUAGE else _text(typed, zone)


def _state(typed: str, _zone: ZoneInfo) -> State:
    if typed not in list(State):
        raise _Wrong(_("“%(found)s” is no state of a delivery. Choose one in the list.", found=typed[:EXCERPT]))
    return State(typed)


def _kind(typed: str, _zone: ZoneInfo) -> EventKind:
    if typed not in list(EventKind):
        raise _Wrong(_("“%(found)s” is no event we know. Choose one in the list.", found=typed[:EXCERPT]))
    return EventKind(typed)


def _flow(typed: str, _zone: ZoneInfo) -> int:
    if not is_number(typed):
        raise _Wrong(_("“%(found)s” is no flow’s number. Choose one in the list.", found=typed[:EXCERPT]))
    return int(typed)


def _date(typed: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise _Wrong(_("“%(found)s” is no date. Write one such as 2026-12-31.", found=typed[:EXCERPT])) from None
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise _Wrong(_("Choose a day between the years %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR))
    return day


def _begin(typed: str, zone: ZoneInfo) -> datetime:
    """When this day begins in the store."""
    return datetime.combine(_date(typed), time.min, tzinfo=zone).astimezone(UTC)


def _end(typed: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(_date(typed) + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


_PARTS: Final[Mapping[str, tuple[str, Callable[[str, ZoneInfo], Any]]]] = {
    "q": ("search", _text),
    "state": ("state", _state),
    "event": ("kind", _kind),
    "language": ("locale", _language),
    "flow": ("automation_id", _flow),
    "from": ("since", _begin),
    "to": ("until", _end),
}
