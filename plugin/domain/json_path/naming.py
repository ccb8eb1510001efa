"""Writing the path of a value that somebody points at."""

import re
from collections.abc import Mapping
from typing import Final

from plugin.domain.json_path import LONGEST_PATH, MOST_STEPS

_SHORT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def of_field(path: str, name: str) -> str:
    """The path of an object's field."""
    return f"{path}.{name}" if _SHORT.fullmatch(name) else f"{path}[{quoted(name)}]"


def of_entry(path: str, index: int) -> str:
    """The path of a list's entry."""
    return f"{path}[{index}]"


def of_named(path: str, names: Mapping[str, str]) -> str:
    """The path of a list's first entry whose fields say this, wherever in the list it stands: `{"name": "gift"}`."""
    return f"{path}[?{' && '.join(f'@.{field}=={quoted(name)}' for field, name in names.items())}]"


def of_any(path: str) -> str:
    """The path of whatever stands in a list."""
    return f"{path}[*]"


def is_short(path: str, steps: int) -> bool:
    """Whether a path of so many steps is one that a variable may have."""
    return len(path) <= LONGEST_PATH and steps <= MOST_STEPS and path.isprintable()


def quoted(name: str) -> str:
    """A name in quotes, as RFC 9535 reads it."""
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
