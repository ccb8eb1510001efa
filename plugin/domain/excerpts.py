"""Saying what was found in place of a value: a short harmless excerpt, or only what kind of value it is."""

import difflib
import json
import re
from collections.abc import Iterable
from typing import Final

from plugin.domain.wording import Sentence, worded

LONGEST_EXCERPT: Final = 40
LONGEST_WORD: Final = 255  #: characters of a word that another one is looked for


def found(value: object) -> Sentence:
    """What stands there, without a secret: the value itself when it is short and harmless, else its kind."""
    if isinstance(value, str) and value:
        return worded('"%(text)s"', text=value) if is_safe_to_quote(value) else length_of(value)
    if isinstance(value, str):
        return worded("an empty text")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
        return worded("the number %(number)s", number=value)
    return kind_of(value)


def is_safe_to_quote(text: str) -> bool:
    """Whether a text may stand in a message: short, printable, and unlike a key, an address or an event URL."""
    is_plain = len(text) <= LONGEST_EXCERPT and text.isprintable() and "@" not in text
    return is_plain and "events.sendpulse" not in text and not re.search(r"[0-9A-Za-z+/=_]{24}", text)


def length_of(text: str) -> Sentence:
    """All that may be said of a text that could be a secret."""
    return worded("a text of %(count)s characters", count=len(text))


def kind_of(value: object) -> Sentence:
    """The JSON type of a value."""
    if value is None or isinstance(value, bool):
        return worded("the value %(value)s", value=json.dumps(value))
    if isinstance(value, dict):
        return worded("an object")
    if isinstance(value, list):
        return worded("a list")
    return worded("a text") if isinstance(value, str) else worded("a number")


def nearest(word: object, known: Iterable[str]) -> str:
    """The known word that was probably meant; "" when none is near."""
    if not isinstance(word, str):
        return ""
    spelled = {each.lower(): each for each in known}
    close = difflib.get_close_matches(word[:LONGEST_WORD].lower(), spelled, n=1)
    return spelled[close[0]] if close else ""
