"""The spellings locales come in, turned into the subtags of BCP 47: `sr_RS.UTF-8@latin` is sr, Latn, RS."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from langcodes.data_dicts import ALL_SCRIPTS, TERRITORY_REPLACEMENTS
from language_data.names import load_trie, normalize_name
from language_data.util import data_filename

LONGEST: Final = 64  #: characters; BCP 47 asks readers to take 35, and real locales have fewer than 20

_FIRST_OF_A_LIST: Final = re.compile(r"[^,;:|\x00-\x1f\x7f]*")  # `pl-PL;q=0.9,en` and `pl:en`
_CHARSET: Final = re.compile(r"\.[^@]*")  # `pl_PL.ISO8859-2`, which POSIX writes before the `@`
_KEYWORDS: Final = re.compile(r"@[^@=]*=.*")  # ICU's `ar@numbers=latn`, where latn is about digits
_BETWEEN: Final = re.compile(r"[\W_]+")
_TWO_WORDS: Final = re.compile(r"([^\W_]+)\s+([^\W_]+)")
_ANDROID_REGION: Final = re.compile(r"r[A-Z]{2}")  # `zh-rTW`
_AROUND: Final = " \"'"
_EXTENSIONS: Final = frozenset("tux")  #: the letters after which subtags are no longer about language and script

# Names that CLDR's English list does not have: short forms, other languages' words, and scripts that go by their
# orthography (Tatar IQTElif, Punjabi Shahmukhi) or by the dialect it is used for (Sorani).
_SCRIPT_WORDS: Final = {
    "lat": "Latn", "latinic": "Latn", "latinica": "Latn", "latinka": "Latn", "latinski": "Latn", "lotin": "Latn",
    "latyn": "Latn", "латиница": "Latn", "ijekavianlatin": "Latn", "iqtelif": "Latn", "kurmanji": "Latn", "romaji": "Latn",
    "cyr": "Cyrl", "cir": "Cyrl", "cyrilic": "Cyrl", "cirilic": "Cyrl", "cyrilica": "Cyrl", "cirilica": "Cyrl",
    "ćirilica": "Cyrl", "ћирилица": "Cyrl", "кирилица": "Cyrl", "кириллица": "Cyrl",
    "кирилл": "Cyrl", "kiril": "Cyrl", "kirill": "Cyrl",
    "sorani": "Arab", "shahmukhi": "Arab",
}  # fmt: skip

# What a tail means in one language only. Windows writes zh-CHS and zh-CHT, Hong Kong zh-SC and zh-TC, MediaWiki sr-ec
# and sr-el, Facebook es_LA; elsewhere "traditional" is an order of sorting, and SC, TC, EC and LA are countries.
_CHINESE: Final = {
    "chs": "Hans", "sc": "Hans", "simp": "Hans", "simplified": "Hans", "简体": "Hans", "簡體": "Hans",
    "cht": "Hant", "tc": "Hant", "trad": "Hant", "traditional": "Hant", "繁体": "Hant", "繁體": "Hant",
}  # fmt: skip
_IN_ONE_LANGUAGE: Final[Mapping[str, Mapping[str, str]]] = {
    **dict.fromkeys(("zh", "zho", "chi", "cmn", "yue", "nan", "hak", "wuu", "gan", "hsn", "lzh"), _CHINESE),
    "sr": {"ec": "Cyrl", "el": "Latn"},
    "es": {"la": "419", "latam": "419", "xl": "419"},
}

# Regions of three letters (zh-TWN), without those whose meaning everybody chooses for themselves (ISO 3166-1 5.2).
_REGIONS: Final = {
    three: two
    for three, two in TERRITORY_REPLACEMENTS.items()
    if len(three) == 3 and three.isalpha() and not re.fullmatch("AA|Q[M-Z]|X.|ZZ", two)
}

# What Facebook calls languages for which ISO 639 has three letters only; without the country these name none, or another.
_FACEBOOK: Final = {
    "bp_in": "bho", "cb_iq": "ckb", "ck_us": "chr", "cx_ph": "ceb", "gx_gr": "grc", "ns_za": "nso", "qk_dz": "kab",
    "qz_mm": "my", "sz_pl": "szl", "tl_st": "tlh", "tz_ma": "tzm", "zz_tr": "zza",
}  # fmt: skip

_NYNORSK: Final = frozenset({"ny", "nyn", "nynorsk"})  #: Java's no_NO_NY


def beginning(raw: str) -> str:
    """As much of a text as is read: one character more than the longest locale shows that it goes on."""
    return raw.lstrip()[: LONGEST + 1]


def subtags(raw: str) -> list[str]:
    """The language, then its script, then the rest, of which some may mean nothing; [] for a sentence.

    `raw` is the `beginning` of a text; of a list the first locale is read.
    """
    text = _visible(raw).strip(_AROUND)
    item = _first_of(text)
    if _goes_on_like_a_sentence(item):
        return []
    written = _KEYWORDS.sub("", _CHARSET.sub("", item.removeprefix("b+")))
    first, *rest = _BETWEEN.split(written)
    if len(raw) > LONGEST and text.removeprefix("b+") == written:
        rest = rest[:-1]  # it may go on where we stopped reading
    return _in_order(first.lower(), [piece for piece in rest if piece])


def _visible(raw: str) -> str:
    """The text without marks nobody sees, such as that of writing from right to left, in letters of usual width."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", raw) if unicodedata.category(letter) != "Cf")


