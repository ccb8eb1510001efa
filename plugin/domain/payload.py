"""Reading other people's JSON without trusting it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from plugin.domain.errors import Unreadable
from plugin.domain.wording import printable

LONGEST_TEXT: Final = 4096  #: characters of one value; more is nobody's name or address
MOST_ENTRIES: Final = 250_000  #: commas and opening brackets of a body: a store's has 48 in 1 kB at most, and up to 5 MB
YEARS: Final = range(1900, 3000)  #: others are placeholders, and a change of time zone can leave Python's calendar

Path = str | tuple["Path", str]
"""Written out only where something is missing: hardly anything is, and an order has a thousand objects."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A JSON object and the path it was found at.

    The readers answer "", None or () for what is missing or of another type, because stores
    send `''`, `[]` and `null` where an object stands in their documentation; the `required_`
    ones raise `Unreadable` with the path instead.
    """

    fields: dict[str, Any]
    _path: Path

    @property
    def path(self) -> str:
        """Where it was found, as a merchant's support would write it."""
        if isinstance(self._path, str):
            return self._path
        above, name = self._path
        return f"{Payload({}, above).path}{name}"

    def text(self, name: str) -> str:
        """A text, or a number written as one; "" when there is none. A longer text is cut, a longer number is none."""
        value = self.fields.get(name)
        if value is None:  # asked for far more often than there
            return ""
        if isinstance(value, str):
            return _clean(value)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            text = str(value)
            return text if len(text) <= LONGEST_TEXT else ""
        return ""

    def required_text(self, name: str) -> str:
        return self.text(name) or self._missing(name, "text")

    def truth(self, name: str) -> bool:
        return self.fields.get(name) is True

    def whole(self, name: str) -> int | None:
        """A whole number, also when it is written as text."""
        text = self.text(name)
        return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20 else None

    def decimal(self, name: str) -> Decimal | None:
        """An exact number, also when it is written as text; never NaN or infinite."""
        text = self.text(name)
        try:
            number = Decimal(text or "NaN")
        except InvalidOperation:
            return None
        if "_" in text:  # Python reads 1_000, no store writes it
            return None
        return number if number.is_finite() and abs(number.adjusted()) < 20 else None

    def when(self, name: str) -> datetime | None:
        """A point in time; one without an offset is UTC."""
        try:
            moment = datetime.fromisoformat(self.text(name))
        except ValueError:
            return None
        offset = moment.utcoffset() or timedelta(0)
        if moment.year not in YEARS or offset % timedelta(minutes=1):  # seconds in an offset are lost when it is stored
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def required_when(self, name: str) -> datetime:
        return self.when(name) or self._missing(name, "a date with time")

    def object(self, name: str) -> "Payload":
        """An object; an empty one when something else stands there."""
        value = self.fields.get(name)
        return Payload(value if isinstance(value, dict) else {}, (self._path, f".{name}"))

    def required_object(self, name: str) -> "Payload":
        return self.object(name) if isinstance(self.fields.get(name), dict) else self._missing(name, "an object")

    def objects(self, name: str) -> tuple["Payload", ...]:
        """The objects of a list, in order; anything else in it is passed over."""
        value = self.fields.get(name)
        items = value if isinstance(value, list) else []
        return tuple(Payload(item, (self._path, f".{name}[{i}]")) for i, item in enumerate(items) if isinstance(item, dict))

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts and numbers of a list, as texts."""
        value = self.fields.get(name)
        items = value if isinstance(value, list) else []
        return tuple(text for text in (Payload({"": item}, self._path).text("") for item in items) if text)

    def __bool__(self) -> bool:
        return bool(self.fields)

    def _missing(self, name: str, expected: str) -> Any:
        found = _kind_of(self.fields[name]) if name in self.fields else "nothing"
        raise Unreadable(f"{self.path}.{name}: expected {expected}, found {found}")


def read_json(body: bytes, path: str) -> Payload:
    """The object in these bytes; raises `Unreadable` when there is none, or more in it than a store has to say."""
    if len(body) > MOST_ENTRIES and len(body) - len(body.translate(None, b"[{,")) > MOST_ENTRIES:
        raise Unreadable(f"{path}: the body has more than {MOST_ENTRIES} entries")
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, InvalidOperation, RecursionError) as error:  # InvalidOperation: 1e99999999999999999999
        raise Unreadable(f"{path}: the body is not JSON ({type(error).__name__})") from error
    if not isinstance(value, dict):
        raise Unreadable(f"{path}: expected an object, found {_kind_of(value)}")
    return Payload(value, path)


def _no_constant(word: str) -> None:
    """NaN and Infinity are no JSON; Python's reader would take them."""
    raise ValueError(f"{word} is no JSON")


def _clean(value: str) -> str:
    return printable(value if len(value) <= LONGEST_TEXT else value[:LONGEST_TEXT]).strip()


def _kind_of(value: object) -> str:
    return _KINDS.get(type(value), "a number")


_KINDS: Final = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
