"""Bodies to damage, by platform and topic: the samples, and the cases and the corpus where they lie beside the checkout."""

import csv
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from plugin.platforms.saleor import manifest
from tests.support.builders import NOON
from tests.support.cases import saleor_aliases
from tests.support.cases.stories import read, stories
from tests.support.platforms.expected import opened, samples
from tests.support.shared_folder import SHARED

LONGEST = 200_000  #: bytes; a longer one is read once by another test, not thousands of times by these

CORPUS = SHARED / "corpus"


@cache
def seeds(platform: str) -> dict[str, tuple[bytes, ...]]:
    """Every topic the platform understands, with the bodies we have of it."""
    topics: dict[str, list[bytes]] = {topic: [] for topic in sorted(opened(platform).topics)}
    for topic, body in (*_samples(platform), *_cases(platform), *CORPORA.get(platform, _nothing)()):
        if topic in topics and len(body) <= LONGEST:
            topics[topic].append(body)
    return {topic: tuple(dict.fromkeys(bodies)) for topic, bodies in topics.items()}


def _samples(platform: str) -> Iterator[tuple[str, bytes]]:
    return ((sample.topic, sample.body) for sample in samples(platform))


def _cases(platform: str) -> Iterator[tuple[str, bytes]]:
    for folder in stories():
        if folder.parent.name == platform:
            yield from (_told(platform, step) for step in _steps(read(folder, began=NOON).told.get("steps", [])))


def _steps(steps: list[Any]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield from _steps(step["together"]) if "together" in step else [step] if "topic" in step else []


def _told(platform: str, step: dict[str, Any]) -> tuple[str, bytes]:
    topic, body = step["topic"], step["body"]
    if platform == "saleor" and topic in manifest.events():
        body = saleor_aliases.aliased(topic, body)
    return topic, json.dumps(body).encode()


def _shopify_corpus() -> Iterator[tuple[str, bytes]]:
    index = CORPUS / "shopify" / "index.csv"
    rows = csv.DictReader(index.read_text(encoding="utf-8").splitlines()) if index.exists() else ()
    return ((row["topic"], (CORPUS / "shopify" / row["file"]).read_bytes()) for row in rows)


def _saleor_corpus() -> Iterator[tuple[str, bytes]]:
    for path in sorted((CORPUS / "saleor").glob("*.headers.json")):
        headers = {name.lower(): value for name, value in json.loads(path.read_bytes())["headers"]}
        yield headers.get("saleor-event", ""), path.with_name(path.name.replace(".headers.json", ".body")).read_bytes()


def _nothing() -> Iterator[tuple[str, bytes]]:
    return iter(())


CORPORA = {"shopify": _shopify_corpus, "saleor": _saleor_corpus}
