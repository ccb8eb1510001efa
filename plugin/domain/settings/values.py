"""Checking one value of a settings file: what is right, what was found, and what would do."""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar
from zoneinfo import available_timezones

from plugin.domain.errors import Misconfigured
from plugin.domain.excerpts import found, kind_of, length_of, nearest
from plugin.domain.locale import named, parse
from plugin.domain.secret import AutomationId, EventUrl, Secret
from plugin.domain.wording import NO_SENTENCE, Sentence, worded

LONGEST_TEXT: Final = 255  #: characters of a name
LONGEST_KEY: Final = 1000
LONGEST_LOCALE: Final = 35  #: characters that a reader of tags has to take, RFC 5646 4.4.1; no real locale has more
LONGEST_ADDRESS: Final = 2048  #: characters of the address of a flow's page

Check = Callable[[Any], Any]
"""Answers the value as we keep it, or raises `Wrong`."""

Word = TypeVar("Word", bound=StrEnum)


class ProductId(StrEnum):
    """How `product_id` leaves."""

    NUMBER = "number"
    TEXT = "text"


class Wrong(Exception):
    """The value cannot be used; `said` is what was found and what would do, without showing a secret."""

    def __init__(self, said: Sentence, *, suggest: Callable[[], Sentence] | None = None) -> None:
        super().__init__(said)
        self.said = said
        self._suggest = suggest

    def suggesting(self) -> Sentence:
        """The same with the word that was probably meant, which takes a while to find; without one where none is near."""
        return (self._suggest() if self._suggest else NO_SENTENCE) or self.said


# ------------------------------------------------------------------ the checks


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(worded("found %(found)s; enter true or false.", found=found(value)))
    return value


def minutes(low: int, high: int) -> Check:
    """A check for a whole number of minutes, between these two."""
    return _whole(
        low,
        high,
        lambda what: worded(
            "found %(found)s; enter a whole number of minutes from %(low)s to %(high)s.", found=what, low=low, high=high
        ),
    )


def hours(low: int, high: int) -> Check:
    """The same for hours."""
    return _whole(
        low,
        high,
        lambda what: worded(
            "found %(found)s; enter a whole number of hours from %(low)s to %(high)s.", found=what, low=low, high=high
        ),
    )


def requests_a_second(low: int, high: int) -> Check:
    """The same for a pace."""
    return _whole(
        low,
        high,
        lambda what: worded(
            "found %(found)s; enter a whole number of requests per second from %(low)s to %(high)s.",
            found=what,
            low=low,
            high=high,
        ),
    )


def _whole(low: int, high: int, wrong: Callable[[Sentence], Sentence]) -> Check:
    """A check for a JSON number without a fraction, with what is said of anything else."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong(wrong(found(value)))
        return value

    return check


def word_of(words: type[Word]) -> Check:
    """A check for one word of a fixed list."""

    def check(value: object) -> Word:
        known = [word.value for word in words]
        if isinstance(value, str) and value in known:
            return words(value)
        what, listed = found(value), ", ".join(known)

        def suggest() -> Sentence:
            if near := nearest(value, known):
                return worded(
                    "found %(found)s; enter one of these: %(words)s. Did you mean %(word)s?",
                    found=what,
                    words=listed,
                    word=near,
                )
            return NO_SENTENCE

        raise Wrong(worded("found %(found)s; enter one of these: %(words)s.", found=what, words=listed), suggest=suggest)

    return check


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong(worded("found %(found)s; enter a text.", found=kind_of(value)))
    tidy = value.strip()
    if len(tidy) > LONGEST_TEXT:
        raise Wrong(worded("found %(found)s; enter at most %(most)s characters.", found=length_of(tidy), most=LONGEST_TEXT))
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in tidy):
        raise Wrong(worded("found a line break, a tab or another invisible character; enter it on one line."))
    return tidy


def country(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{2}", value.strip()):
        raise Wrong(worded("found %(found)s; enter the two letters of a country, such as PL.", found=found(value)))
    return value.strip().upper()


_SEVERAL_WORDS: Final = re.compile(r"[\s,;|]")


def locale(value: object) -> str:
    """A locale in any spelling that a buyer's may have, kept as the merchant wrote it; only one, not a list."""
    written = value if isinstance(value, str) and len(value.strip()) <= LONGEST_LOCALE else ""
    tag = parse(written)
    if tag and not _SEVERAL_WORDS.search(written.strip()):
        return text(written)
    if meant := tag or named(written):
        raise Wrong(
            worded(
                "found %(found)s, which is not a language we know; enter one such as en, pl or pt-BR. Did you mean %(word)s?",
                found=found(value),
                word=meant,
            )
        )
    raise Wrong(
        worded("found %(found)s, which is not a language we know; enter one such as en, pl or pt-BR.", found=found(value))
    )


