"""Reasons, remedies, rules and mistakes in words: made in English, told again in the reader's language on a page."""

import re
from typing import Final, NewType

Sentence = NewType("Sentence", str)  #: a text only `worded` makes, so none is made that no language can tell again

NO_SENTENCE: Final = Sentence("")
WHY: Final = "why"  #: the placeholder whose value was itself made by `worded`
FOUND: Final = "found"  #: another one: what stands in the place of something else
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+")
KIND: Final = "kind"  #: the placeholder whose value is an `EventKind`
COUNTRY: Final = "country"  #: the placeholder whose value is a country as `countries.named` writes it


def worded(pattern: str, **values: object) -> Sentence:
    """The English text of a pattern such as "No flow fits %(locale)s.".

    The pattern stands in the call as one literal: `make messages` collects it from there, and a page finds it again.
    What a merchant or a buyer put into a value, a control character say, is no reason not to store it.
    """
    return Sentence(printable(pattern % values))


def printable(text: str) -> str:
    """Without control characters and lone surrogates, which no database and no mail survives; lines stay."""
    return text if text.isprintable() else _UNPRINTABLE.sub("", text)
