"""Whatever a system calls a locale, its buyer gets the flow of that language and script, or none."""

from itertools import product
from typing import Final

import pytest
from babel.localedata import locale_identifiers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from langcodes import Language
from langcodes.data_dicts import LIKELY_SUBTAGS, MACROLANGUAGES

from plugin.domain.locale import best, flagged, parse

LOCALES_OF_FLOWS: Final = """
    en pl de pt-BR pt-PT sr-Cyrl sr-Latn zh-CN zh-TW ca es-ES es-419 nb nn sv fr fr-CA he id fil th ja ko ar tr hi uz-Latn
    uz-Cyrl uz-Arab az-Latn az-Cyrl az-Arab bs-Latn bs-Cyrl pa-Guru pa-Arab mn-Cyrl mn-Mong kk-Cyrl kk-Arab kk-Latn be uk ru
    ur fa
"""
FLOWS: Final = LOCALES_OF_FLOWS.split()

# Each locale with the flow its buyer gets, "-" for none.
PAIRS: Final = {
    "Windows and .NET": """
        zh-CHS zh-CN  zh_CHS zh-CN  zh-chs zh-CN  zh-CHT zh-TW  zh_CHT zh-TW  zh-Hans-HK zh-CN  zh-Hant-HK zh-TW
        zh-MO zh-TW  zh-CN_stroke zh-CN  zh-TW_pronun zh-TW  zh-SG_stroke zh-CN  sr-Latn-CS sr-Latn  sr-Cyrl-CS sr-Cyrl
        sr-SP-Latn sr-Latn  sr-SP-Cyrl sr-Cyrl  sr-SP sr-Cyrl  sr-BA-Latn sr-Latn  sr-Cyrl-BA sr-Cyrl  sr-Latn-ME sr-Latn
        sr-Cyrl-ME sr-Cyrl  uz-UZ-Latn uz-Latn  uz-UZ-Cyrl uz-Cyrl  uz-Cyrl-UZ uz-Cyrl  uz-Latn-UZ uz-Latn
        az-AZ-Latn az-Latn  az-AZ-Cyrl az-Cyrl  az-Cyrl-AZ az-Cyrl  az-Latn-AZ az-Latn  bs-BA-Latn bs-Latn
        bs-BA-Cyrl bs-Cyrl  bs-Cyrl-BA bs-Cyrl  mn-Mong-CN mn-Mong  mn-Mong-MN mn-Mong  mn-MN mn-Cyrl  pa-Arab-PK pa-Arab
        pa-IN pa-Guru  ku-Arab-IQ -  ckb-IQ -  ha-Latn-NG -  iu-Cans-CA -  tzm-Latn-DZ -  quz-PE -  prs-AF fa
        es-ES_tradnl es-ES  de-DE_phoneb de  ja-JP_radstr ja  nb-NO nb  nn-NO nn  no nb  fil-PH fil  ca-ES-valencia ca
        qps-ploc -  x-IV -  en-029 en  en-CB en  uk-UA uk  be-BY be  tg-Cyrl-TJ -  gsw-FR -
    """,
    "Java": """
        iw_IL he  iw he  in_ID id  in id  ji -  ji_001 -  no_NO nb  no_NO_NY nn  no-NO-NY nn  no_no_ny nn  no_NO_B nb
        ja_JP_JP ja  ja_JP_JP_#u-ca-japanese ja  th_TH_TH th  th_TH_TH_#u-nu-thai th  sr_RS_#Latn sr-Latn  sr__#Latn sr-Latn
        sr_ME_#Cyrl sr-Cyrl  sr_BA_#Latn sr-Latn  zh_TW_#Hant zh-TW  zh_HK_#Hans zh-CN  zh__#Hans zh-CN  zh__#Hant zh-TW
        zh_CN_#Hans zh-CN  az_AZ_#Cyrl az-Cyrl  uz__#Cyrl uz-Cyrl  uz_AF_#Arab uz-Arab  bs__#Cyrl bs-Cyrl  pa__#Arab pa-Arab
        de_DE_EURO de  de__POSIX de  es_ES_Traditional_WIN es-ES  _PL -  __POSIX -  _GB -  en_US_WIN en  de_#x-formal de
    """,
    "POSIX": """
        sr_RS@latin sr-Latn  sr_RS sr-Cyrl  sr_ME sr-Latn  sr_ME@cyrillic sr-Cyrl  sr@latin sr-Latn  sr@Latn sr-Latn
        sr_RS.UTF-8@latin sr-Latn  sr_RS.utf8@latin sr-Latn  sr_RS.ISO8859-5 sr-Cyrl  sr_RS.UTF-8@cyrillic sr-Cyrl
        sr@ijekavian sr-Cyrl  sr@ijekavianlatin sr-Latn  sh_YU sr-Latn  uz_UZ uz-Latn  uz_UZ@cyrillic uz-Cyrl
        uz@cyrillic uz-Cyrl  uz_UZ.UTF-8@cyrillic uz-Cyrl  az_IR az-Arab  az_AZ@Cyrl az-Cyrl  az_AZ.UTF-8 az-Latn
        be_BY@latin -  be@latin -  be_BY.CP1251 be  tt_RU@iqtelif -  ks_IN@devanagari -  sd_IN@devanagari -  nan_TW@latin -
        en@shaw -  pa_PK pa-Arab  ca_ES@valencia ca  ca_ES.UTF-8@valencia ca  ca_AD ca  de_DE@euro de
        de_AT.ISO-8859-15@euro de  en_US.UTF-8 en  pl_PL.ISO8859-2 pl  pl.UTF-8 pl  ru_RU.KOI8-R ru  ja_JP.eucJP ja
        ja_JP.SJIS ja  ko_KR.eucKR ko  zh_CN.GB18030 zh-CN  zh_TW.Big5 zh-TW  zh_HK.Big5-HKSCS zh-TW  th_TH.TIS-620 th
        uk_UA.KOI8-U uk  C -  C.UTF-8 -  C.utf8 -  POSIX -  en_US_POSIX en  en-US-u-va-posix en  en@quot en  en@boldquot en
        pl_PL:pl:en pl  zh_TW:zh zh-TW  de_DE@collation=phonebook de  ar_EG@numbers=latn ar  es@collation=traditional es-ES
        hi_IN@numbers=latn hi  sr_RS@collation=x sr-Cyrl
    """,
    "WordPress": """
        de_DE_formal de  de_CH_informal de  de_AT de  DE_de_FORMAL de  nl_NL_formal -  nl_BE -  pt_PT_ao90 pt-PT
        pt_AO pt-PT  pt_BR pt-BR  zh_HK zh-TW  zh_TW zh-TW  zh_CN zh-CN  zh_SG zh-CN  ckb -  kmr -  kir -  azb -  az az-Latn
        az_TR az-Latn  haz -  sr_RS sr-Cyrl  bel be  fao -  tah -  ary -  art_xemoji -  art_xpirate -  es_MX es-419
        es_CO es-419  fr_BE fr  fr_CA fr-CA  nb_NO nb  nn_NO nn  bs_BA bs-Latn  uz_UZ uz-Latn  pa_IN pa-Guru  mn mn-Cyrl
        kk kk-Cyrl  he_IL he  id_ID id  skr -  snd -  tl fil  ca_valencia ca  bal -  ur ur  fa_AF fa  ar ar  en_GB en  ja ja
        th th  de_DE@formal de  de-formal de
    """,
    "Facebook": """
        es_LA es-419  es-LA es-419  ES_LA es-419  es_ES es-ES  fr_CA fr-CA  fr_FR fr  zh_TW zh-TW  zh_HK zh-TW  zh_CN zh-CN
        nn_NO nn  nb_NO nb  en_PI en  en_UD en  en_GB en  ku_TR -  tl_PH fil  fb_LT -  fb_AA -  cx_PH -  ck_US -  cb_IQ -
        sz_PL -  tz_MA -  zz_TR -  tl_ST -  gx_GR -  ns_ZA -  ar_AR ar  ja_KS ja  pt_PT pt-PT  pt_BR pt-BR  eo_EO -  la_VA -
        sr_RS sr-Cyrl  az_AZ az-Latn  uz_UZ uz-Latn  bs_BA bs-Latn  mn_MN mn-Cyrl  kk_KZ kk-Cyrl  pa_IN pa-Guru
    """,
    "browsers, phones and wikis": """
        pl-PL,pl;q=0.9,en;q=0.8 pl  pl;q=0.9 pl  de-DE,de;q=0.9,en;q=0.8 de  zh-TW,zh;q=0.9,en-US;q=0.8 zh-TW  *;q=0.5,pl -
        zh-Hans_CN zh-CN  zh-Hant_HK zh-TW  en_US@rg=plzzzz en  b+sr+Latn sr-Latn  b+sr+Cyrl+ME sr-Cyrl  b+zh+Hant+HK zh-TW
        b+es+419 es-419  zh-rTW zh-TW  zh-rCN zh-CN  pt-rBR pt-BR  pt-rPT pt-PT  sr-ec sr-Cyrl  sr-el sr-Latn
        kk-cyrl kk-Cyrl  kk-arab kk-Arab  kk-latn kk-Latn  kk-cn kk-Arab  uz-latn uz-Latn  uz-cyrl uz-Cyrl  es-419 es-419
        es-LATAM es-419  es-XL es-419  zh-TC zh-TW  zh_SC zh-CN  en_UK en  pl-u-ca-buddhist pl  zh-TW-u-ca-roc zh-TW
        sr-Latn-u-co-search sr-Latn  ar-u-nu-latn ar  de-x-private de  sr-x-latin sr-Cyrl  zh-TWN zh-TW  zh-HKG zh-TW
        zh-CHN zh-CN  pl-POL pl  pt-BRA pt-BR  sr-MNE sr-Latn  pl-616 pl  zh-158 zh-TW  pt-076 pt-BR
    """,
    "scripts in words": """
        sr-latin sr-Latn  sr_latinica sr-Latn  sr-RS-latin sr-Latn  sr_RS_latin sr-Latn  sr-cyrillic sr-Cyrl
        sr_ME_cyrilica sr-Cyrl  sr_RS_Latinica sr-Latn  SR_LATIN sr-Latn  sr-latinic sr-Latn  sr-lat sr-Latn  sr-cyr sr-Cyrl
        sr-латиница sr-Latn  sr-ћирилица sr-Cyrl  sr(latin) sr-Latn  sr/Latn sr-Latn  zh-simplified zh-CN
        zh-traditional zh-TW  zh_Traditional zh-TW  zh_CN_traditional zh-TW  zh_TW_simplified zh-CN  zh-hans zh-CN
        zh_HANT zh-TW  zh-HANS-TW zh-CN  zh-simp zh-CN  zh-trad zh-TW  zh-cmn-traditional zh-TW  cmn-Hant zh-TW
        cmn_TW zh-TW  zho_Hant zh-TW  uz-latin uz-Latn  uz_cyrillic uz-Cyrl  uz-lotin uz-Latn  uz-kirill uz-Cyrl
        uz_arabic uz-Arab  az_cyrillic az-Cyrl  az_latin az-Latn  az-arabic az-Arab  azj_Cyrl az-Cyrl  bs-cyrillic bs-Cyrl
        bs_BA_latinica bs-Latn  bs_cirilica bs-Cyrl  pa-gurmukhi pa-Guru  pa_PK_gurmukhi pa-Guru  pa-arabic pa-Arab
        pa-shahmukhi pa-Arab  pa_IN@arabic pa-Arab  pa-guru pa-Guru  pan-Arab pa-Arab  mn-mongolian mn-Mong  mn-mong mn-Mong
        mn_CN mn-Mong  mn_CN_cyrillic mn-Cyrl  mn_Mongolia mn-Cyrl  kk_cyrillic kk-Cyrl  kk-arabic kk-Arab
        kk_KZ_latin kk-Latn  ur-Aran ur  de-Latf de  ko-Hang ko  hi-devanagari hi  hi-latin -  ar-latin -  pl@cyrillic -
        ru_RU@latin -  ja_JP_romaji -  en-braille -  zh-Bopo -  zh-Latn -
    """,
    "languages that are not their neighbours": """
        ku -  ku-TR -  ku_IQ -  ku-Arab -  ku-Latn -  kmr -  kmr-TR -  kmr_Latn -  ckb -  ckb-Latn -  ckb_IQ@latin -
        ckb-Arab-IQ -  ku-sorani -  ku-kurmanji -  sdh -  yue -  yue-HK -  yue_HANS_CN -  zh-yue -  zh_yue -  zh-yue-HK -
        zh-yue-Hans-CN -  zh-yue-Hant -  zh-min-nan -  zh_min_nan -  zh-min-nan-TW -  nan -  zh-hakka -  zh-wuu -  zh-gan -
        zh-cmn zh-CN  zh-cmn-Hant zh-TW  zh-cmn-Hans-CN zh-CN  zh-guoyu zh-CN  lzh -  sh sr-Latn
        sh-Cyrl sr-Cyrl  sh_RS@cyrillic sr-Cyrl  hbs sr-Latn  hr -  mk -  nn nn  nno nn  nb nb  nob nb  no-nynorsk nn
        no_NO_nynorsk nn  no-bok nb  en-yue en  pl-yue pl  pl-cmn pl  ms -  cs -  sk -  gl -  da -  lb -  arz -  fr-gsw fr
    """,
}  # fmt: skip


