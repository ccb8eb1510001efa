"""Bodies with holes, and bodies that are none."""

from collections.abc import Iterator
from typing import Any

HOLES: tuple[object, ...] = (None, "", [], {}, 0)

# A body of these reaches the reader only by a rightly signed request, so the store sent it.
STRANGE = {
    "nothing": b"",
    "no JSON": b"order=1",
    "a list": b"[]",
    "a number": b"1",
    "not a number": b'{"id": NaN}',
    "no text": b"\xff\xfe\x00",
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep lists": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "endless number": b'{"id": ' + b"9" * 5_000 + b"}",
}


def punched(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """The value with each part of it, in turn, taken out or replaced by each kind of hole."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield f"{path}.{name} left out", {other: kept for other, kept in value.items() if other != name}
            for where, hole in _filled(part, f"{path}.{name}"):
                yield where, {**value, name: hole}
    if isinstance(value, list):
        for index, part in enumerate(value):
            for where, hole in _filled(part, f"{path}[{index}]"):
                yield where, [*value[:index], hole, *value[index + 1 :]]


def _filled(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    for hole in HOLES:
        yield f"{path} = {hole!r}", hole
    yield from punched(part, path)
