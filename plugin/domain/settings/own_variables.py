"""What a settings file may say of the merchant's own variables."""

from collections.abc import Mapping
from typing import Any, Final

from plugin.domain.excerpts import found, kind_of
from plugin.domain.json_path import read_path
from plugin.domain.json_path.trouble import BadPath
from plugin.domain.kinds import EventKind
from plugin.domain.own import MOST, NAME, OURS, RESERVED, OwnType, OwnVariable, date_of, number_of
from plugin.domain.settings import values as check
from plugin.domain.settings.values import Check, Wrong
from plugin.domain.settings.walking import Walk
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

_PLACE: Final = "$.variables"
_ANY_ZONE: Final = Shop(id=0, platform="", address="").zone


class VariablesReading(Walk):
    """Reads `variables`.

    What stands in `known`, the file as it is stored, was taken when it was written: a later version of the app may have a key
    of that name or refuse such a path, and must not lose a shop's settings for it, nor keep its merchant from changing others.
    """

    def __init__(self, known: object = None) -> None:
        super().__init__()
        entries = known.get("variables") if isinstance(known, dict) else None
        self._known = entries if isinstance(entries, list) else []

    def variables(self, variables: object) -> tuple[OwnVariable, ...]:
        read: dict[str, OwnVariable] = {}
        places: dict[str, str] = {}
        if isinstance(variables, list) and len(variables) > MOST:
            many = worded("found a list of %(count)s entries; enter at most %(most)s.", count=len(variables), most=MOST)
            self.note(_PLACE, many)
            return ()
        for item, path in self.items(variables, _PLACE):
            variable = self._variable(item, path)
            if variable and places.setdefault(variable.name, path) != path:
                twice = worded(
                    "is also the name of %(place)s; give each variable a name of its own.", place=places[variable.name]
                )
                self.note(f"{path}.name", twice)
            elif variable:
                read[variable.name] = variable
        return tuple(read.values())

    def _variable(self, item: object, path: str) -> OwnVariable | None:
        checks = _TAKEN if item in self._known else _CHECKS
        fields = self.required(item, path, checks, ("name", "type"))
        if not isinstance(item, dict):
            return None
        kinds = self._kinds(item, path)
        self._source(item, fields, path)
        if not fields.keys() >= {"name", "type"}:
            return None
        return OwnVariable(**{name: fields[name] for name in fields if name != "events"}, kinds=kinds)

    def _kinds(self, item: Mapping[str, Any], path: str) -> tuple[EventKind, ...]:
        entries = self.items(item.get("events", []), f"{path}.events")
        kinds = [kind for entry, place in entries for kind in self.checked(entry, place, _KIND)]
        if item.get("events") == []:
            self.note(f"{path}.events", worded("names no event; leave this key out to have the variable in all of them."))
        return tuple(dict.fromkeys(kinds))

    def _source(self, item: Mapping[str, Any], fields: Mapping[str, Any], path: str) -> None:
        """A constant or a place, not both, and a constant that is of the variable's type."""
        if "value" in item and "path" in item:
            self.note(f"{path}.path", worded("cannot be used together with a value; keep one of the two."))
        if "value" not in item and "path" not in item:
            self.note(f"{path}.value", worded("is missing; enter a value, or the path of a field in your store's webhooks."))
        if "value" in fields and "type" in fields:
            try:
                _constant(fields["value"], fields["type"])
            except Wrong as error:
                self.note(f"{path}.value", error.said)


def name(value: object) -> str:
    """The name of a variable: one that is neither ours nor SendPulse's own."""
    text = name_as_written(value)
    if text in OURS:
        raise Wrong(worded("%(word)s is already a variable of this app; choose another name.", word=text))
    if text in RESERVED:
        raise Wrong(worded("%(word)s has a meaning of its own in SendPulse; choose another name.", word=text))
    return text


def name_as_written(value: object) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise Wrong(
            worded(
                "found %(found)s; enter a name that starts with a letter: 1 to 64 lowercase letters a to z, digits and "
                "underscores.",
                found=found(value),
            )
        )
    return value


def path(value: object) -> str:
    """The place of a field in the store's webhooks; refused where finding it could take long."""
    text = check.text(value)
    try:
        return read_path(text).text
    except BadPath as error:
        raise Wrong(error.said) from error


def _constant(value: object, type: OwnType) -> None:
    """Raises `Wrong` when this is no constant of the type."""
    if type is OwnType.NUMBER:
        if number_of(str(value)) is None:
            raise Wrong(worded("found %(found)s; enter a number, such as 12.50.", found=found(value)))
    elif not isinstance(value, str) or not value.strip():
        raise Wrong(worded("found %(found)s; enter a text.", found=kind_of(value) if value != "" else found(value)))
    elif type is OwnType.DATE and not date_of(value, _ANY_ZONE):
        raise Wrong(worded("found %(found)s; enter a date, such as 2026-12-24.", found=found(value)))


def _value(value: object) -> str | int | float:
    """A constant of any type."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return check.text(value)


_KIND: Final = check.word_of(EventKind)
_TAKEN: Final[Mapping[str, Check]] = {
    "name": name_as_written,
    "type": check.word_of(OwnType),
    "value": _value,
    "path": check.text,
    "events": lambda events: events,  # read entry by entry
}
_CHECKS: Final[Mapping[str, Check]] = {**_TAKEN, "name": name, "path": path}