def event_name(value: object) -> str:
    # One public client limits itself to this; SendPulse does not publish its own rule.
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,80}", value.strip()):
        raise Wrong(
            worded(
                "found %(found)s; enter the event's name as SendPulse shows it: 1 to 80 letters, digits, dots, dashes "
                "or underscores.",
                found=found(value),
            )
        )
    return value.strip()


def event_url(value: object) -> EventUrl:
    """An event URL; blanks around a pasted one do no harm."""
    if not isinstance(value, str):
        raise Wrong(worded("found %(found)s; enter the event URL as a text.", found=kind_of(value)))
    try:
        return EventUrl(value.strip())
    except Misconfigured as error:
        raise Wrong(
            worded(
                "found %(found)s, which is not a SendPulse event URL. In SendPulse's Events Manager, open the event, "
                "then the POST raw tab, and copy the whole address that starts with "
                "https://events.sendpulse.com/events/id/.",
                found=length_of(value),
            )
        ) from error


_FLOW_PAGE: Final = "/flow/id/"
_ADDRESS: Final = re.compile(r"https?://\S*")
_FLOW: Final = re.compile(r"([0-9]{1,16})")
_FLOW_IN_PAGE: Final = re.compile(r"([0-9]{1,16})(?:[/?#]\S*)?")


def automation_id(value: object) -> AutomationId:
    """A flow's number, also out of a text or the address of the flow's page."""
    number = _flow_number(value.strip()) if isinstance(value, str) else value
    try:
        return AutomationId(number)  # type: ignore[arg-type]  # it checks by itself
    except Misconfigured as error:
        raise Wrong(
            worded(
                "found %(found)s. A flow is a positive whole number: the digits after /flow/id/ in the flow page's "
                "address. Enter it as a number, such as 12345.",
                found=found(value),
            )
        ) from error


def _flow_number(text: str) -> int | None:
    """A number alone, or the one behind the last /flow/id/ of an address."""
    if len(text) > LONGEST_ADDRESS:
        return None
    before, page, after = text.rpartition(_FLOW_PAGE)
    if before and not _ADDRESS.fullmatch(before):
        return None
    found = (_FLOW_IN_PAGE if page else _FLOW).fullmatch(after)
    return int(found[1]) if found else None


def client_id(value: object) -> str:
    return secret(value).reveal()


def secret(value: object) -> Secret:
    tidy = value.strip() if isinstance(value, str) else ""
    if what := _no_key(tidy) if isinstance(value, str) else kind_of(value):
        raise Wrong(
            worded(
                "found %(found)s, which is not a SendPulse key; copy it from SendPulse's account settings, API, "
                "without spaces.",
                found=what,
            )
        )
    return Secret(tidy)


def _no_key(tidy: str) -> Sentence:
    """What stands in place of a key, without repeating it."""
    if not tidy:
        return worded("an empty text")
    if set(tidy) <= set("*•●·"):
        return worded("the dots or stars that hide a key")
    if len(tidy) > LONGEST_KEY:
        return length_of(tidy)
    if re.search(r"\s", tidy):
        return worded("a text with a space or a line break in it")
    if "://" in tidy:
        return worded("an address of a page")
    if "@" in tidy:
        return worded("an email address")
    if tidy[0] in "\"'<{[(":
        return worded("a text in quotes or brackets")
    return NO_SENTENCE if re.fullmatch(r"[!-~]+", tidy) else worded("a text with characters that no key has")


_zones = cache(available_timezones)


def timezone(value: object) -> str:
    zones = _zones()
    if isinstance(value, str) and value.strip() in zones:
        return value.strip()
    if near := nearest(value.strip() if isinstance(value, str) else value, zones):
        raise Wrong(
            worded(
                "found %(found)s; enter a time zone of the IANA list, such as Europe/Warsaw. Did you mean %(word)s?",
                found=found(value),
                word=near,
            )
        )
    raise Wrong(worded("found %(found)s; enter a time zone of the IANA list, such as Europe/Warsaw.", found=found(value)))
