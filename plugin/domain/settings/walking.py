"""Walking through the objects and lists of a settings file, noting what is wrong with it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from plugin.domain.excerpts import is_safe_to_quote, kind_of, nearest
from plugin.domain.settings.values import Check, Wrong
from plugin.domain.wording import Sentence, worded
from plugin.turns import giving_way

MOST_ITEMS: Final = 500  #: flows, or rules: every language for every kind of event is fewer
MOST_ERRORS: Final = 100  #: nobody mends more at a time; each is worded, translated and shown
MOST_SUGGESTIONS: Final = 20  #: of these errors: to look for what was meant takes as long as to read ten entries


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsError:
    """One thing wrong in a settings file."""

    path: str  #: `$.flows[1].automation_id`
    message: Sentence  #: what was found and what would do; never a secret

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


Unknown = Callable[[str, list[str]], Sentence]  #: what is said of a name that is none of these, but perhaps near one


def _no_key(near: str, known: list[str]) -> Sentence:
    if near:
        return worded("is not a key we know. Did you mean %(word)s?", word=near)
    return worded("is not a key we know. Known: %(known)s.", known=", ".join(known))


class Walk:
    """One walk through a file: notes the errors it has and goes on with what is left, until there are too many."""

    def __init__(self) -> None:
        self.errors: list[SettingsError] = []

    def required(self, item: object, path: str, checks: Mapping[str, Check], required: Iterable[str]) -> dict[str, Any]:
        """The right values of an object that must have these."""
        fields = self.fields(item, path, checks)
        for name in required:
            if isinstance(item, dict) and name not in item:
                self.note(f"{path}.{name}", worded("is missing."))
        return fields

    def fields(self, item: object, path: str, checks: Mapping[str, Check]) -> dict[str, Any]:
        """The right values of an object, checked."""
        right: dict[str, Any] = {}
        for name, entry in (self.known(item, path, checks) or {}).items():
            for value in self.checked(entry, f"{path}.{name}", checks[name]):
                right[name] = value
        return right

    def checked(self, entry: object, path: str, check: Check) -> Iterator[Any]:
        """One value of a list, where it is right."""
        try:
            yield check(entry)
        except Wrong as error:
            self.note(path, error.suggesting() if self._suggests else error.said)

    def known(self, item: object, path: str, known: Iterable[str], *, unknown: Unknown = _no_key) -> dict[str, Any] | None:
        """The known keys of an object; None when it is none."""
        if not isinstance(item, dict):
            self.note(path, worded("found %(found)s; enter an object in braces.", found=kind_of(item)))
            return None
        names = list(known)
        for key in self._until_too_many(key for key in item if key not in names):
            self.note(path + _step(key), unknown(nearest(key, names) if self._suggests else "", names))
        return {name: item[name] for name in item if name in names}

    def items(self, items: object, path: str) -> Iterator[tuple[object, str]]:
        """The entries of a list, each with its place; whoever reads them gives way, as a list may be long."""
        if isinstance(items, list) and len(items) <= MOST_ITEMS:
            for index, item in enumerate(giving_way(self._until_too_many(items))):
                yield item, f"{path}[{index}]"
        elif isinstance(items, list):
            many = worded("found a list of %(count)s entries; enter at most %(most)s.", count=len(items), most=MOST_ITEMS)
            self.note(path, many)
        else:
            self.note(path, worded("found %(found)s; enter a list in square brackets.", found=kind_of(items)))

    def note(self, path: str, message: Sentence) -> None:
        """One more error; the last of those that are noted says that there may be more."""
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(SettingsError(path=path, message=message))
        elif len(self.errors) == MOST_ERRORS:
            more = worded("more than %(most)s mistakes; fix these, and the others are shown.", most=MOST_ERRORS)
            self.errors.append(SettingsError(path="$", message=more))

    @property
    def _suggests(self) -> bool:
        return len(self.errors) < MOST_SUGGESTIONS

    def _until_too_many(self, entries: Iterable[Any]) -> Iterator[Any]:
        for entry in entries:
            if len(self.errors) > MOST_ERRORS:
                return
            yield entry


def _step(key: object) -> str:
    """One step of a JSON path; a key that could be a secret in the wrong place is not repeated."""
    name = str(key)
    if not is_safe_to_quote(name):
        return "[…]"
    return f".{name}" if re.fullmatch(r"\w[\w-]*", name) else f'["{name}"]'
