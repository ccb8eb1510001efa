"""What languages are called in the page's language."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError

from plugin.domain.locale import parse
from plugin.web import i18n


def reader(language: str) -> Locale:
    """A language of the pages, as CLDR knows it; English where it does not."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def language_name(text: str) -> str:
    """A locale's name, such as Portuguese (Brazil); what has none stays as it is."""
    return name_in(text, i18n.locale())


@lru_cache(maxsize=4096)
def name_in(text: str, language: str) -> str:
    """A locale's name in this language."""
    try:
        return Locale.parse(parse(text) or text, sep="-").get_display_name(reader(language)) or text
    except (UnknownLocaleError, ValueError):
        return text
