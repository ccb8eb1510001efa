"""The stories as they lie beside the checkout."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.shared_folder import SHARED

FOLDER = SHARED / "cases"
_MOMENT = re.compile(r"@now(?:([+-][\d.]+)([smhd]))?")
_BLOB = re.compile(r"@blob(\d+)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One case: its steps, with every moment counted from its beginning, and what is expected of it."""

    name: str
    platform: str
    told: Mapping[str, Any]  #: input.json
    expected: Sequence[Mapping[str, Any]]

    @property
    def play(self) -> str:
        """How it is played: "" for webhooks in a row."""
        return str(self.told.get("play", ""))

    @property
    def shops(self) -> Mapping[str, Mapping[str, Any]]:
        """The shops by their letters, with what each changes."""
        named: Mapping[str, Mapping[str, Any]] = self.told.get("shops", {})
        return {"A": {}, **named}


def stories() -> list[Path]:
    """The folders of all cases."""
    return sorted(path.parent for path in FOLDER.glob("*/*/expected.md"))


def read(folder: Path, *, began: datetime) -> Story:
    told = json.loads((folder / "input.json").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expect.json").read_text(encoding="utf-8"))
    return Story(
        name=folder.name,
        platform=folder.parent.name,
        told=filled(told, began),
        expected=filled(expected, began),
    )


def filled(value: Any, began: datetime) -> Any:
    """The value with its moments and blobs written out."""
    if isinstance(value, dict):
        return {key: filled(item, began) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, began) for item in value]
    if not isinstance(value, str):
        return value
    text = _BLOB.sub(lambda found: "iVBORw0KGgo" * (int(found[1]) // 11), value)
    return _MOMENT.sub(lambda found: _moment(found, began), text)


def _moment(found: "re.Match[str]", began: datetime) -> str:
    shift = timedelta(**{_UNITS[found[2]]: float(found[1])}) if found[1] else timedelta(0)
    return (began + shift).isoformat()
