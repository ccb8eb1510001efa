"""One thing wrong with a manifest, and the small questions every rule asks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong, as appFetchManifest would list it."""

    field: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message} ({self.code})"


def problem(field: str, code: str, message: str) -> Problem:
    return Problem(field=field, code=code, message=message)


def missing(field: str) -> Problem:
    return problem(field, "REQUIRED", "Field required.")


def text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def is_address(value: object, schemes: Sequence[str] = ("http", "https")) -> bool:
    parts = urlsplit(text(value))
    return parts.scheme in schemes and bool(parts.netloc)


def twice(items: Sequence[Mapping[str, Any]], code: str, field: str) -> Iterator[Problem]:
    """Identifiers are unique within one app, and no longer than their column."""
    counts = Counter(str(item["identifier"]) for item in items if item.get("identifier"))
    yield from (problem(field, code, f"{name} is there twice.") for name, count in counts.items() if count > 1)
    yield from (problem(field, "INVALID", "An identifier is longer than 256 characters.") for name in counts if len(name) > 256)
