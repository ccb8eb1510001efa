"""The documents keep what they promise: each decision is listed, the example of a settings file can be imported."""

import json
import re
from pathlib import Path

import pytest

from plugin.domain.settings.file import read_settings_file

CHECKOUT = Path(__file__).resolve().parents[1]
DECISIONS = CHECKOUT / "docs" / "decisions"
LONGEST_README = 150


def test_the_index_of_decisions_lists_each_of_them_in_order() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", index, re.MULTILINE)

    assert listed == sorted(path.name for path in DECISIONS.glob("0*.md"))


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert len((CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()) < LONGEST_README


def test_the_example_of_a_settings_file_can_be_imported() -> None:
    text = (CHECKOUT / "docs" / "merchant.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)

    filled_in = example.replace("<32 characters>", "0" * 32).replace("<number>", "7").replace("…", "0123456789abcdef")
    settings = read_settings_file(json.loads(filled_in))

    assert settings.table.rules
    assert settings.account.client_secret


def test_the_words_of_the_glossary_are_sorted() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (CHECKOUT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    words = [row.strip("`").lower() for row in rows[1:]]

    assert words == sorted(words)


PATHS = re.compile(r"`((?:plugin|tests|templates|bench|docs)/[\w./<>*-]+)`")


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md"])
def test_every_path_in_a_document_is_there(name: str) -> None:
    named = set(PATHS.findall((CHECKOUT / name).read_text(encoding="utf-8")))
    missing = [path for path in named if not any(CHECKOUT.glob(re.sub(r"<\w+>", "*", path).rstrip("/")))]

    assert named
    assert missing == []
