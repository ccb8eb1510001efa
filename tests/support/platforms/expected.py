"""What every sample means, compared with its file; `python -m tests.support.platforms.expected [platform]` rewrites them.

A sample is `samples/<name>.json`; `samples/<name>.expected.json` holds its topic and its translation.
Read the difference before committing a rewrite: it is what merchants will notice.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import msgspec

import plugin.platforms
from plugin.config import Settings
from plugin.domain.payload import Payload, read_json
from plugin.domain.shop import Shop
from plugin.platforms import discover, find_testkit
from plugin.ports import Platform

PLATFORMS = Path(plugin.platforms.__file__).parent
ENDING = ".expected.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A body a store could send, and what it should mean."""

    platform: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.platform}-{self.path.stem}"

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def payload(self) -> Payload:
        return read_json(self.body, self.topic)

    @property
    def expected_path(self) -> Path:
        return self.path.with_name(self.path.stem + ENDING)

    @property
    def expected(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.expected_path.read_bytes())
        return document

    @property
    def topic(self) -> str:
        return str(self.expected["topic"])

    @property
    def shop(self) -> Shop:
        return find_testkit(self.platform).installation()[0]

    def document(self) -> dict[str, Any]:
        """What the expected file should hold."""
        translation = opened(self.platform).translate(self.topic, self.payload, self.shop)
        return {"topic": self.topic, "translation": said(translation)}


def said(value: Any) -> Any:
    """A value as JSON, without what a dataclass says of itself when nobody says anything."""
    if isinstance(value, tuple):
        return [said(one) for one in value]
    if not is_dataclass(value):
        return msgspec.to_builtins(value)
    told = {field.name: getattr(value, field.name) for field in fields(value) if getattr(value, field.name) != field.default}
    return {name: said(one) for name, one in told.items()}


def opened(name: str) -> Platform:
    """The platform as the testkit opens it."""
    settings = Settings.from_environ({"PUBLIC_URL": "https://plugin.example.com"})
    return discover()[name].open(settings, find_testkit(name).environ)


def samples(platform: str) -> Iterator[Sample]:
    """Every sample of a platform, by name."""
    for path in sorted((PLATFORMS / platform / "samples").glob("*.json")):
        if not path.name.endswith(ENDING):
            yield Sample(platform=platform, path=path)


def all_samples() -> list[Sample]:
    return [sample for name in discover() for sample in samples(name)]


def rewrite(platform: str) -> int:
    """Write what the samples mean now into their expected files; how many changed. The topics stay as written."""
    changed = 0
    for sample in samples(platform):
        text = json.dumps(sample.document(), indent=2, ensure_ascii=False) + "\n"
        if text != sample.expected_path.read_text(encoding="utf-8"):
            sample.expected_path.write_text(text, encoding="utf-8")
            changed += 1
    return changed


if __name__ == "__main__":
    for name in sys.argv[1:] or discover():
        print(f"{name}: {rewrite(name)} expected files rewritten; read the difference before you commit it")
