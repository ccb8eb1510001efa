"""Hides what belongs to people and accounts in a text that will be shown."""

import re
from typing import Final

LONGEST_ANSWER: Final = 300  #: characters of an answer that are kept
_LOOKED_AT: Final = 4 * LONGEST_ANSWER  #: so that nothing is cut in the middle before it is recognised

_AT: Final = r"(?:@|%40|\\u0040|&#64;|&#x40;)"
# Each looks only where a word begins: from the middle of a long one it would be read once more for every letter.
_EMAIL: Final = re.compile(rf"(?<![^\s\"'<>,;:()@])[^\s\"'<>,;:()@]+{_AT}[^\s\"'<>,;:()@]+", re.IGNORECASE)
_BEARER: Final = re.compile(r"\bBearer\s+\S+", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"\bsp_apikey_\w+|(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_+/=-]{16,}(?:\.[A-Za-z0-9_+/=-]*)*"
)
_PHONE: Final = re.compile(r"(?:\+|\\u002b|%2B)?\(?\d(?:[\s().-]?\d){6,}", re.IGNORECASE)
_ERROR_CODES: Final = frozenset({"2020202020", "3030303030"})  #: SendPulse's own, as long as phone numbers


def masked(text: str) -> str:
    """The first 300 characters, blanks run together, with everything like an address, a phone or a token hidden.

    What cannot be printed is left out: PostgreSQL stores no NUL, and an answer that cannot be stored is an event sent again.
    """
    text = "".join(filter(str.isprintable, " ".join(text[:_LOOKED_AT].split())))
    for pattern in (_EMAIL, _BEARER, _TOKEN):
        text = pattern.sub("…", text)
    return _PHONE.sub(_unless_code, text)[:LONGEST_ANSWER]


def _unless_code(match: re.Match[str]) -> str:
    return match.group() if match.group() in _ERROR_CODES else "…"
