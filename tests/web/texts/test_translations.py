"""Every language of the interface says all of it, and says what the sources say."""

import re
import shutil
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from plugin.config import Settings
from plugin.ports import Store
from plugin.web.i18n import ENGLISH, FOLDER, LOCALES
from tests.support.web.merchant import a_merchant, texts_in
from tests.web.texts.test_languages import PAGES, POSTS

ROOT = Path(__file__).parents[3]
TRANSLATED = tuple(locale for locale in LOCALES if locale != ENGLISH)
KEPT = re.compile(r"%\(\w+\)[sd]|%%|</?\w[^>]*>|\{\w+\}|[{}]|/flow/id/|\b\w+_\w+\b|[\w-]+@[\w.]+|\bcURL\b|\bSendPulse\b")
ENDS = ".:?"
SHAPES = {"%(event)s, %(language)s", "%(number)s+"}  #: without a word
UNITS = {"%(hours)s h", "%(minutes)s min", "%(seconds)s s"}  #: which only Ukrainian writes in another way
SAME = {
    "pl": {"ID", "Import"} | SHAPES | UNITS,
    "uk": {"ID"} | SHAPES,
    "de": {"Export", "Filter", "Flow", "Flows", "ID", "Import", "Name", "Secret", "Status", "Text", "Variable"}
    | SHAPES
    | UNITS,
    "es": {"ID", "Plan:", "Variable", "Variables"} | SHAPES | UNITS,
    "fr": {"Action", "Date", "ID", "Secret", "Structure", "Type", "Variable", "Variables"} | SHAPES | UNITS,
    "pt-BR": {"ID", "Status", "String"} | SHAPES | UNITS,
}  #: words that are the same as in English
CATALOGUES = ("messages", "reasons")
Marked = set[str | tuple[str, ...]]


@pytest.fixture
def database_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """Words do not depend on the database: one is enough."""
    copy = shutil.copy(migrated_sqlite, tmp_path / "plugin.db")
    return f"sqlite:///{copy}"


@pytest.fixture(params=TRANSLATED)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=CATALOGUES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def catalogue(name: str, language: str) -> Catalog:
    return read(name, language)


def read(name: str, language: str) -> Catalog:
    locale = language.replace("-", "_")
    with (FOLDER / locale / "LC_MESSAGES" / f"{name}.po").open("rb") as written:
        return read_po(written, locale=locale)


@pytest.fixture
def marked(name: str) -> Marked:
    """What the sources mark for this catalogue."""
    return {"messages": in_the_interface, "reasons": in_reasons}[name]()


@cache
def in_reasons() -> Marked:
    """What is made by `worded`, wherever that is."""
    return {found[2] for found in extract_from_dir(ROOT / "plugin", [("**.py", "python")], keywords={"worded": None})}


@cache
def in_the_interface() -> Marked:
    """What templates and views mark as text of the interface."""
    mappings = tomllib.loads((ROOT / "babel.toml").read_text())["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found: Marked = set()
    for place in ("plugin", "templates"):
        inside = [(pattern.removeprefix(f"{place}/"), method) for pattern, method in methods if pattern.startswith(place)]
        found.update(each[2] for each in extract_from_dir(ROOT / place, inside))
    return found


def test_every_text_the_sources_mark_is_in_the_catalogue(marked: Marked, catalogue: Catalog) -> None:
    assert marked - {message.id for message in texts(catalogue)} == set()


def test_the_catalogue_has_nothing_the_sources_do_not_mark(marked: Marked, catalogue: Catalog) -> None:
    assert {message.id for message in texts(catalogue)} - marked == set()


def test_no_text_is_left_out(catalogue: Catalog) -> None:
    assert [message.id for message in texts(catalogue) if not all(forms(message)) or message.fuzzy] == []


def test_every_number_has_its_form(language: str) -> None:
    catalogue = read("messages", language)
    counted = [message for message in texts(catalogue) if message.pluralizable]

    assert counted
    assert {len(forms(message)) for message in counted} == {catalogue.num_plurals}


def test_placeholders_tags_and_names_are_those_of_the_english_text(catalogue: Catalog) -> None:
    assert [form for english, form in pairs(catalogue) if Counter(KEPT.findall(form)) != Counter(KEPT.findall(english))] == []


def test_a_text_ends_as_the_english_one_does(catalogue: Catalog) -> None:
    assert [form for english, form in pairs(catalogue) if ending(form) != ending(english)] == []


def test_only_words_that_are_the_same_are_left_in_english(name: str, language: str, catalogue: Catalog) -> None:
    same = SAME[language] if name == "messages" else set()

    assert {form for english, form in pairs(catalogue) if form == english} == same


def test_no_page_says_in_english_what_it_can_say_in_its_language(store: Store, settings: Settings, language: str) -> None:
    said = [pair for name in CATALOGUES for pair in pairs(read(name, language))]
    merchant = a_merchant(store, settings)
    merchant.language = language

    answers = [*map(merchant.get, PAGES), *(merchant.post(path, fields) for path, fields in POSTS)]

    shown = {text for answer in answers for text in texts_in(answer.text)}
    english = {english for english, form in said if form != english}
    assert {answer.status_code for answer in answers} <= {200, 302, 303, 422}
    assert shown & {form for _, form in said}
    assert shown & english == set()


def test_a_translated_refusal_is_not_said_to_be_english(store: Store, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={})
    merchant.language = "de"

    answer = merchant.post("/settings/account/check", {"client_id": ""})

    assert "Geben Sie zuerst die ID und das Secret ein." in texts_in(answer.text)


def texts(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    """Each form of each text, with the English it stands for."""
    return [
        (message.id if isinstance(message.id, str) else message.id[-1], form)
        for message in texts(catalogue)
        for form in forms(message)
    ]


def ending(text: str) -> str:
    return text[-1] if text[-1:] in ENDS else ""
