"""Checking one value of a settings file: what is right, what was found, and what would do."""

import difflib
import re
import string
import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from plugin.domain.errors import Misconfigured
from plugin.domain.locale import parse
from plugin.domain.secret import AutomationId, EventUrl, Secret

LONGEST_TEXT: Final = 255  #: characters of a name
LONGEST_LINK: Final = 2048
LONGEST_EXCERPT: Final = 40
LONGEST_KEY: Final = 1000
PLACEHOLDERS: Final = ("locale", "slug", "channel", "variant")

Check = Callable[[Any], Any]
"""Answers the value as we keep it, or raises `Wrong`."""

Word = TypeVar("Word", bound=StrEnum)


class ProductId(StrEnum):
    """How `product_id` leaves."""

    NUMBER = "number"
    TEXT = "text"


class Wrong(Exception):
    """The value cannot be used; the text says what was found and what would do, without showing a secret."""


# ------------------------------------------------------------------ saying what was found


def found(value: object) -> str:
    """What stands there: a short harmless excerpt, or only its type."""
    if isinstance(value, str):
        return f'"{value}"' if is_harmless(value) else f"a text of {len(value)} characters"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"the number {value}" if isinstance(value, int) and abs(value) < 10**20 else kind_of(value)


def is_harmless(text: str) -> bool:
    """Whether a text may stand in a message: short, printable, and unlike a key, an address or an event URL."""
    is_plain = len(text) <= LONGEST_EXCERPT and text.isprintable() and "@" not in text
    return is_plain and "events.sendpulse" not in text and not re.search(r"[0-9A-Za-z+/=_]{24}", text)


def kind_of(value: object) -> str:
    """The JSON type of a value, with its article."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def meant(word: str, known: Iterable[str]) -> str:
    """A question for the nearest known word; "" when none is near."""
    spelled = {each.lower(): each for each in known}
    close = difflib.get_close_matches(word[:LONGEST_TEXT].lower(), spelled, n=1)
    return f" Did you mean {spelled[close[0]]}?" if close else ""


# ------------------------------------------------------------------ the checks


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"found {found(value)}; write true or false.")
    return value


def whole(low: int, high: int, unit: str) -> Check:
    """A check for a JSON number without a fraction, between these two."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong(f"found {found(value)}; write a whole number of {unit} from {low} to {high}.")
        return value

    return check


def word_of(words: type[Word]) -> Check:
    """A check for one word of a fixed list."""

    def check(value: object) -> Word:
        known = [word.value for word in words]
        if isinstance(value, str) and value in known:
            return words(value)
        hint = meant(value, known) if isinstance(value, str) else ""
        raise Wrong(f"found {found(value)}; write {', '.join(known[:-1])} or {known[-1]}.{hint}")

    return check


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong(f"found {kind_of(value)}; write a text.")
    tidy = value.strip()
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in tidy):
        raise Wrong("found a line break, a tab or another sign that cannot be seen; write it on one line.")
    if len(tidy) > LONGEST_TEXT:
        raise Wrong(f"found a text of {len(tidy)} characters; write at most {LONGEST_TEXT}.")
    return tidy


def country(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{2}", value.strip()):
        raise Wrong(f"found {found(value)}; write the two letters of a country, such as PL.")
    return value.strip().upper()


def locale(value: object) -> str:
    """A locale, kept as the merchant wrote it."""
    if not isinstance(value, str) or not parse(value):
        raise Wrong(f"found {found(value)}, which is no locale we know; write one such as en, pl or pt-BR.")
    return value.strip()


def event_name(value: object) -> str:
    # One public client limits itself to this; SendPulse does not publish its own rule.
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,80}", value.strip()):
        hint = "write the event's name as SendPulse shows it: 1 to 80 letters, digits, dots, dashes or underscores."
        raise Wrong(f"found {found(value)}; {hint}")
    return value.strip()


def event_url(value: object) -> EventUrl:
    """An event URL; blanks around a pasted one do no harm."""
    if not isinstance(value, str):
        raise Wrong(f"found {kind_of(value)}; write the event URL as a text.")
    try:
        return EventUrl(value.strip())
    except Misconfigured as error:
        raise Wrong(f"found a text of {len(value)} characters. {error}") from error


