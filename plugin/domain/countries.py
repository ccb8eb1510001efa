"""Countries, and what they are called."""

import re
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError

# CLDR's territories of two letters that nobody lives in or no address names: groups of countries, what tests use,
# and parts that have another code in addresses (https://www.unicode.org/cldr/charts/latest/supplemental/).
_NO_COUNTRIES: Final = frozenset({"CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "UN", "XA", "XB", "ZZ"})
_LONGEST_LANGUAGE: Final = 35  #: characters, RFC 5646 4.4.1
_NAMED: Final = re.compile(r"(.+) \(([A-Z]{2})\)")


@lru_cache(maxsize=32)
def countries(language: str) -> dict[str, str]:
    """Each country's code with its name in this language; English where the language is not known."""
    try:
        names = Locale.parse(language[:_LONGEST_LANGUAGE], sep="-").territories
    except (UnknownLocaleError, ValueError):
        names = Locale("en").territories
    codes = [code for code in names if isinstance(code, str) and re.fullmatch("[A-Z]{2}", code)]
    return {code: str(names[code]) for code in codes if code not in _NO_COUNTRIES}


def named(code: str, language: str = "en") -> str:
    """A country's name with its code behind, such as Poland (PL); what is no code we know stays as it is."""
    name = countries(language).get(code.upper())
    return f"{name} ({code.upper()})" if name else code


def renamed(text: str, language: str) -> str:
    """What `named` made, in another language; anything else stays as it is."""
    match = _NAMED.fullmatch(text)
    return named(match[2], language) if match and named(match[2]) == text else text
