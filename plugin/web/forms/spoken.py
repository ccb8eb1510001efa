"""Languages as a merchant knows them: by their name, in the page's language, in English or in their own."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from babel import Locale, localedata

from plugin.domain.locale import parse
from plugin.web import i18n

#: Languages that shops keep apart by country or script.
APART: Final = (
    "de-AT", "de-CH", "en-AU", "en-CA", "en-GB", "en-US", "es-419", "es-ES", "es-MX", "fr-BE", "fr-CA", "fr-CH", "nl-BE",
    "pt-BR", "pt-PT", "zh-Hans", "zh-Hant",
)  # fmt: skip


def languages() -> Sequence[tuple[str, str]]:
    """Each language with its name in the page's language, by that name."""
    return [(code, i18n.said(name)) for code, name in _languages(i18n.cldr().language)]


def language_called(text: str) -> str:
    """The language that is meant by its name; else the text itself."""
    wanted = text.strip()
    return wanted if parse(wanted) else _names(i18n.cldr().language).get(wanted.casefold(), wanted)


@lru_cache(maxsize=16)
def _languages(language: str) -> Sequence[tuple[str, str]]:
    codes = {*APART, *(code for code in localedata.locale_identifiers() if code.isalpha() and code.islower())}
    named = [(code, _name(code, language)) for code in codes]
    return sorted(((code, name) for code, name in named if name != code), key=lambda each: each[1].casefold())


@lru_cache(maxsize=16)
def _names(language: str) -> Mapping[str, str]:
    return {
        name.casefold(): code
        for code, shown in _languages(language)
        for name in (_name(code, code), _name(code, i18n.ENGLISH), shown)
    }


def _name(code: str, language: str) -> str:
    return Locale.parse(code, sep="-").get_display_name(language.replace("-", "_")) or code
