"""Countries go by their names, in each language."""

import pytest

from plugin.domain.countries import countries, named, renamed


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("PL", "en", "Poland (PL)"),
        ("pl", "pl", "Polska (PL)"),
        ("BR", "pt-BR", "Brasil (BR)"),
        ("ZZ", "en", "ZZ"),
        ("", "en", ""),
    ],
)
def test_a_country_is_named_with_its_code(code: str, language: str, name: str) -> None:
    assert named(code, language) == name


def test_a_language_nobody_knows_is_english() -> None:
    assert countries("en-XA")["DE"] == countries("xx")["DE"] == countries("")["DE"] == "Germany"


def test_what_is_no_country_is_not_offered() -> None:
    assert not {"EU", "UN", "ZZ", "001", "150"} & countries("en").keys()
    assert {"XK", "GB", "US", "TW", "AX"} <= countries("en").keys()


@pytest.mark.parametrize(
    ("text", "told"), [("Poland (PL)", "Polska (PL)"), ("PL", "PL"), ("Peru (PL)", "Peru (PL)"), ("a (ZZ)", "a (ZZ)")]
)
def test_a_stored_name_is_told_in_another_language(text: str, told: str) -> None:
    assert renamed(text, "pl") == told
