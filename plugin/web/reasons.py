"""Reasons and mistakes in the visitor's language: made in English, translated by the pattern each was made from.

What `domain.wording.worded` is called with has a catalogue of its own, `reasons.po`, so that its texts can be gone through.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Self

from markupsafe import Markup, escape

from plugin.domain.countries import renamed
from plugin.domain.kinds import EventKind
from plugin.domain.wording import COUNTRY, FOUND, KIND, WHY
from plugin.web import i18n
from plugin.web.event_texts import title

CATALOGUE: Final = "reasons"
MAX_LENGTH: Final = 2_000  #: characters: no reason of ours is longer
MAX_DEPTH: Final = 3  #: a reason may hold another one, that one what was found, and that none
CACHE_SIZE: Final = 4_096  #: texts: pages and tables say the same few again and again

_VALUE: Final = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A reason without its values."""

    literals: tuple[str, ...]  #: what stands before, between and behind the values
    names: tuple[str, ...]
    translation: str

    @classmethod
    def of(cls, english: str, translation: str) -> Self:
        pieces = _VALUE.split(english)
        return cls(tuple(pieces[::2]), tuple(pieces[1::2]), translation)

    @property
    def size(self) -> int:
        """Characters that must be the same: the more, the surer."""
        return sum(map(len, self.literals))

    def values(self, text: str) -> dict[str, str] | None:
        """What stands in the places of the values; None when the text was not made from this pattern.

        No regular expression: the text holds what buyers wrote, and this looks at each character once. What was found
        may hold anything, and nothing but words of ours follows it, so it reaches as far as it can; the rest does not.
        """
        first, *others = self.literals
        if not others:
            return {} if text == first else None
        if not text.startswith(first) or not text.endswith(others[-1]):
            return None
        found: dict[str, str] = {}
        at = len(first)
        for name, literal in zip(self.names, others, strict=True):
            is_last = len(found) == len(self.names) - 1
            look = text.rfind if name == FOUND else text.find
            end = len(text) - len(literal) if is_last else look(literal, at + 1)
            if end <= at:
                return None
            found[name], at = text[at:end], end + len(literal)
        return found


def translated(text: str) -> str:
    """A stored reason in the language of this request, kinds of events by their titles; as stored when it is none of ours."""
    if not text or len(text) > MAX_LENGTH:
        return text
    return _cached_translation(text, i18n.locale())


def translated_markup(text: str) -> Markup:
    """The same for a page, which says so where it had to stay English."""
    translation = translated(text or "")
    is_kept = translation and translation == text and i18n.locale() != i18n.ENGLISH
    return Markup('<span lang="en" translate="no">{}</span>').format(translation) if is_kept else escape(translation)


@lru_cache(maxsize=CACHE_SIZE)
def _cached_translation(text: str, language: str) -> str:
    return _translation(text, language, MAX_DEPTH) or text


def _translation(text: str, language: str, depth: int) -> str | None:
    """The text by the first pattern that fits it whole."""
    if not depth:
        return None
    for pattern in _patterns(language):
        found = pattern.values(text)
        values = None if found is None else _values(found, language, depth)
        if values is not None:
            return pattern.translation % values
    return None


def _values(found: Mapping[str, str], language: str, depth: int) -> dict[str, str] | None:
    """The values in this language; None when one is not what its name promises."""
    translations: dict[str, str] = {}
    for name, value in found.items():
        translation = _VALUE_TRANSLATORS[name](value, language, depth) if name in _VALUE_TRANSLATORS else value
        if translation is None:
            return None
        translations[name] = translation
    return translations


def _kind(value: str, _language: str, _depth: int) -> str | None:
    return title(EventKind(value)) if value in list(EventKind) else None


def _country(value: str, language: str, _depth: int) -> str:
    return renamed(value, language)


def _sentence(value: str, language: str, depth: int) -> str | None:
    return _translation(value, language, depth - 1)


_SENTENCES: Final = frozenset({WHY, FOUND})
_VALUE_TRANSLATORS: Final = {KIND: _kind, COUNTRY: _country} | dict.fromkeys(_SENTENCES, _sentence)


@cache
def _patterns(language: str) -> tuple[Pattern, ...]:
    """Every pattern, the surest first: what holds another reason asks for that one too, the rest for its characters."""
    known = [Pattern.of(english, translation) for english, translation in i18n.translations(CATALOGUE, language)]
    complete = (pattern for pattern in known if pattern.translation)
    return tuple(sorted(complete, key=lambda pattern: (_SENTENCES.isdisjoint(pattern.names), -pattern.size)))
