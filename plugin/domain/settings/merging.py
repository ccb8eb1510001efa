"""Two people change one settings file at the same time: both changes in one, as long as they are not of the same value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from plugin.domain.settings.editing import Document

_NOTHING: Final = object()  #: what stands where nothing does

Identity = Callable[[Mapping[str, Any]], tuple[Any, ...]]

#: What makes an entry of a list the same one in another version. The order of rules decides, so they are one value.
_LISTS: Final[Mapping[str, Identity]] = {
    "flows": lambda flow: (flow.get("locale"), flow.get("event")),
    "variables": lambda variable: (variable.get("name"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What comes of it."""

    document: Document
    is_disputed: bool  #: both changed the same value to different ones; ours is in the document


def merge(base: Document, ours: Document, theirs: Document) -> Merged:
    """All that either changed since the base they both began with."""
    walk = _Walk()
    document = walk.mappings(base, ours, theirs)
    return Merged(document=document, is_disputed=walk.is_disputed)


class _Walk:
    def __init__(self) -> None:
        self.is_disputed = False

    def mappings(self, base: Mapping[Any, Any], ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> dict[Any, Any]:
        """By name, in our order where we changed it, else in theirs."""
        first, second = (theirs, ours) if list(ours) == list(base) else (ours, theirs)
        names = [*first, *(name for name in second if name not in first)]
        found = {name: self._value(name, *(each.get(name, _NOTHING) for each in (base, ours, theirs))) for name in names}
        return {name: value for name, value in found.items() if value is not _NOTHING}

    def _value(self, name: Any, base: Any, ours: Any, theirs: Any) -> Any:
        if ours == theirs or theirs == base:
            return ours
        if ours == base:
            return theirs
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            return self.mappings(base if isinstance(base, Mapping) else {}, ours, theirs)
        if (identity := _LISTS.get(name)) and (entries := _entries(identity, base, ours, theirs)):
            return list(self.mappings(*entries).values())
        self.is_disputed = True
        return ours


def _entries(identity: Identity, *lists: Any) -> Sequence[Mapping[tuple[Any, ...], Any]]:
    """Each list's entries by what they are; nothing where one cannot be told from another."""
    found = []
    for entries in lists:
        listed = [] if entries is _NOTHING else entries
        if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
            return ()
        by_identity = {identity(each): each for each in listed}
        if len(by_identity) < len(listed):
            return ()
        found.append(by_identity)
    return found
