"""Whether a body names somebody: in time that is linear in the body, however many names they go by."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import phonenumbers

from plugin.domain.contact import tidy_contact

SHORTEST_AT_HOME: Final = 8  #: digits of a phone number without its country that are looked for
LONGEST_NUMBER: Final = 20  #: digits: nobody's phone number has more
LOOKED_AT_ONCE: Final = 2_000  #: words, in about a millisecond

_ESCAPES = re.compile(r'(?:\\(?:u[0-9a-fA-F]{4}|["/\\bfnrt]))+')
_WORD = re.compile(r"\w+")
_MORE_DIGITS = re.compile(r"[ ().\-/]{1,3}([0-9]{1,20})(?!\w)")

Shape = tuple[int, int]
"""How many characters of a name stand before its longest word, and how many behind."""


@dataclass(frozen=True, slots=True)
class Names:
    """What somebody goes by, arranged so that each word of a text is looked up once."""

    whole: frozenset[str]
    shapes: Mapping[str, frozenset[Shape]]  #: of the names with this longest word
    numbers: frozenset[str]  #: a phone number's digits, with and without its country
    beginnings: frozenset[str]  #: of those

    def found_in(self, body: bytes) -> Iterator[bool]:
        """False now and then while it looks, so that others go on meanwhile; True once a name is found, as a whole word.

        Capitals count as small letters, and a phone number may be written with blanks and signs.
        """
        parts = []
        for number, part in enumerate(_unescaped(body.decode(errors="replace")), start=1):
            parts.append(part)
            if not number % LOOKED_AT_ONCE:
                yield False
        text = "".join(parts).casefold()
        for number, word in enumerate(_WORD.finditer(text), start=1):
            if self._is_named(text, word):
                yield True
                return
            if not number % LOOKED_AT_ONCE:
                yield False

    def _is_named(self, text: str, word: re.Match[str]) -> bool:
        for before, behind in self.shapes.get(word[0], ()):
            start, end = word.start() - before, word.end() + behind
            if start >= 0 and text[start:end] in self.whole and not _is_in_a_word(text, start - 1, end):
                return True
        return word[0] in self.beginnings and self._is_a_number(text, word)

    def _is_a_number(self, text: str, word: re.Match[str]) -> bool:
        digits, end = word[0], word.end()
        while digits in self.beginnings and digits not in self.numbers:
            more = _MORE_DIGITS.match(text, end)
            if more is None:
                return False
            digits, end = digits + more[1], more.end()
        return digits in self.numbers


def arranged(names: Iterable[str]) -> Names | None:
    """These names, ready to be looked for; None when there are none."""
    whole, shapes, numbers = set[str](), dict[str, set[Shape]](), set[str]()
    for name in dict.fromkeys(names):
        if digits := _digits(name):
            numbers.update(digits)
        elif words := list(_WORD.finditer(folded := name.casefold())):
            longest = max(words, key=lambda word: len(word[0]))
            whole.add(folded)
            shapes.setdefault(longest[0], set()).add((longest.start(), len(folded) - longest.end()))
    if not whole and not numbers:
        return None
    beginnings = frozenset(number[:length] for number in numbers for length in range(1, len(number) + 1))
    return Names(frozenset(whole), {word: frozenset(its) for word, its in shapes.items()}, frozenset(numbers), beginnings)


def _digits(name: str) -> tuple[str, ...]:
    """How a phone number with its country may be dialled: from abroad and at home. Nothing of another name."""
    digits = re.sub(r"[^0-9]", "", name[: 4 * LONGEST_NUMBER]) if name.startswith("+") else ""
    if not 0 < len(digits) <= LONGEST_NUMBER:
        return ()
    contact = tidy_contact(emails=[], phones=[name])
    if contact is None or not contact.phone:
        return (digits,)
    at_home = str(phonenumbers.parse(contact.phone).national_number)
    dialled = (at_home, f"0{at_home}") if len(at_home) >= SHORTEST_AT_HOME else ()
    return (digits, f"00{digits}", *dialled)


def _unescaped(text: str) -> Iterator[str]:
    """The pieces of a text without the escapes JSON allows, whether or not it is JSON."""
    at = 0
    for run in _ESCAPES.finditer(text):
        yield text[at : run.start()]
        yield json.loads(f'"{run[0]}"')
        at = run.end()
    yield text[at:]


def _is_in_a_word(text: str, before: int, behind: int) -> bool:
    """Whether a letter or digit touches what stands between these two places."""
    return any(0 <= at < len(text) and (text[at].isalnum() or text[at] == "_") for at in (before, behind))
