"""Every language of the interface says all of it, and says what the sources say."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from plugin.web.languages import ENGLISH, FOLDER, LOCALES

ROOT = Path(__file__).parents[2]
TRANSLATED = tuple(locale for locale in LOCALES if locale != ENGLISH)
KEPT = re.compile(r"%\(\w+\)[sd]|%%|</?\w[^>]*>|\{\w+\}|[{}]|/flow/id/|\b\w+_\w+\b|[\w-]+@[\w.]+|\bcURL\b|\bSendPulse\b")
ENDS = ".:?"
SAME = {
    "pl": {"ID", "Import", "REST API"},
    "uk": {"ID", "REST API"},
    "de": {"Details", "Export", "Flow", "Flows", "ID", "Import", "Name", "Secret", "Text"},
    "es": {"ID"},
    "fr": {"ID", "Secret"},
    "pt-BR": {"ID"},
}  #: words that are the same as in English


@pytest.fixture(params=TRANSLATED)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def catalogue(language: str) -> Catalog:
    locale = language.replace("-", "_")
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as written:
        return read_po(written, locale=locale)


@pytest.fixture(scope="module")
def marked() -> set[str | tuple[str, ...]]:
    """What templates and views mark as text of the interface."""
    mappings = tomllib.loads((ROOT / "babel.toml").read_text())["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found: set[str | tuple[str, ...]] = set()
    for place in ("plugin", "templates"):
        inside = [(pattern.removeprefix(f"{place}/"), method) for pattern, method in methods if pattern.startswith(place)]
        found.update(each[2] for each in extract_from_dir(ROOT / place, inside))
    return found


def test_every_text_the_sources_mark_is_in_the_catalogue(marked: set[str | tuple[str, ...]], catalogue: Catalog) -> None:
    assert marked - {message.id for message in texts(catalogue)} == set()


def test_the_catalogue_has_nothing_the_sources_do_not_mark(marked: set[str | tuple[str, ...]], catalogue: Catalog) -> None:
    assert {message.id for message in texts(catalogue)} - marked == set()


def test_no_text_is_left_out(catalogue: Catalog) -> None:
    assert [message.id for message in texts(catalogue) if not all(forms(message)) or message.fuzzy] == []


def test_every_number_has_its_form(catalogue: Catalog) -> None:
    counted = [message for message in texts(catalogue) if message.pluralizable]

    assert counted
    assert {len(forms(message)) for message in counted} == {catalogue.num_plurals}


def test_placeholders_tags_and_names_are_those_of_the_english_text(catalogue: Catalog) -> None:
    assert [form for english, form in pairs(catalogue) if Counter(KEPT.findall(form)) != Counter(KEPT.findall(english))] == []


def test_a_text_ends_as_the_english_one_does(catalogue: Catalog) -> None:
    assert [form for english, form in pairs(catalogue) if ending(form) != ending(english)] == []


def test_only_words_that_are_the_same_are_left_in_english(language: str, catalogue: Catalog) -> None:
    assert {form for english, form in pairs(catalogue) if form == english} == SAME[language]


def texts(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    """Each form of each text, with the English it stands for."""
    return [
        (message.id if isinstance(message.id, str) else message.id[-1], form)
        for message in texts(catalogue)
        for form in forms(message)
    ]


def ending(text: str) -> str:
    return text[-1] if text[-1:] in ENDS else ""
