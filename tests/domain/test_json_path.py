"""A path finds what RFC 9535 says, the first of it, and what could take long is refused with its place."""

import random
from decimal import Decimal
from typing import Any

import pytest
from jsonpath_rfc9535 import find

from plugin.domain.json_path import LONGEST_PATH, MOST_LOOKS, NOTHING, TooMuch, first, looks, read_path
from plugin.domain.json_path.trouble import BadPath

STEPS = (
    ".a", ".b", ".c", ".*", "[*]", "[0]", "[-1]", "[1:]", "[::-1]", "[:2]", "..a", "..*", "..[0]", "['name']",
    "[?@.a]", "[?@.a==1]",
    "[?@.a!='a']", "[?!@.b]", "[?!(@.a>1)]", "[?@.a<2 && @.b]", "[?@.a>=1 || @.c=='b']", "[?@==1]", "[?@<=null]",
    "[?@.a==true]", "[?1<@.a]", "[?@[0]]", "[?@.a.b]", "[?@.a<='b']", "[?@.a==1.0]",
)  # fmt: skip
BODY = {
    "note_attributes": [{"name": "gift", "value": "yes"}, {"name": "gift", "value": "no"}, {"name": "n", "value": None}],
    "total": Decimal("10.10"),
    "lines": [{"sku": "a", "price": 5}, {"sku": "b", "price": Decimal("9.5")}],
}


def at(path: str, body: Any = BODY) -> Any:
    return first(read_path(path), body, looks())


def a_value(chance: random.Random, level: int = 0) -> Any:
    kind = chance.randrange(8 if level < 4 else 5)
    if kind < 5:
        return chance.choice([1, 2, 3, None, True, False, 0, "a", "b", "name", ""])
    if kind < 7:
        return {name: a_value(chance, level + 1) for name in chance.sample(["a", "b", "c", "name"], chance.randrange(4))}
    return [a_value(chance, level + 1) for _ in range(chance.randrange(4))]


def test_any_path_finds_what_the_library_would_find_first() -> None:
    chance, asked, some = random.Random(9535), 0, 0
    while asked < 5_000:
        text = "$" + "".join(chance.choice(STEPS) for _ in range(chance.randrange(1, 5)))
        body = {name: a_value(chance) for name in "abc"}
        try:
            path = read_path(text)
        except BadPath:
            continue

        mine, theirs = first(path, body, looks()), find(text, body)

        expected = theirs[0].value if theirs else NOTHING
        assert (type(mine), mine) == (type(expected), expected), (text, body)
        asked, some = asked + 1, some + bool(theirs)
    assert some > 500


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.note_attributes[?@.name=='gift'].value", "yes"),
        ("$.note_attributes[?@.name=='n'].value", None),
        ("$.note_attributes[?@.name=='none'].value", NOTHING),
        ("$.total", Decimal("10.10")),
        ("$.lines[?@.price == 9.5].sku", "b"),
        ("$.lines[?@.price > 5].sku", "b"),
        ("$..sku", "a"),
        ("$.lines[-1].sku", "b"),
        ("$.lines[2]", NOTHING),
        ("$.total.currency", NOTHING),
    ],
)  # fmt: skip
def test_a_path_finds_the_first_value_at_its_place(path: str, value: Any) -> None:
    assert at(path) == value or at(path) is value


def test_numbers_are_compared_exactly() -> None:
    assert at("$[?@ == 10.10]", {"a": Decimal("10.1")}) == Decimal("10.1")
    assert at("$[?@ == 9007199254740993]", [9007199254740992, 9007199254740993]) == 9007199254740993


@pytest.mark.parametrize(
    ("path", "place", "words"),
    [
        ("", 0, "ends too early"),
        ("a.b", 0, 'cannot be read from "a.b" on'),
        ("$", 1, "names the whole webhook"),
        ("$.a.", 4, "ends too early"),
        ("$.a b", 4, 'cannot be read from "b" on'),
        ("$..a..b", 4, "a second .. in it"),
        ("$.a['b','c']", 9, "several things in one pair of brackets"),
        ("$.a[?match(@.b,'(a+)+$')]", 5, "calls match(), but functions cannot be used"),
        ("$.a[?search(@.b,'x')]", 5, "calls search()"),
        ("$.a[?count(@.*)>1]", 5, "calls count()"),
        ("$.a[?@[?@.b]]", 5, "something other than one field"),
        ("$.a[?@..b]", 5, "something other than one field"),
        ("$.a[?$.b]", 5, "something other than one field"),
        ("$.a[?@.b==@.c]", 8, "compares two fields"),
        ("$.a[?" + "||".join(["@.b==1"] * 6) + "]", 48, "compares more than 5 times"),
        ("$.a[::0]", 4, "steps of 0"),
        ("$" + ".a" * 13, 26, "more than 12 steps"),
        ("$.a[?@.b==1e999]", 0, "cannot be read"),
        ("$[" + "(" * 200, 22, "nests too deeply"),
        ("$." + "a" * LONGEST_PATH, LONGEST_PATH, "longer than 255 characters"),
    ],
)
def test_a_path_that_could_take_long_is_refused_with_its_place(path: str, place: int, words: str) -> None:
    with pytest.raises(BadPath) as caught:
        read_path(path)

    assert (caught.value.at, words in caught.value.why) == (place, True), caught.value.said
    assert caught.value.said.startswith(f"the path, at character {place + 1}, ")


def test_whatever_is_written_is_a_path_or_refused() -> None:
    chance, taken = random.Random(1), 0
    for _ in range(20_000):
        text = "$." + "".join(chance.choice("$.[]?@'\"()!&|=<>*,: 0123-eEab\\u") for _ in range(chance.randrange(30)))
        try:
            taken += bool(read_path(text))
        except BadPath as error:
            assert 0 <= error.at <= len(text)
    assert taken > 10


class Counted(dict[str, Any]):
    """Counts how often it is asked for a field."""

    asked = 0

    def get(self, *key: Any) -> Any:
        Counted.asked += 1
        return super().get(*key)


def test_of_ten_thousand_matches_only_the_first_is_looked_at() -> None:
    body = {"lines": [Counted(gift=number) for number in range(10_000)]}

    assert (at("$.lines[*].gift", body), at("$.lines[?@.gift>=0].gift", body), Counted.asked) == (0, 0, 3)


def test_the_paths_of_one_body_share_a_number_of_looks() -> None:
    body, sight = {"lines": [{"a": 1}] * (MOST_LOOKS - 100)}, looks()

    assert first(read_path("$.lines[?@.b]"), body, sight) is NOTHING
    with pytest.raises(TooMuch):
        first(read_path("$.lines[?@.b]"), body, sight)


def test_a_body_of_any_depth_is_walked() -> None:
    body: Any = {"gift": "deep"}
    for _ in range(5_000):
        body = {"a": [body]}

    assert at("$..gift", body) == "deep"
