"""Text as SendPulse can take it: plain, and no longer than it allows."""

import re
import unicodedata
from html import unescape
from typing import Final

# "String (up to 255 characters)"; what happens to a longer one is not said, so none is sent. That characters
# are code points, not bytes, is a guess.
# https://sendpulse.com/knowledge-base/email-service/automation360/variable-mapping
LONGEST_TEXT: Final = 255
LONGEST_READ: Final = 4096  #: characters of a text with its tags that are looked at

_PIECES: Final = re.compile(r"([<>])")
_TAG_BEGINS: Final = re.compile(r"[/!?a-zA-Z]")  # 5 < 6 and I <3 tea are no tags
_OPEN_TAG: Final = re.compile(r"<(?=[/!?a-zA-Z])")
_COMMENT_BEGINS, _COMMENT_ENDS = "<!--", "-->"
_LINE_ENDS: Final = re.compile(r"[\t-\r\x85\u2028\u2029]")
_BLANKS: Final = re.compile(r" {2,}")
_JOINER: Final = "\u200d"  # zero width joiner: makes one picture of two emoji
_QUOTED: Final = {ord(sign): f"%{ord(sign):02X}" for sign in '"<>`'}
_UNSEEN: Final = frozenset({"Cc", "Cs", "Cn"})
_EXTENDING: Final = frozenset({"Mn", "Me", "Mc"})


def plain(text: str) -> str:
    """The text without HTML tags, control characters and runs of blanks; never escaped, cut to SendPulse's length.

    Character references (&amp;) are read only where there are tags: without tags the text is no HTML. A tag that never ends
    would end in the letter around the text, so a blank makes it none: https://html.spec.whatwg.org/#tag-open-state
    """
    read = _on_one_line(text[:LONGEST_READ])
    bare = _without_tags(read)
    if bare != read:
        bare = _without_tags(_on_one_line(unescape(bare)))
    return cut(_BLANKS.sub(" ", _OPEN_TAG.sub("< ", bare)).strip())


def visible(text: str) -> str:
    """The text without control characters, lone surrogates and code points that are no characters."""
    if text.isprintable():  # of no such category: https://docs.python.org/3/library/stdtypes.html#str.isprintable
        return text
    return text.translate({ord(c): None for c in set(text) if unicodedata.category(c) in _UNSEEN})


def unbreakable(address: str) -> str:
    """An address without the signs that none has, RFC 3986 2, and that would end its attribute in a letter."""
    return address.translate(_QUOTED)


def cut(text: str) -> str:
    """The text cut at the border of what a reader sees as one character, as far as the character tables tell."""
    if len(text) <= LONGEST_TEXT:
        return text
    end = LONGEST_TEXT
    while end and not _is_border(text, end):
        end -= 1
    return text[: end or LONGEST_TEXT].rstrip()


def _on_one_line(text: str) -> str:
    """Before tags are looked for: what is not seen could stand between a < and its name."""
    return visible(_LINE_ENDS.sub(" ", text))


def _without_tags(text: str) -> str:
    """In one walk, tags inside of tags too: each piece is kept once, and dropped once at most."""
    if "<" not in text:
        return text
    kept: list[str] = []
    opened: list[int] = []  # where in `kept` a < stands that may begin a tag
    for piece in _PIECES.split(_without_comments(text)):
        if piece == "<":
            opened.append(len(kept))
            kept.append(piece)
        elif piece == ">" and opened and _begins_tag(kept, opened[-1]):
            del kept[opened.pop() :]
        elif piece:
            kept.append(piece)
            if piece == ">":  # no tag reaches over it
                opened.clear()
    return "".join(kept)


def _begins_tag(kept: list[str], place: int) -> bool:
    return place + 1 < len(kept) and _TAG_BEGINS.match(kept[place + 1]) is not None


def _without_comments(text: str) -> str:
    """A comment ends at the first -->, whatever it holds; one that never ends is read as a tag."""
    kept, at = [], 0
    while (begin := text.find(_COMMENT_BEGINS, at)) >= 0:
        end = text.find(_COMMENT_ENDS, begin + len(_COMMENT_BEGINS))
        if end < 0:
            break
        kept.append(text[at:begin])
        at = end + len(_COMMENT_ENDS)
    return "".join((*kept, text[at:]))


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