def _rows() -> list[tuple[str, str, str]]:
    words = {family: text.split() for family, text in PAIRS.items()}
    return [(family, *pair) for family, all_ in words.items() for pair in zip(all_[::2], all_[1::2], strict=True)]


def _flow(locale: str, flows: list[str]) -> str:
    match = best(locale, flows)
    return match.offered if match else "-"


@pytest.mark.parametrize(("raw", "flow"), [row[1:] for row in _rows()], ids=[f"{family}: {raw}" for family, raw, _ in _rows()])
def test_a_buyer_gets_the_flow_that_the_locale_means(raw: str, flow: str) -> None:
    assert _flow(raw, FLOWS) == flow


@pytest.mark.parametrize("raw", [raw for _, raw, flow in _rows() if flow != "-"])
def test_a_merchant_may_write_what_a_buyer_s_locale_is(raw: str) -> None:
    assert _flow(raw, ["xx", raw]) == raw


# ------------------------------------------------------------------ every script of the languages that have several

LANGUAGES: Final = ("sr", "uz", "az", "bs", "zh", "pa", "ku", "mn", "kk")
PARTS_OF_CHINESE: Final = {"Bopo", "Hanb", "Hani"}  #: sounds, a mixture, and Chinese characters in either form
WORDS: Final = {
    "Latn": "latin Latin latinica", "Cyrl": "cyrillic CYRILLIC cyrilica", "Arab": "arabic Arabic", "Guru": "gurmukhi",
    "Mong": "mongolian", "Hans": "simplified Simplified", "Hant": "traditional TRADITIONAL", "Yezi": "yezidi",
}  # fmt: skip
SPELLINGS: Final = (
    "{0}-{1}", "{0}_{1}", "{0}@{1}", "{0}__#{1}", "b+{0}+{1}", "{0} ({1})", "{0}_{2}@{1}", "{0}-{2}-{1}", "{0}_{2}_{1}",
    "{0}_{2}_#{1}", "{0}-{1}-{2}", "{0}_{1}_{2}", "{0}-{1}_{2}", "{0}_{2}.UTF-8@{1}", "b+{0}+{1}+{2}", "{0}-{1}-x-any",
    "{0}-{1},en", "{0}-{1}-u-ca-buddhist", "{0}_{1}_unreadable", "\u200f{0}-{1}\u200f",
)  # fmt: skip


