"""A buyer gets the flow of the own language, in the own script, or none."""

from collections.abc import Sequence

import pytest
from babel.core import get_global, parse_locale
from babel.localedata import locale_identifiers
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.locale import How, Match, best, named, parse
from plugin.domain.spellings import LONGEST

NORMALISED = {
    "PT_BR": "pt-BR", "fr-Fr": "fr-FR", "EN_US": "en-US", "ZH_HANS_CN": "zh-Hans-CN", "zh_Hant_HK": "zh-Hant-HK",
    " pl ": "pl", "iw": "he", "iw-IL": "he-IL", "in": "id", "in_ID": "id-ID", "no": "nb", "NO_no": "nb-NO", "nb": "nb",
    "nn": "nn", "nor": "nb", "tl": "fil", "tl_PH": "fil-PH", "fil": "fil", "sh": "sr-Latn", "sr_Latn_RS": "sr-Latn-RS",
    "sr-YU": "sr-RS", "mo": "ro", "ji": "yi", "deu": "de", "cmn-Hans": "zh-Hans", "ES_419": "es-419", "en-Latn-US": "en-US",
    "de-1996": "de-1996", "de_DE_formal": "de-DE-formal", "DE-de-U-CO-phonebk": "de-DE-u-co-phonebk", "en-ZX": "en-ZX",
}  # fmt: skip

MEANINGLESS = {
    "empty": "", "blank": "  ", "undetermined": "und", "undetermined somewhere": "und-US", "root": "root", "many": "mul",
    "no linguistic content": "zxx", "private": "x-klingon", "unknown language": "xx", "word": "english", "one letter": "C",
    "not ASCII": "ру", "dotted I": "İ", "NUL": "e\x00n", "surrogate": "\ud800", "number": "123", "year": "1994",
    "null": "null", "sentence": "the buyer speaks Polish", "extended language out of place": "1994-AAA-000",
    "POSIX": "POSIX", "POSIX with a charset": "C.UTF-8", "region alone": "_PL", "separators": "-_-", "flag": "🇵🇱",
    "emoji": "art_xemoji", "leetspeak": "fb_LT", "no country of Facebook's": "zz",
    "longest word": "a" * 10_000, "wide blank": "\u3000", "mark": "\u200f",
    "two words": "no way", "a weight": ";q=0.9", "Windows' name": "Polish_Poland.1250", "letters glued to it": "plé",
}  # fmt: skip

# What made the whole unreadable once is left out now.
READ_FROM_THE_LEFT = {
    "two dashes": ("en--US", "en-US"), "dash at the end": ("pt_BR_", "pt-BR"), "two scripts": ("zh-Hans-Hant", "zh-Hans"),
    "POSIX": ("en_US.UTF-8", "en-US"), "list": ("pl,en;q=0.8", "pl"), "dangling singleton": ("en-a", "en"),
    "unknown extended language": ("zh-aaa", "zh"), "long": ("en-" + "a" * LONGEST, "en"), "NUL": ("pl_PL\x00", "pl-PL"),
    "ten thousand letters": ("pl_PL_" + "x" * 10_000, "pl-PL"), "cut in a region": ("pl" + "-" * 61 + "USSR", "pl"),
    "a long charset": ("zh_TW." + "x" * 99, "zh-TW"), "a long list": ("zh_TW," * 99, "zh-TW"),
    "right to left": ("\u200fhe_IL\u200f", "he-IL"), "full width": ("ｐｌ－ＰＬ", "pl-PL"), "quotes": ('"pl"', "pl"),
    "no script in particular": ("pl-Zzzz-PL", "pl-PL"), "other language's extension": ("pl-yue", "pl"), "flag": ("pl🇵🇱", "pl"),
    "no script": ("de-Euro-AT", "de-AT"), "private": ("pl_PL_x_zażółć", "pl-PL"), "other letters": ("zh_TW（台灣）", "zh-TW"),
    "region after a blank": ("pl PL", "pl-PL"), "words after a region": ("zh_CN for yue", "zh-CN"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "tag"), READ_FROM_THE_LEFT.values(), ids=READ_FROM_THE_LEFT)
