"""A store's webhook as a tree of fields to choose from, with what may be personal masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from plugin.domain.json_path import LONGEST_PATH
from plugin.domain.json_path.naming import is_short, of_any, of_entry, of_field, of_named
from plugin.domain.own import text_of
from plugin.domain.personal import is_shown

MOST_FIELDS: Final = 500
MOST_ENTRIES: Final = 20  #: of one list
MOST_LEVELS: Final = 11  #: a path takes no more steps
LONGEST_LABEL: Final = 80
LONGEST_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field, or an object or a list with those in it."""

    label: str
    path: str = ""  #: "" where no variable can have it: it is an object or a list, or stands too deep
    within: str = ""  #: the list of names it is offered from, such as note_attributes
    text: str = ""  #: its value; "" where that is masked, and for objects and lists
    length: int = 0  #: characters of a masked value
    is_masked: bool = False
    names: tuple[str, ...] = ()  #: of the fields on the way to it, its own the last
    inner: tuple["Field", ...] = ()
    left_out: int = 0  #: entries of a list that are not shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A webhook to choose from."""

    fields: tuple[Field, ...]
    named: tuple[Field, ...]  #: those that go by names of the merchant's or of an app's
    is_cut: bool  #: there are more fields than are shown

    def field(self, path: str) -> Field | None:
        """The field at this path, where it is shown."""
        return next((one for one in (*self.named, *_all(self.fields)) if one.path == path), None)


def tree_of(body: Mapping[str, Any]) -> Tree:
    """The tree of a webhook's body: its first fields, and of each list the first entries."""
    walk = _Walk()
    fields = walk.inside(body, _Place(path="$", wide="$"))
    return Tree(fields=fields, named=tuple({one.path: one for one in walk.named}.values()), is_cut=walk.left <= 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the walk is."""

    path: str
    wide: str  #: the same in whatever entries of the lists on the way
    names: tuple[str, ...] = ()  #: of the objects' fields on the way, without the places in lists
    steps: int = 0

    def of(self, name: str) -> "_Place":
        return self._onward(of_field(self.path, name), of_field(self.wide, name), name)

    def entry(self, index: int) -> "_Place":
        return self._onward(of_entry(self.path, index), of_any(self.wide))

    def named(self, name: str, names: Mapping[str, str]) -> "_Place":
        """The entry that goes by a name, whatever its place."""
        return self._onward(of_named(self.path, names), of_named(self.wide, names), name)

    def _onward(self, path: str, wide: str, *names: str) -> "_Place":
        """What is too long for a path stays so, but not longer: a name of 5 MB would be copied for each field below it."""
        cut = slice(LONGEST_PATH + 1)
        return _Place(path=path[cut], wide=wide[cut], names=(*self.names, *names), steps=self.steps + 1)


@dataclass(slots=True)
class _Walk:
    left: int = MOST_FIELDS
    named: list[Field] = field(default_factory=list)

    def inside(self, value: Any, place: _Place) -> tuple[Field, ...]:
        """The fields in an object or a list."""
        if place.steps > MOST_LEVELS:
            return ()
        if isinstance(value, Mapping):
            return tuple(self._fields(value, place))
        return tuple(self._entries(value, place)) if isinstance(value, list) else ()

    def _fields(self, value: Mapping[str, Any], place: _Place) -> Iterator[Field]:
        for name, entry in value.items():
            if self.left <= 0:
                return
            found = self._field(name, entry, place.of(name))
            if "metafields" in place.names and found.path and "value" not in value:
                self._offer(name, entry, place.of(name), "metafields")
            yield found

    def _entries(self, value: list[Any], place: _Place) -> Iterator[Field]:
        for index, entry in enumerate(value[:MOST_ENTRIES]):
            if self.left <= 0:
                return
            names = _names_of(entry)
            if not names:
                yield self._field(str(index + 1), entry, place.entry(index))
                continue
            label = " / ".join(names.values())
            its = place.named(label, names)
            self._offer(label, *_value_of(entry, its), place.names[-1] if place.names else "")
            yield self._field(label, entry, its)

    def _field(self, label: str, value: Any, place: _Place) -> Field:
        self.left -= 1
        if isinstance(value, Mapping | list):
            left_out = max(0, len(value) - MOST_ENTRIES) if isinstance(value, list) else 0
            return Field(label=label[:LONGEST_LABEL], inner=self.inside(value, place), left_out=left_out)
        return _leaf(label, value, place)

    def _offer(self, label: str, value: Any, place: _Place, within: str) -> None:
        """A value by a name of its own, in whatever line it stands."""
        found = _leaf(label, value, place)
        if found.path and not isinstance(value, Mapping | list):
            self.named.append(replace(found, path=place.wide, within=within[:LONGEST_LABEL]))


def _leaf(label: str, value: Any, place: _Place) -> Field:
    text, path = text_of(value), place.path if is_short(place.path, place.steps) else ""
    if is_shown(place.names, value):
        return Field(label=label[:LONGEST_LABEL], path=path, names=place.names, text=text[:LONGEST_SHOWN])
    return Field(label=label[:LONGEST_LABEL], path=path, names=place.names, length=len(text), is_masked=True)


def _names_of(entry: Any) -> dict[str, str]:
    """By what a list's entry is found again: `{"name": "gift"}`; nothing where it goes by no name."""
    if not isinstance(entry, Mapping):
        return {}
    attribute = entry.get("attribute")
    if isinstance(attribute, Mapping) and isinstance(entry.get("values"), list):
        return _texts({f"attribute.{name}": attribute.get(name) for name in ("slug",)})
    if "value" not in entry:
        return {}
    return _texts({name: entry.get(name) for name in ("namespace", "key")}) or _texts({"name": entry.get("name")})


def _value_of(entry: Mapping[str, Any], place: _Place) -> tuple[Any, _Place]:
    """What an entry that goes by a name says, and where: of Saleor's attributes the first value's name."""
    if "value" in entry:
        return entry["value"], place.of("value")
    first = next(iter(entry["values"]), None)
    name = first.get("name") if isinstance(first, Mapping) else None
    return name, place.of("values").entry(0).of("name")


def _texts(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: text for name, text in found.items() if isinstance(text, str) and text}


def _all(fields: tuple[Field, ...]) -> Iterator[Field]:
    for one in fields:
        yield one
        yield from _all(one.inner)
