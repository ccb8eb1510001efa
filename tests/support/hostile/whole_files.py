"""Settings files as large as one may be, each of what takes longest to read, and the longest time one reads without a pause."""

import json
from collections.abc import Callable, Iterator
from random import Random
from string import ascii_lowercase, ascii_uppercase, digits
from time import thread_time
from typing import Any, Final

from plugin.domain.kinds import EventKind
from plugin.domain.settings.values import LONGEST_LOCALE, LONGEST_TEXT
from plugin.domain.settings.walking import MOST_ITEMS
from plugin.turns import PAUSE_SECONDS
from plugin.web.pages.store.reading import MAX_LENGTH, MOST_ENTRIES
from tests.support.own_time import own_time

_KINDS: Final = [kind.value for kind in EventKind]
_UNITS: Final = (
    *("[],", "{},", '{"":0},', '"",', "1e9,", "1.1,", "[[],", '{"a":', "[", "{", " ", '"\\u1234",', f"{'9' * 4299},"),
)


def _placed(number: int, path: str) -> dict[str, Any]:
    return {"name": f"mine_{number}", "type": "text", "path": path, "events": _KINDS}


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Parsed files, each with its name: what a mistake, a locale or a word costs, as often as a file may have it."""
    random = Random(7)

    def letters(count: int, among: str = ascii_lowercase) -> str:
        return "".join(random.choices(among, k=count))

    def shuffled() -> str:
        """A word as near to those we know as can be, and none of them."""
        word = random.choice(_KINDS)
        return "".join(random.sample(word, len(word)))

    for name, count, among in (
        ("variants", 4, digits),
        ("long variants", 8, ascii_lowercase),
        ("words", 5, ascii_lowercase),
        ("extended languages", 3, ascii_lowercase),
        ("scripts", 4, ascii_lowercase),
        ("countries", 2, ascii_uppercase),
        ("singles", 1, ascii_lowercase),
    ):
        for language in ("zh", "en"):
            tags = ("-".join([language, *(letters(count, among) for _ in range(12))]) for _ in range(MOST_ITEMS))
            yield f"{name} of {language}", _flows_in([tag[:LONGEST_LOCALE] for tag in tags])
    yield "locales of any length", _flows_in([letters(700, "zhen-0123_ßİ漢é") for _ in range(MOST_ITEMS)])
    yield "names of languages", _flows_in([letters(30, "漢字ＡＢpolski") for _ in range(MOST_ITEMS)])
    event = {"locale": "en", "automation_id": 1}
    rule = {"channel": "a", "automation_id": 1}
    near = [{"event": shuffled()} for _ in range(MOST_ITEMS)]
    yield "near words", _file([event | each for each in near], [rule | each for each in near])
    yield "near keys", _file([{shuffled(): 1 for _ in range(9)} for _ in range(500)], [])
    yield "long keys", {"version": 1} | {shuffled() + letters(230): 1 for _ in range(1_500)}
    yield "near events", {"version": 1, "events": {shuffled(): {} for _ in range(10_000)}}
    yield "full texts", _file([event | {"name": letters(LONGEST_TEXT, "éß漢")} for _ in range(500)], [rule] * 500)
    paths = (letters(250, "abc.[]?@=='&|(!$*") for _ in range(30))
    tests = "||".join(f"@.{letter}=='é'" for letter in "abcde")
    yield "odd paths", {"version": 1, "variables": [_placed(number, f"$.{path}") for number, path in enumerate(paths)]}
    yield "long paths", {
        "version": 1, "variables": [_placed(number, f"$.a{number}" + f"[?{tests}]" * 4) for number in range(30)]
    }  # fmt: skip
    yield "too many", _file([event] * 9_000, [])
    yield "one text", {"version": 1, "store": dict.fromkeys(("name", "link", "product_link", "timezone"), "{locale}" * 12_000)}


def _flows_in(locales: list[str]) -> dict[str, Any]:
    return _file([{"locale": locale, "automation_id": 1} for locale in locales], [])


def _file(flows: list[dict[str, Any]], rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"version": 1, "flows": flows, "rules": rules}


def texts() -> Iterator[tuple[str, str]]:
    """Files as they are pasted, as long as one may be."""
    for unit in _UNITS:
        yield unit, '{"a":[' + (unit * MAX_LENGTH)[: MAX_LENGTH - 9] + "0]}"
    for unit, entries in (("[],", 2), ('{"":0},', 2), ("1.1,", 1), ('{"":0,"a":1e9},', 3)):
        yield f"not too many {unit}", '{"a":[' + unit * (MOST_ENTRIES // entries - 2) + "0]}"
    yield "keys", "{" + ",".join(f'"{number}":0' for number in range(MAX_LENGTH // 10)) + "}"
    yield from ((name, json.dumps(document)) for name, document in documents())


class Pauses:
    """Stands in place of the clock by which long work is cut into turns, and measures what is computed between two pauses."""

    def __init__(self, monotonic: Callable[[], float] = thread_time) -> None:
        self.monotonic = monotonic
        self.longest, self._since = 0.0, monotonic()

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= PAUSE_SECONDS
        self._end()

    def longest_of(self, act: Callable[[], object]) -> float:
        """Seconds of this thread, of the longest piece."""
        with own_time():
            self.longest, self._since = 0.0, self.monotonic()
            act()
            self._end()
        return self.longest

    def _end(self) -> None:
        now = self.monotonic()
        self.longest, self._since = max(self.longest, now - self._since), now