def test_a_tail_that_cannot_be_read_does_not_cost_the_language(raw: str, tag: str) -> None:
    assert parse(raw) == tag


@pytest.mark.parametrize(("raw", "tag"), NORMALISED.items(), ids=NORMALISED)
def test_every_spelling_becomes_one_tag(raw: str, tag: str) -> None:
    assert parse(raw) == tag


@pytest.mark.parametrize("raw", MEANINGLESS.values(), ids=MEANINGLESS)
def test_what_names_no_language_is_no_locale(raw: str) -> None:
    assert parse(raw) is None
    assert best(raw, ["en", raw]) is None


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Polish", "pl"), (" polski ", "pl"), ("DEUTSCH", "de"), ("українська", "uk"), ("中文", "zh"), ("Flemish", "nl-BE"),
        ("event", ""), ("e", ""), ("klingonish", ""), ("pl", ""), ("", ""), ("\ud800", ""), ("Polish" * 99, ""),
        ("\x00" * 80, ""),
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_whole_name(name: str, tag: str) -> None:
    assert named(name) == tag


# wanted, offered (blanks between), the one found ("" for none), how
EXACT, TRUNCATION, DISTANCE = How.EXACT, How.TRUNCATION, How.DISTANCE
PAIRS: tuple[tuple[str, str, str, How | None], ...] = (
    # the merchant's own entry, in whatever spelling
    ("pl", "en pl", "pl", EXACT),
    ("fr-Fr", "fr-FR", "fr-FR", EXACT),
    ("fr-FR", "FR_fr fr", "FR_fr", EXACT),
    ("EN_US", "en en-US", "en-US", EXACT),
    ("pt-BR", "pt pt-BR pt-PT", "pt-BR", EXACT),
    ("PT_BR", "pt_br", "pt_br", EXACT),
    ("zh_Hant_HK", "zh-Hant zh-Hant-HK", "zh-Hant-HK", EXACT),
    ("ZH_HANS_CN", "zh-CN zh", "zh-CN", EXACT),
    ("zh-Hant-TW", "zh-Hant zh-TW", "zh-TW", EXACT),
    ("sr-Cyrl", "sr", "sr", EXACT),
    ("es-419", "es es-419", "es-419", EXACT),
    # two codes of one language
    ("iw", "en he", "he", EXACT),
    ("he", "iw", "iw", EXACT),
    ("iw-IL", "he", "he", TRUNCATION),
    ("in", "id", "id", EXACT),
    ("id-ID", "in", "in", TRUNCATION),
    ("tl", "fil", "fil", EXACT),
    ("fil-PH", "tl", "tl", TRUNCATION),
    ("no", "nb", "nb", EXACT),
    ("nb", "no", "no", EXACT),
    ("nb-NO", "no", "no", TRUNCATION),
    ("NO", "nb-NO", "nb-NO", DISTANCE),
    ("sh", "sr-Latn", "sr-Latn", EXACT),
    ("sr-Latn-RS", "sh", "sh", TRUNCATION),
    ("mo", "ro", "ro", EXACT),
    ("cmn", "zh", "zh", EXACT),
    # the language without its region
    ("pl-PL", "en pl", "pl", TRUNCATION),
    ("pt-BR", "pt", "pt", TRUNCATION),
    ("pt-BR", "pt-PT pt", "pt", TRUNCATION),
    ("uk-UA", "ru uk", "uk", TRUNCATION),
    ("en-AU", "en-GB en", "en", TRUNCATION),
    ("en-GB-oed", "en", "en", TRUNCATION),
    ("de-DE-1996", "de", "de", TRUNCATION),
    ("de-DE-u-co-phonebk", "de-DE de", "de-DE", TRUNCATION),
    ("de-x-formal", "de", "de", TRUNCATION),
    ("zh-Hant-CN", "zh zh-Hant", "zh-Hant", TRUNCATION),
    ("zh-CN", "zh", "zh", TRUNCATION),
    ("zh-Hans-SG", "zh", "zh", TRUNCATION),
    ("sr-Cyrl-RS", "sr", "sr", TRUNCATION),
    ("sr-Latn-ME", "sr sr-Latn", "sr-Latn", TRUNCATION),
    ("en-ZX", "en", "en", TRUNCATION),
    # another region of the same language
    ("pt-PT", "pt-BR", "pt-BR", DISTANCE),
    ("pt-BR", "pt-PT", "pt-PT", DISTANCE),
    ("pt", "pt-PT pt-BR", "pt-BR", DISTANCE),
    ("pt", "pt-PT", "pt-PT", DISTANCE),
    ("pt-AO", "pt-BR pt-PT", "pt-PT", DISTANCE),
    ("en-AU", "en-US en-GB", "en-GB", DISTANCE),
    ("en-IN", "en-US en-GB", "en-GB", DISTANCE),
    ("en", "en-GB en-US", "en-US", DISTANCE),
    ("en-GB", "en-US", "en-US", DISTANCE),
    ("es-MX", "es-ES es-419", "es-419", DISTANCE),
    ("es-AR", "es-ES es-MX", "es-MX", DISTANCE),
    ("es-ES", "es-MX", "es-MX", DISTANCE),
    ("de-CH", "de-AT de-DE", "de-AT", DISTANCE),
    ("fr-CA", "fr-FR", "fr-FR", DISTANCE),
    ("ar-MA", "ar-SA", "ar-SA", DISTANCE),
    ("zh-HK", "zh-TW", "zh-TW", DISTANCE),
    ("zh-HK", "zh-CN zh-TW", "zh-TW", DISTANCE),
    ("zh-MO", "zh-TW zh-HK", "zh-HK", DISTANCE),
    ("zh-TW", "zh zh-Hant", "zh-Hant", DISTANCE),
    ("zh-Hant", "zh-HK", "zh-HK", DISTANCE),
    ("zh-SG", "zh-Hans", "zh-Hans", DISTANCE),
    ("sr-ME", "sr sr-Latn", "sr-Latn", DISTANCE),
    ("nb-NO", "no-SJ", "no-SJ", DISTANCE),
    ("AA_000", "AA-AAA-000", "AA-AAA-000", EXACT),
    # never another language, however near
    ("uk", "ru", "", None),
    ("uk-UA", "ru-RU ru en", "", None),
    ("ru", "uk", "", None),
    ("ru-UA", "uk-UA", "", None),
    ("be", "ru", "", None),
    ("be-BY", "ru uk", "", None),
    ("sk", "cs", "", None),
    ("sk-SK", "cs-CZ", "", None),
    ("cs", "sk", "", None),
    ("ca", "es", "", None),
    ("ca-ES", "es-ES es", "", None),
    ("gl", "es pt", "", None),
    ("eu", "es", "", None),
    ("nn", "nb", "", None),
    ("nn-NO", "no nb-NO", "", None),
    ("no", "nn", "", None),
    ("da", "nb no", "", None),
    ("bs", "hr sr-Latn", "", None),
    ("sr-Latn", "hr bs", "", None),
    ("sh", "hr", "", None),
    ("id", "ms", "", None),
    ("gsw", "de", "", None),
    ("lb", "de fr", "", None),
    ("af", "nl", "", None),
    ("kk", "ru", "", None),
    ("mk", "bg", "", None),
    ("bg", "ru mk", "", None),
    ("yue", "zh-Hant zh", "", None),
    ("ga", "en", "", None),
    ("fi", "sv", "", None),
    ("pl", "en", "", None),
    # never another script
    ("zh-TW", "zh", "", None),
    ("zh-TW", "zh-CN", "", None),
    ("zh-CN", "zh-TW zh-Hant", "", None),
    ("zh-HK", "zh-Hans zh-CN", "", None),
    ("zh-Hant", "zh", "", None),
    ("zh", "zh-TW", "", None),
    ("sr-Latn", "sr", "", None),
    ("sr-Latn", "sr-Cyrl", "", None),
    ("sr", "sr-Latn", "", None),
    ("sh", "sr", "", None),
    ("sr-ME", "sr", "", None),
    ("az-IR", "az", "", None),
    ("pa-PK", "pa", "", None),
    ("uz-AF", "uz-Latn", "", None),
    ("hi-Latn", "hi", "", None),
    ("mn-CN", "mn", "", None),
    # nothing to choose from, or nothing to choose by
    ("pl", "", "", None),
    ("", "en", "", None),
    ("not a locale", "en", "", None),
    ("pl", "klingon xx und", "", None),
    ("pl", "klingon pl", "pl", EXACT),
)


