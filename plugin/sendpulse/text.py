"""Text as SendPulse can take it: plain, and no longer than it allows."""

import re
import unicodedata
from html import unescape
from typing import Final

# "String (up to 255 characters)"; what happens to a longer one is not said, so none is sent. That characters
# are code points, not bytes, is a guess.
# https://sendpulse.com/knowledge-base/email-service/automation360/variable-mapping
LONGEST_TEXT: Final = 255

_TAG: Final = re.compile(r"<!--.*?-->|<[/!?a-zA-Z][^<>]*>", re.DOTALL)
_LINE_ENDS: Final = re.compile(r"[\t-\r\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r" {2,}")
_JOINER: Final = "\u200d"  # zero width joiner: makes one picture of two emoji
_UNSEEN: Final = frozenset({"Cc", "Cs", "Cn"})
_EXTENDING: Final = frozenset({"Mn", "Me", "Mc"})


def plain(text: str) -> str:
    """The text without HTML tags, control characters and runs of blanks; never escaped, cut to SendPulse's length.

    Character references (&amp;) are read only where there are tags: without tags the text is no HTML.
    """
    bare = _without_tags(text)
    if bare != text:
        bare = _without_tags(unescape(bare))
    return cut(_BLANKS.sub(" ", visible(_LINE_ENDS.sub(" ", bare))).strip())


def visible(text: str) -> str:
    """The text without control characters, lone surrogates and code points that are no characters."""
    if text.isprintable():  # of no such category: https://docs.python.org/3/library/stdtypes.html#str.isprintable
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN)


def cut(text: str) -> str:
    """The text cut at the border of what a reader sees as one character, as far as the character tables tell."""
    if len(text) <= LONGEST_TEXT:
        return text
    end = LONGEST_TEXT
    while end and not _is_border(text, end):
        end -= 1
    return text[: end or LONGEST_TEXT].rstrip()


def _without_tags(text: str) -> str:
    """Taken out again and again: <<b>b> hides a tag in a tag."""
    while (shorter := _TAG.sub("", text)) != text:
        text = shorter
    return text


def _is_border(text: str, position: int) -> bool:
    before, after = text[position - 1], text[position]
    if _JOINER in (before, after) or unicodedata.category(after) in _EXTENDING or _is_skin_tone(after):
        return False
    if not _is_flag_half(after):
        return True
    return _flag_halves_before(text, position) % 2 == 0


def _is_skin_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, position: int) -> int:
    start = position
    while start and _is_flag_half(text[start - 1]):
        start -= 1
    return position - start
