"""What languages are called in the page's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

from plugin.domain.locale import flagged, named, parse
from plugin.web import i18n

#: Languages that shops keep apart by country or script.
APART: Final = (
    "de-AT", "de-CH", "en-AU", "en-CA", "en-GB", "en-US", "es-419", "es-ES", "es-MX", "fr-BE", "fr-CA", "fr-CH", "nl-BE",
    "pt-BR", "pt-PT", "zh-Hans", "zh-Hant",
)  # fmt: skip
#: Languages without a code of two letters that shops are in.
LONGER: Final = ("ast", "ceb", "ckb", "fil", "gsw", "haw", "yue")
LONGEST_NAME: Final = 40  #: characters that are compared with names
NEAR: Final = 0.8  #: how alike a name has to be, from 0 to 1


def reader(language: str) -> Locale:
    """A language of the pages, as CLDR knows it; English where it does not."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def language_name(text: str) -> str:
    """A locale's name, such as Portuguese (Brazil); what has none stays as it is."""
    return i18n.said(name_in(text, i18n.locale()))


@lru_cache(maxsize=4096)
def name_in(text: str, language: str) -> str:
    """A locale's name in this language."""
    try:
        return Locale.parse(parse(text) or text, sep="-").get_display_name(reader(language)) or text
    except (UnknownLocaleError, ValueError):
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One to choose."""

    code: str
    name: str  #: in the page's language
    also: str  #: in English, and as it calls itself


def languages(language: str) -> tuple[Language, ...]:
    """Those to choose from, by name: all with a code of two letters, and some others that stores are in."""
    return _languages(language)


@lru_cache(maxsize=32)
def _languages(language: str) -> tuple[Language, ...]:
    codes = [code for code in map(str, reader(language).languages) if len(code) == 2 and parse(code) == code]
    found = [
        Language(code=code, name=name_in(code, language), also=f"{name_in(code, i18n.ENGLISH)} {name_in(code, code)}")
        for code in dict.fromkeys((*codes, *LONGER, *APART))
    ]
    return tuple(sorted(found, key=lambda each: each.name.casefold()))


def called(text: str) -> str:
    """The language that is meant by its name, in the page's language, in English or in its own; else the text itself."""
    wanted = text.strip()
    return wanted if parse(wanted) else _codes(i18n.locale()).get(wanted.casefold()) or named(wanted) or wanted


@lru_cache(maxsize=32)
def _codes(language: str) -> Mapping[str, str]:
    """Each language by its names; of two with one name, that which has it in this language."""
    codes = [each.code for each in _languages(language)]
    by_own_name = {name_in(code, code).casefold(): code for code in codes}
    by_english_name = {name_in(code, i18n.ENGLISH).casefold(): code for code in codes}
    return by_own_name | by_english_name | {name_in(code, language).casefold(): code for code in codes}


def near(text: str) -> str:
    """The language of which a misspelled name is meant, such as Polish (pl); "" where it can be read, or none is near."""
    tidy = " ".join(text[:LONGEST_NAME].split()).casefold()
    if not tidy or parse(text) or named(text) or flagged(text):
        return ""
    offered = [each for language in (i18n.ENGLISH, i18n.locale()) for each in languages(language)]
    names = {each.name.casefold(): each.code for each in offered}
    found = get_close_matches(tidy, names, n=1, cutoff=NEAR)
    return f"{language_name(names[found[0]])} ({names[found[0]]})" if found else ""