@pytest.mark.parametrize(
    ("wanted", "offered", "found", "how"),
    PAIRS,
    ids=[f"{w or 'empty'} of {o or 'none'} is {f or 'none'}" for w, o, f, _ in PAIRS],
)
def test_a_buyer_gets_the_best_offer(wanted: str, offered: str, found: str, how: How | None) -> None:
    assert best(wanted, offered.split()) == (Match(offered=found, how=how) if how else None)


def test_of_two_equally_near_offers_the_earlier_wins() -> None:
    assert best("es-CL", ["es-MX", "es-AR"]) == Match(offered="es-MX", how=How.DISTANCE)
    assert best("es-CL", ["es-AR", "es-MX"]) == Match(offered="es-AR", how=How.DISTANCE)


def test_of_two_spellings_of_one_locale_the_first_is_kept_as_written() -> None:
    assert best("nb", ["no", "nb"]) == Match(offered="no", how=How.EXACT)


WORDS = "zh en sr no nb nn sh iw in tl uk ru pt x u a i Latn Cyrl Hant Hans TW CN US BR ZX 419 1996 aaa 000 und root mul"
SUBTAGS = st.sampled_from(sorted(WORDS.split()))
LOCALES = st.sampled_from([name for name in locale_identifiers() if parse(name)])
TEXTS = st.text(max_size=80) | st.builds(str.join, st.sampled_from("-_"), st.lists(SUBTAGS, max_size=6)) | LOCALES


