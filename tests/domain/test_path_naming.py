"""The path of a value that somebody points at is read again, and finds that value."""

import pytest

from plugin.domain.json_path import LONGEST_PATH, MOST_STEPS, first, looks, read_path
from plugin.domain.json_path.naming import is_short, of_any, of_entry, of_field, of_named


@pytest.mark.parametrize("name", ["a", "_b1", "ab cd", "it's", "back\\slash", 'q"uote', "ü", "", "0", "a.b", "[0]", "🎁"])
def test_a_field_of_any_name_is_found(name: str) -> None:
    path = of_field("$.box", name)

    assert first(read_path(path), {"box": {name: "here", "other": 1}}, looks()) == "here"


def test_an_entry_is_found_by_its_place_by_any_and_by_its_names() -> None:
    body = {"l": [{"key": "a", "namespace": "x", "value": 1}, {"key": "it's", "namespace": "y", "value": 2}]}
    named = of_named("$.l", {"namespace": "y", "key": "it's"})

    assert first(read_path(of_field(of_entry("$.l", 1), "value")), body, looks()) == 2
    assert first(read_path(of_field(of_any("$.l"), "value")), body, looks()) == 1
    assert first(read_path(of_field(named, "value")), body, looks()) == 2


def test_a_path_that_is_too_long_is_no_variables() -> None:
    assert is_short("$." + "a" * (LONGEST_PATH - 2), MOST_STEPS)
    assert not is_short("$." + "a" * (LONGEST_PATH - 1), 1)
    assert not is_short("$.a", MOST_STEPS + 1)
    assert not is_short("$['a\nb']", 1)