_FLOW_LINK: Final = re.compile(r"(?:https?://\S*)?/flow/id/([0-9]{1,16})(?:[/?#]\S*)?")


def automation_id(value: object) -> AutomationId:
    """A flow's number, also out of a text or the address of the flow's page."""
    number = value
    if isinstance(value, str):
        link = _FLOW_LINK.fullmatch(value.strip())
        digits = link.group(1) if link else value.strip()
        number = int(digits) if re.fullmatch(r"[0-9]{1,16}", digits) else None
    try:
        return AutomationId(number)  # type: ignore[arg-type]  # it checks by itself
    except Misconfigured as error:
        raise Wrong(f"found {found(value)}. {error} Write it as a number, such as 12345.") from error


def client_id(value: object) -> str:
    return secret(value).reveal()


def secret(value: object) -> Secret:
    if not isinstance(value, str):
        raise Wrong(f"found {kind_of(value)} that is no key of SendPulse; {_KEYS}")
    tidy = value.strip()
    if problem := _no_key(tidy):
        raise Wrong(f"{problem}, which is no key of SendPulse; {_KEYS}")
    return Secret(tidy)


_KEYS: Final = "copy it from SendPulse's account settings, API, as a text without blanks."


def _no_key(tidy: str) -> str:
    """What stands in place of a key, without repeating it."""
    if not tidy:
        return "found an empty text"
    if set(tidy) <= set("*•●·"):
        return "found the dots or stars that stand in place of a hidden key"
    if len(tidy) > LONGEST_KEY:
        return f"found a text of {len(tidy)} characters"
    if re.search(r"\s", tidy):
        return "found a text with a blank or a line break in it"
    if "://" in tidy:
        return "found an address of a page"
    if "@" in tidy:
        return "found an e-mail address"
    if tidy[0] in "\"'<{[(":
        return "found a text in quotes or brackets"
    return "" if re.fullmatch(r"[!-~]+", tidy) else "found a text with letters or signs that no key has"


_zones = cache(available_timezones)


def timezone(value: object) -> str:
    zones = _zones()
    if not isinstance(value, str) or value.strip() not in zones:
        hint = meant(value.strip(), zones) if isinstance(value, str) else ""
        raise Wrong(f"found {found(value)}; write a time zone of the IANA list, such as Europe/Warsaw.{hint}")
    return value.strip()


def link(value: object) -> str:
    """An absolute address, without a slash at its end."""
    return _absolute(value, "https://demo.example").rstrip("/")


def product_link(value: object) -> str:
    """A template of absolute addresses."""
    tidy = _absolute(value, "https://demo.example/{locale}/products/{slug}")
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(string.Formatter().parse(tidy))
    except ValueError as error:
        raise Wrong(f"a brace is left open or closed twice; what can stand in braces is {known}.") from error
    for _, name, form, conversion in parts:
        if name is not None and name not in PLACEHOLDERS:
            raise Wrong(f"found {found(name)} in braces; what can stand there is {known}.{meant(name, PLACEHOLDERS)}")
        if form or conversion:
            raise Wrong(f"found more in braces than a word; nothing but the word can stand there: {{{name}}}.")
    return tidy


def _absolute(value: object, example: str) -> str:
    if not isinstance(value, str):
        raise Wrong(f"found {found(value)}; write a whole address, such as {example}.")
    if problem := _no_address(value.strip()):
        raise Wrong(f"found {found(value)}: {problem}; write a whole address, such as {example}.")
    return value.strip()


def _no_address(address: str) -> str:
    """What keeps this from being a whole address; "" when nothing does."""
    if len(address) > LONGEST_LINK:
        return f"an address has at most {LONGEST_LINK} characters"
    if not address.isprintable() or re.search(r"\s", address):
        return "there is a blank or an unseen sign in it"
    scheme = re.match(r"([a-z][a-z0-9+.-]*):(?![0-9])", address, re.IGNORECASE)
    if not scheme:
        return "at its beginning https:// is missing"
    if scheme[1].lower() not in ("http", "https"):
        return f"it begins {scheme[1][:LONGEST_EXCERPT]}:, where https:// belongs"
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return "what stands after the colon is no port"
    if "@" in parts.netloc:
        return "a name and a password do not belong in it"
    if not parts.hostname:
        return "the name of the site is missing"
    return "" if has_port else "what stands after the colon is no port"