def _first_of(text: str) -> str:
    found = _FIRST_OF_A_LIST.match(text)
    return found[0].strip(_AROUND) if found else ""


def _goes_on_like_a_sentence(item: str) -> bool:
    """Whether a bare word and another word begin it: "the buyer speaks Polish" is not in Chitwania Tharu (the)."""
    words = _TWO_WORDS.match(item)
    if not words:
        return False
    is_region = len(words[2]) == 2 and words[2].isupper()
    return not is_region and _subtag(words[1].lower(), words[2]) not in ALL_SCRIPTS


def _in_order(first: str, rest: Sequence[str]) -> list[str]:
    end = next((place for place, piece in enumerate(rest) if piece.lower() in _EXTENSIONS), len(rest))
    if not 2 <= len(first) <= 3:
        return [first, *rest]
    language = _language(first, rest[:end])
    read = [subtag for piece in rest[:end] if (subtag := _subtag(language, piece))]
    scripts = [subtag for subtag in read if subtag in ALL_SCRIPTS]
    others = [subtag for subtag in read if subtag not in ALL_SCRIPTS]
    extended = next((place for place, subtag in enumerate(others) if not _is_extended(subtag)), len(others))
    extensions = ["-".join(rest[end:])] if rest[end:] else []
    return [language, *others[:extended], *scripts, *others[extended:], *extensions]


def _language(first: str, rest: Sequence[str]) -> str:
    if first in ("no", "nor") and any(piece.lower() in _NYNORSK for piece in rest):
        return "nn"
    return _FACEBOOK.get(f"{first}_{rest[0].lower()}", first) if rest else first


def _is_extended(subtag: str) -> bool:
    """Whether it has the shape of an extended language, such as yue in zh-yue."""
    return len(subtag) == 3 and subtag.isalpha()


def _subtag(language: str, piece: str) -> str:
    """The piece as BCP 47 spells it; "" when it says nothing."""
    word = piece.lower()
    if known := _IN_ONE_LANGUAGE.get(language, {}).get(word) or _SCRIPT_WORDS.get(word) or _script_names().get(word):
        return known
    if _ANDROID_REGION.fullmatch(piece):
        return piece[1:]
    if len(piece) == 4 and piece.isalpha():
        return piece.title() if _is_script(piece.title()) else ""
    return _REGIONS.get(word, word)


def _is_script(code: str) -> bool:
    """Whether it is the code of a script; those with a Z stand for none in particular."""
    return code in ALL_SCRIPTS and not code.startswith("Z")


@cache
def _script_names() -> Mapping[str, str]:
    """Scripts by their English names, as CLDR has them: one word of four letters or more."""
    names = load_trie(data_filename("trie/en/name_to_script.marisa"))
    codes = {name: code.decode() for name, code in names.items() if len(name) > 3 and name.isalnum()}
    return {name: code for name, code in codes.items() if _is_script(code) and code not in ("Hans", "Hant")}


def language_called(name: str) -> str:
    """The code of the language with just this name in some language; "" when there is none."""
    if name.isascii() and len(name) <= 3:
        return ""  # a wrong code more likely than the languages E and Ik
    # marisa-trie takes a NUL for the end of a name, and then fails with a SystemError; half of a character it cannot encode.
    if not name.isprintable():
        return ""
    found = _language_names().get(normalize_name(name))
    return found[0].decode() if found else ""


@cache
def _language_names() -> Any:
    """Names in every language CLDR has, each with a list of one code."""
    return load_trie(data_filename("trie/und/name_to_language.marisa"))
