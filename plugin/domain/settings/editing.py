"""Changing one part of a settings file and leaving the rest as it is: pure functions over the document."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from plugin.domain.kinds import EventKind
from plugin.domain.secret import Secret
from plugin.domain.settings.reading import VERSION

Document = Mapping[str, Any]

EMPTY: Final[Document] = {"version": VERSION}
SECRETS: Final = frozenset({"event_url", "client_secret", "api_key"})
ABSENT: Final = "–"
MASK: Final = "…"  #: what a secret begins with that is only shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value that is another now."""

    path: str  #: in the file, in dots, counted from 1: `events.order_paid.send`, `flows[1].name`
    before: str  #: secrets only by their last characters
    after: str


def with_event(document: Document, kind: EventKind, event: Mapping[str, Any]) -> Document:
    """The file with this event; an event URL that is not given anew stays."""
    events = document.get("events", {})
    kept = {"event_url": url} if (url := events.get(kind.value, {}).get("event_url")) else {}
    return {**document, "events": {**events, kind.value: {**kept, **event}}}


def with_languages(
    document: Document,
    flows: Sequence[Mapping[str, Any]],
    no_match: Mapping[str, Any],
    rules: Sequence[Mapping[str, Any]] | None = None,
) -> Document:
    """The file with these flows; rules that are not given stay, and where there are none nothing is said of them."""
    changed = {**document, "flows": list(flows), "no_match": dict(no_match)}
    return changed if rules is None or not (rules or document.get("rules")) else changed | {"rules": list(rules)}


def with_variable(document: Document, was: str, variable: Mapping[str, Any] | None) -> Document:
    """The file with this variable in place of the one of that name, or as the last one; without it for None."""
    known: list[Any] = list(document.get("variables", []))
    place = place_of_variable(document, was)
    known[place : place + 1] = [] if variable is None else [dict(variable)]
    return {**document, "variables": known}


def place_of_variable(document: Document, name: str) -> int:
    """Where the variable of this name stands; behind the last one where there is none."""
    names = [each.get("name") for each in document.get("variables", [])]
    return names.index(name) if name in names else len(names)


def with_store(document: Document, store: Mapping[str, Any]) -> Document:
    return {**document, "store": dict(store)}


def with_account(document: Document, account: Mapping[str, Any]) -> Document:
    """The file with this account; secrets that are not given anew stay, an empty text drops one."""
    kept = {name: value for name, value in document.get("account", {}).items() if name in SECRETS}
    return {**document, "account": {name: value for name, value in {**kept, **account}.items() if value != ""}}


def part_of(document: Document, part: Sequence[str]) -> Any:
    """What stands at this place; None when nothing does."""
    found: Any = document
    for name in part:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def differences(before: Document, after: Document, part: Sequence[str] = ()) -> tuple[Difference, ...]:
    """Every value that differs at this place, in the order of the later file."""
    place = ".".join(part)
    old, new = dict(_values(part_of(before, part), place)), dict(_values(part_of(after, part), place))
    paths = [*new, *(path for path in old if path not in new)]
    return tuple(
        Difference(path=path, before=old.get(path, ABSENT), after=new.get(path, ABSENT))
        for path in paths
        if old.get(path) != new.get(path)
    )


def _values(value: Any, path: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _values(entry, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, entry in enumerate(value, start=1):
            yield from _values(entry, f"{path}[{index}]")
    elif value is not None:
        yield path, masked(str(value)) if path.rpartition(".")[2] in SECRETS else str(value)


def masked(secret: str) -> str:
    """Its last characters; what is masked already stays as it is."""
    return secret if secret.startswith(MASK) else str(Secret(secret))