def _scripts(language: str) -> set[str]:
    """The scripts CLDR has for the language: in its likely subtags, as a region's or the language's, or in a locale."""
    likely = {tag.split("-")[1] for tag in LIKELY_SUBTAGS.values() if tag.split("-")[0] == language}
    own = [name.split("_") for name in locale_identifiers() if name.split("_")[0] == language]
    return (likely | {parts[1] for parts in own if len(parts) > 1 and len(parts[1]) == 4}) - PARTS_OF_CHINESE


def _regions(language: str) -> list[str]:
    """The regions whose readers CLDR gives one of the scripts."""
    asked = [tag.split("-") for tag in LIKELY_SUBTAGS]
    return sorted({parts[-1] for parts in asked if parts[0] == language and len(parts[-1]) == 2 and len(parts) > 1} | {"RS"})


SCRIPTS: Final = [(language, script) for language in LANGUAGES for script in sorted(_scripts(language))]


def test_every_language_of_the_list_is_written_in_several_scripts() -> None:
    assert {language for language in LANGUAGES if len(_scripts(language)) < 2} == set()
    assert len(SCRIPTS) >= 21


@pytest.mark.parametrize(("language", "script"), SCRIPTS, ids=str)
def test_a_script_said_in_any_spelling_decides(language: str, script: str) -> None:
    others = [f"{language}-{other}" for other in _scripts(language) if other != script]
    own = f"{language}-{script}"
    words = [script, script.lower(), script.upper(), *WORDS[script].split()]
    locales = {
        spelling.format(language, word, region) for spelling, word, region in product(SPELLINGS, words, _regions(language))
    }

    assert {locale for locale in locales if best(locale, others)} == set()
    assert {locale for locale in locales if _flow(locale, [*others, own]) != own} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_the_region_decides_as_in_cldr(language: str) -> None:
    flows = [f"{language}-{script}" for script in _scripts(language)]

    for locale in (language, *(f"{language}_{region}" for region in _regions(language))):
        script = Language.get(locale).maximize().script
        assert _flow(locale, flows) == f"{language}-{script}"


