"""Reading locales as stores and merchants write them, and finding the offered one a buyer understands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from langcodes import Language, tag_distance, tag_is_valid

from plugin.domain.spellings import beginning, language_called, subtags
from plugin.turns import giving_way

# Up to here CLDR's distance only tells regions of one language apart: pt-PT to pt-BR is 5, while another
# language starts at 8 (uk to ru is 24, and the usual cut-off of 25 would let it pass).
# https://unicode.org/reports/tr35/tr35.html#LanguageMatching
FARTHEST: Final = 5

NO_LANGUAGE: Final = frozenset({"und", "mul", "zxx", "mis", "art"})  #: tags that name no language anybody reads

# langcodes 3.5 lets years (1994) stand for languages and keeps unregistered extended languages (zh-aaa), which it
# then puts where it cannot read them again; registered ones it has replaced by their own code (zh-yue is yue).
_NORMALISED: Final = re.compile(r"([a-z]{2,3})(?!-[a-z]{3}\b)(-.*)?")

# Written Norwegian without more is Bokmål in every store we know of; Nynorsk says so (nn). CLDR maps the other
# pairs (iw/he, in/id, tl/fil, sh/sr-Latn) by itself.
SAME_LANGUAGE: Final = {"no": "nb"}

# One script under two codes: a style of its letters, or Korean without the Chinese characters it can do without.
STYLES: Final = {"Aran": "Arab", "Cyrs": "Cyrl", "Latf": "Latn", "Latg": "Latn", "Hang": "Kore"}

_FIRST_FLAG_LETTER: Final = 0x1F1E6  #: a flag is its country's two letters, counted from this one


class How(StrEnum):
    """How sure a match is."""

    EXACT = "exact"  #: the merchant wrote this locale
    TRUNCATION = "truncation"  #: the merchant wrote its language, or its language and script
    DISTANCE = "distance"  #: the merchant wrote another region of the same language and script


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The offered locale a buyer gets."""

    offered: str  #: exactly as the merchant wrote it
    how: How


def parse(raw: str) -> str | None:
    """The normalised BCP 47 tag of a locale in any spelling; None when it names no known language. Never raises.

    What can be read from the left decides, and a tail that cannot is left out. Two codes of one language come out as
    one: no and nb, iw and he, in and id, tl and fil, sh and sr-Latn.
    """
    return _parse(beginning(raw))


def named(text: str) -> str:
    """The tag of the language that goes by this name in some language, such as Polish or polski; "" when none does."""
    return parse(language_called(beginning(text).strip())) or ""


def flagged(text: str) -> str:
    """The tag of the language most people read in the country whose flag this is; "" for anything else."""
    letters = [ord(letter) - _FIRST_FLAG_LETTER for letter in beginning(text).strip()]
    if len(letters) != 2 or not all(0 <= letter < 26 for letter in letters):
        return ""
    region = "".join(chr(ord("A") + letter) for letter in letters)
    return parse(Language.make(territory=region).maximize().language or "") or ""


@lru_cache(maxsize=4096)
def _parse(raw: str) -> str | None:
    pieces = subtags(raw)
    return _tag(pieces) or _tag(_readable(pieces))


def _readable(pieces: Sequence[str]) -> list[str]:
    """The pieces without those that make the ones before them unreadable."""
    kept: list[str] = []
    for piece in pieces:
        if _tag([*kept, piece]):
            kept.append(piece)
        elif not kept:
            break
    return kept


def _tag(pieces: Sequence[str]) -> str | None:
    """The tag made of these, when the whole of it can be read."""
    try:
        tag = _without_idle_script(Language.get("-".join(pieces)).prefer_macrolanguage())
    except ValueError:
        return None
    parts = _NORMALISED.fullmatch(tag)
    if not parts or parts[1] in NO_LANGUAGE or not tag_is_valid(parts[1]):
        return None
    found = SAME_LANGUAGE.get(parts[1], parts[1]) + (parts[2] or "")
    try:
        _reads(found)
    except ValueError:  # langcodes writes some nonsense, such as AA-AAA-000, in a way it cannot read again
        return None
    return found


def _without_idle_script(language: Language) -> str:
    """The tag without a script that goes without saying; the one of pa-Guru-PK stays, as pa-PK is read in another."""
    shorter = language.simplify_script()
    return (shorter if shorter.maximize().script == language.maximize().script else language).to_tag()


def best(wanted: str, offered: Sequence[str]) -> Match | None:
    """The offered locale a buyer of this one understands best; None when there is none. Never raises.

    The same locale comes first, then its language without the region (RFC 4647 lookup), then the nearest region;
    of two equally near the earlier one. Language and script never change.
    """
    return _best(beginning(wanted), tuple(offered))


@lru_cache(maxsize=4096)
def _best(wanted: str, offered: tuple[str, ...]) -> Match | None:
    tag = parse(wanted)
    if tag is None:
        return None
    written: dict[str, str] = {}
    for text in giving_way(offered):
        written.setdefault(parse(text) or "", text)
    written.pop("", None)
    return _same(tag, written) or _truncated(tag, written) or _nearest(tag, written)


def _same(tag: str, written: dict[str, str]) -> Match | None:
    if tag in written:
        return Match(offered=written[tag], how=How.EXACT)
    found = next((text for other, text in written.items() if _plain(other) == _plain(tag)), None)
    return None if found is None else Match(offered=found, how=How.EXACT)


def _truncated(tag: str, written: dict[str, str]) -> Match | None:
    """RFC 4647 lookup, but zh-TW does not become zh, which is written in another script."""
    fitting = (shorter for shorter in _shorter(tag) if shorter in written and _reads(shorter) == _reads(tag))
    found = next(fitting, None)
    return None if found is None else Match(offered=written[found], how=How.TRUNCATION)


def _nearest(tag: str, written: dict[str, str]) -> Match | None:
    alike = giving_way((other, text) for other, text in written.items() if _reads(other) == _reads(tag))
    near = {text: tag_distance(tag, other) for other, text in alike}
    found = min(near, key=lambda text: near[text], default=None)
    return None if found is None or near[found] > FARTHEST else Match(offered=found, how=How.DISTANCE)


def _shorter(tag: str) -> Iterator[str]:
    """The tag without its last part, and so on; a single letter left at the end goes too (RFC 4647 §3.4)."""
    parts = tag.split("-")[:-1]
    while parts:
        if len(parts[-1]) > 1:
            yield "-".join(parts)
        parts = parts[:-1]


@lru_cache(maxsize=4096)
def _reads(tag: str) -> tuple[str | None, str | None]:
    """The language and the script somebody with this locale reads, the script guessed by CLDR when not written."""
    full = Language.get(tag).maximize()
    return full.language, STYLES.get(full.script or "", full.script)


@lru_cache(maxsize=4096)
def _plain(tag: str) -> str:
    """The tag without a script that goes without saying: zh-Hant-TW is zh-TW, sr-Cyrl is sr."""
    language, *rest = tag.split("-")
    if not rest or len(rest[0]) != 4 or not rest[0].isalpha():
        return tag
    shorter = "-".join([language, *rest[1:]])
    return shorter if _reads(shorter) == _reads(tag) else tag