@settings(deadline=None, max_examples=500)
@given(wanted=TEXTS, offered=st.lists(TEXTS, max_size=6))
def test_no_text_makes_matching_fail(wanted: str, offered: list[str]) -> None:
    match = best(wanted, offered)

    assert match is None or match.offered in offered


@settings(deadline=None, max_examples=500)
@given(raw=TEXTS)
def test_a_normalised_tag_stays_as_it_is(raw: str) -> None:
    tag = parse(raw)

    assert tag is None or parse(tag) == tag


@settings(deadline=None, max_examples=300)
@given(wanted=LOCALES, others=st.lists(LOCALES, max_size=8), place=st.integers(0, 8))
def test_the_merchants_exact_entry_always_wins(wanted: str, others: list[str], place: int) -> None:
    offered = [*others[:place], wanted, *others[place:]]

    match = best(wanted, offered)

    assert match and match.how is How.EXACT
    assert parse(match.offered) == parse(wanted)


def test_no_known_locale_ever_gets_another_language_or_script() -> None:
    """Babel's copy of CLDR is the judge: other data, other code."""
    every = [name for name in locale_identifiers() if parse(name)]
    got = {wanted: best(wanted, _others(every, wanted)) for wanted in every}

    crossed = {w: m.offered for w, m in got.items() if m and _language_and_script(w) != _language_and_script(m.offered)}

    assert crossed == {}
    assert sum(match is not None for match in got.values()) > 500  # the rule is not kept by never matching


def _others(every: Sequence[str], wanted: str) -> list[str]:
    return [name for name in every if name != wanted]


def _language_and_script(name: str) -> tuple[str, str]:
    language, territory, script = parse_locale(parse(name) or "", sep="-")[:3]
    likely = get_global("likely_subtags")
    full = likely.get(f"{language}_{territory}") or likely.get(language) or f"{language}_Zzzz_ZZ"
    return language, script or full.split("_")[1]