# ------------------------------------------------------------------ tails

READABLE: Final = st.sampled_from(sorted(name for name in locale_identifiers() if parse(name)))
BEGINNINGS: Final = "_ @ . # , ; : | / + = * ? ( [ \0 __ _# - -x- -u-"
TAILS: Final = st.builds(
    str.__add__,
    st.sampled_from(BEGINNINGS.split(" ")),
    st.text(max_size=60) | st.text(alphabet="abcdxyzABCD0123456789_-@.", max_size=200),
)


@settings(deadline=None, max_examples=1000)
@given(readable=READABLE, tail=TAILS)
@example(readable="zh", tail="-" + "x" * 10_000)
@example(readable="no", tail="_NO_XX")
@example(readable="zh_Hant", tail="-cmn")
@example(readable="pa_Guru", tail="_PK")
def test_a_tail_never_makes_it_another_language(readable: str, tail: str) -> None:
    before, after = parse(readable), parse(readable + tail)

    assert before
    assert after
    (language, script), (found, found_script) = _reads(before), _reads(after)
    assert found == language or MACROLANGUAGES.get(found) == language  # zh with a tail such as -yue
    if _says_its_script(readable):
        assert found_script == script


@settings(deadline=None, max_examples=1000)
@given(readable=READABLE, tail=TAILS)
def test_a_tail_never_takes_a_buyer_to_another_region(readable: str, tail: str) -> None:
    region = Language.get(parse(readable) or "").territory

    assert region in (None, Language.get(parse(readable + tail) or "").territory)


def _reads(tag: str) -> tuple[str, str]:
    full = Language.get(tag).maximize()
    return full.language or "", full.script or ""


def _says_its_script(name: str) -> bool:
    return any(len(part) == 4 for part in name.split("_"))


@settings(deadline=None, max_examples=500)
@given(raw=st.text() | st.text(alphabet="\ud800\0\u200f\ufdfa\u2474 _-@x", max_size=200))
@example(raw="pl" + "\u2474" * 100)
@example(raw="\ufdfa" * 100)
def test_no_text_makes_reading_fail(raw: str) -> None:
    tag = parse(raw)

    assert tag is None or parse(tag) == tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [("🇵🇱", "pl"), (" 🇺🇦 ", "uk"), ("🇧🇷", "pt"), ("🏳️", ""), ("🇵", ""), ("PL", ""), ("", ""), ("🇵🇱🇩", ""), ("🇽🇽", "en")],
)
def test_a_flag_is_read_as_what_most_people_of_its_country_read(text: str, tag: str) -> None:
    assert flagged(text) == tag
