"""The merchant's own variables: what each is, and what the store's webhook has at its place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from plugin.domain.json_path import NOTHING, JsonPath, TooMuch, first, looks, read_path
from plugin.domain.json_path.trouble import BadPath
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.payload import YEARS, Payload
from plugin.domain.variables import all_names

MOST: Final = 30  #: variables of one shop
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")

# What means something of its own in SendPulse's templates: reference of its variables, "service names".
# https://sendpulse.com/knowledge-base/email-service/additional/variables-their-usage
RESERVED: Final = frozenset(
    {
        *("unsubscribe_url", "webversion", "current_year", "ec_es_email_sender_company", "ec_es_email_sender_address"),
        *("email", "name"),
    }
)

OURS: Final = frozenset(all_names())

MOST_DIGITS: Final = 15  #: of a number, so that it is the same for every reader of JSON, and written without an exponent
SMALLEST: Final = Decimal("0.0001")  #: below it Python writes an exponent

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}[0-9:.,]{0,16}(?:Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)


class OwnType(StrEnum):
    """SendPulse's types but for lists."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


EXAMPLES: Final = {OwnType.NUMBER: "1", OwnType.DATE: "2026-12-24"}  #: of a text its variable's name is one


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnVariable:
    """One variable of a merchant's: a constant, or a place in the store's own webhook."""

    name: str
    type: OwnType
    value: str | int | float | None = None  #: as the merchant wrote it; None when it stands in the webhook
    path: str = ""  #: RFC 9535; "" for a constant
    kinds: tuple[EventKind, ...] = ()  #: only in these events; empty for all

    def is_for(self, kind: EventKind) -> bool:
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnValue:
    """What an event's webhook had for one variable, whatever its type is."""

    name: str
    text: str


def found(variables: Iterable[OwnVariable], body: Payload) -> tuple[OwnValue, ...]:
    """What the body has for each of these; nothing for what is missing, null, an object or a list."""
    sight, values = looks(), []
    # A place that is named from the root costs next to nothing, and is found however much the others look at.
    for variable, path in sorted(_paths(variables), key=lambda pair: not pair[1].is_single):
        try:
            value = first(path, body.fields, sight)
        except TooMuch:
            break
        if text := text_of(value):
            values.append(OwnValue(name=variable.name, text=text))
    return tuple(values)


def _paths(variables: Iterable[OwnVariable]) -> Iterator[tuple[OwnVariable, JsonPath]]:
    for variable in variables:
        with suppress(BadPath):  # one that an earlier version of the app took
            yield variable, read_path(variable.path)


def made_up(variables: Iterable[OwnVariable]) -> tuple[OwnValue, ...]:
    """Something of its type for each of these, to try out what would be sent."""
    return tuple(OwnValue(name=one.name, text=EXAMPLES.get(one.type, one.name)) for one in variables)


def looked_for(variables: Sequence[OwnVariable], kind: EventKind) -> tuple[OwnVariable, ...]:
    """Those that an event of this kind keeps the values of: an abandoned cart is made of a cart's event later."""
    kinds = (kind, EventKind.CART_ABANDONED) if KINDS[kind].starts_timer else (kind,)
    return tuple(one for one in variables if one.path and any(map(one.is_for, kinds)))


def text_of(value: Any) -> str:
    """A JSON value as text, "" for what is none; true and false are read by people, as everywhere in a body."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is NOTHING else Payload({"": value}, "").text("")


def number_of(text: str) -> int | float | None:
    """The number in a text such as 12.50; None when it is none, or cannot be written as a JSON number without an exponent."""
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        return None
    if not _is_plain(number) or "_" in text:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _is_plain(number: Decimal) -> bool:
    is_small = number.is_finite() and number.adjusted() < MOST_DIGITS
    return is_small and (number == 0 or abs(number) >= SMALLEST)


def date_of(text: str, zone: ZoneInfo) -> str:
    """The day in a text, `YYYY-MM-DD`: of a moment with its offset the day in this zone. "" when it is none."""
    tidy = text.strip()
    try:
        if _DATE.fullmatch(tidy):
            return _day(date.fromisoformat(tidy))
        if not _MOMENT.fullmatch(tidy):
            return ""
        moment = datetime.fromisoformat(tidy)
        return _day((moment.astimezone(zone) if moment.tzinfo else moment).date())
    except (ValueError, OverflowError):
        return ""


def _day(day: date) -> str:
    return day.isoformat() if day.year in YEARS else ""
