"""What merchants read is said in their words: no identifiers, no words that only programmers or translations use."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.web.i18n import LOCALES
from tests.web.texts.test_translations import in_reasons, in_the_interface, read

GLOSSARY = Path(__file__).parents[3] / "docs/glossary-pages.md"
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
CODE = {
    "snake_case": r"\b[a-z]+_[a-z_]+\b",
    "camelCase": r"\b[a-z]+[A-Z][a-z]\w*\b",
    "a setting of the operator's": r"\b[A-Z]{2,}_[A-Z_]+\b",
    "JSONPath": r"\$\.|@\.",
    "a key in quotes": r'"\w+":',
}
NOT_CODE = {"cURL", "iPhone"}
BANNED = (
    "mend", "go on", "goes on", "leave it", "given up", "store sent word", "takes it", "took it", "stands beside", "put away",
    "put the guide", "byte for byte", "anew", "by hand", "no route", "locale", "replay", "e-mail", "letter", "credentials",
    "deliveries", "delivery", "worker", "fulfilment", "cancelled", "catalogue",
)  # fmt: skip

# Whoever reads these has the settings file or SendPulse's own word before them.
IN_THE_FILE = "is said of a line of a settings file, which has this key"
IN_THE_PATH = "is said of a JSONPath that somebody wrote"
ANOTHER_WORD = "the same word for something else"
ALLOWED = {
    "Enter a name, such as gift_note.": "a variable's name, which is written like this in SendPulse",
    "It has more than one @.": "the sign is meant",
    "Order out for delivery": ANOTHER_WORD,
    "This app cannot read fulfillments in your store, so it cannot tell when orders are out for delivery or delivered.": (
        ANOTHER_WORD
    ),
    "found %(found)s; enter a name that starts with a letter: 1 to 64 lowercase letters a to z, digits and underscores.": (
        ANOTHER_WORD
    ),
    "cannot be read from %(found)s on; it looks like $.customer.tags.": IN_THE_PATH,
    "ends too early; it looks like $.customer.tags.": IN_THE_PATH,
    "names the whole webhook; name a field of it, such as $.customer.tags.": IN_THE_PATH,
    "tests something other than one field of what is looked at, such as @.name.": IN_THE_PATH,
    'is missing; "send": "%(send)s" needs it: copy the event URL from SendPulse\'s Events Manager '
    "(a file exported without secrets lacks it).": IN_THE_FILE,
    'is missing; "send": "name" needs the name of the event in SendPulse.': IN_THE_FILE,
    "is missing; %(kind)s is sent by name, and sending by name needs client_id and client_secret, or api_key "
    "(a file exported without secrets lacks them).": IN_THE_FILE,
    "is missing; default_flow needs the number of the flow to use.": IN_THE_FILE,
    "only cart_abandoned waits; leave this key out here.": IN_THE_FILE,
    "cannot be used together with automation_id; a rule names a flow or a language: keep one.": IN_THE_FILE,
}


def in_the_glossary() -> dict[str, dict[str, str]]:
    """Each English word of docs/glossary-pages.md with its word in every other language of the app."""
    _, *rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {word: dict(zip(LOCALES[1:], others, strict=True)) for word, _, _, *others in cells}


def texts() -> Iterator[str]:
    for marked in in_the_interface() | in_reasons():
        yield from (marked,) if isinstance(marked, str) else marked


def plain(text: str) -> str:
    return PLACEHOLDERS.sub("", text)


@pytest.mark.parametrize("kind", CODE)
def test_no_text_has_an_identifier_in_it(kind: str) -> None:
    found = {text: set(re.findall(CODE[kind], plain(text))) - NOT_CODE for text in texts()}

    assert {text: words for text, words in found.items() if words and text not in ALLOWED} == {}


@pytest.mark.parametrize("word", BANNED)
def test_no_text_says_what_nobody_says(word: str) -> None:
    said = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)

    assert [text for text in texts() if said.search(plain(text)) and text not in ALLOWED] == []


def test_what_is_allowed_is_still_said() -> None:
    assert set(ALLOWED) - set(texts()) == set()


def test_the_glossary_has_words_of_the_pages() -> None:
    said = {text.replace("%%", "%") for text in texts()}

    assert set(in_the_glossary()) - said == set()


@pytest.mark.parametrize("language", LOCALES[1:])
def test_a_page_is_translated_by_the_glossary(language: str) -> None:
    told = {str(message.id).replace("%%", "%"): str(message.string) for message in read("messages", language) if message.id}
    words = {word: others[language] for word, others in in_the_glossary().items()}

    assert {word: told[word] for word in words if told.get(word, words[word]).replace("%%", "%") != words[word]} == {}
