"""The whole body of each kind on each platform, from the signed webhook to what is posted.

`python -m tests.support.platforms.whole` writes them into tests/platforms/golden; read the difference before you commit it.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from plugin.config import Settings
from plugin.domain.contact import tidy_contact
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind, possible
from plugin.domain.routing import Route
from plugin.domain.settings import NO_SETTINGS, PersonalData
from plugin.platforms import discover
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore, open_store
from tests.support.cases.playing import WAIT_MINUTES, staged
from tests.support.cases.stories import Story
from tests.support.databases import settings_for, sqlite_template
from tests.support.platforms.expected import Sample, opened, samples
from tests.support.platforms.shopify.stock import Stock
from tests.support.working import drain

GOLDEN: Final = Path(__file__).resolve().parents[2] / "platforms" / "golden"
TOLD: Final[Mapping[str, Any]] = {
    "share": ["address"],
    "flows": ["en", "de", "pl"],
    "store_answers": Stock(),
    "store": {
        "name": "Harbour", "order_link": "https://shop.example.com/{locale}/orders/{order_number}",
        "cart_link": "https://shop.example.com/{locale}/checkout?checkout={checkout}",
    },
}  # fmt: skip
LONGEST: Final = timedelta(minutes=WAIT_MINUTES + 10)  #: until the last kind leaves: an abandoned cart
STEP_SECONDS: Final = 30
SHARING: Final = replace(NO_SETTINGS, share=frozenset(PersonalData))
_SOMEBODY: Final = tidy_contact(emails=["buyer@example.com"], phones=[])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event that a sample tells."""

    sample: Sample
    event: StoreEvent

    @property
    def webhook_alone(self) -> dict[str, Any]:
        """The body without a question to the store's API; of a sample that names nobody, as if it named somebody."""
        event = self.event if self.event.contact else replace(self.event, contact=_SOMEBODY)
        (body,) = bodies(event, Route(kind=event.kind), None, self.sample.shop, SHARING, lambda address, _: address[:255])
        fields: dict[str, Any] = json.loads(body.text)
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A kind on a platform, and the sample that says most of it."""

    platform: str
    kind: EventKind
    told: Told

    @property
    def path(self) -> Path:
        return GOLDEN / self.platform / f"{self.kind}.json"

    @property
    def name(self) -> str:
        return f"{self.platform}-{self.kind}"

    def play(self, store: SqlStore, settings: Settings) -> str:
        """What the golden file should hold."""
        sample = self.told.sample
        told = {**TOLD, "events": [self.kind.value]}
        story = Story(name=self.name, platform=self.platform, told=told, expected=())
        began = self.told.event.happened_at.astimezone(UTC) + timedelta(seconds=1)
        with staged(story, store, settings, began=began) as stage:
            stage.send({"topic": sample.topic, "body": json.loads(sample.body)})
            drain(stage.worker)
            while not stage.post_box.posted and stage.clock() < began + LONGEST:
                stage.clock.move(seconds=STEP_SECONDS)
                drain(stage.worker)
            posted = [json.loads(claimed.body) for claimed in stage.post_box.posted]
        assert len(posted) == 1, f"{self.name}: {len(posted)} bodies left of {sample.name}"
        return json.dumps(posted[0], ensure_ascii=False, indent=2) + "\n"


@cache
def told_by(platform: str) -> Mapping[EventKind, tuple[Told, ...]]:
    """What the platform's samples tell that makes a letter, by kind."""
    found: dict[EventKind, list[Told]] = {}
    for sample in samples(platform):
        for event in opened(platform).translate(sample.topic, sample.payload, sample.shop).events:
            if event.no_letter or event.is_test or not (event.contact or event.wants):
                continue
            found.setdefault(event.kind, []).append(Told(sample=sample, event=event))
            if KINDS[event.kind].starts_timer and event.contact and event.products:
                abandoned = replace(event, kind=EventKind.CART_ABANDONED)
                found.setdefault(EventKind.CART_ABANDONED, []).append(Told(sample=sample, event=abandoned))
    return {kind: tuple(told) for kind, told in found.items()}


@cache
def wholes() -> tuple[Whole, ...]:
    """Every kind that can happen on every platform."""
    return tuple(
        Whole(platform=name, kind=kind, told=max(told_by(name)[kind], key=lambda told: len(_keys(told))))
        for name in sorted(discover())
        for kind in possible(opened(name).kinds)
    )


def _keys(told: Told) -> set[str]:
    return {name for name, _ in keys_of(told.webhook_alone)}


def keys_of(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every key with something in it, those of lists as `products.product_name`."""
    for name, value in body.items():
        if value == "":
            continue
        yield name, value
        for one in value if isinstance(value, list) else ():
            yield from ((f"{name}.{inner}", told) for inner, told in one.items() if told != "")


@contextmanager
def _new_store(template: Path, folder: Path) -> Iterator[tuple[SqlStore, Settings]]:
    path = folder / "plugin.db"
    shutil.copy(template, path)
    settings = settings_for(f"sqlite:///{path}", PLUGIN_SANDBOX="1")
    store = open_store(settings)
    try:
        yield store, settings
    finally:
        store.close()


def rewrite() -> int:
    """Write every golden file anew; how many changed."""
    changed = 0
    with tempfile.TemporaryDirectory() as base:
        template = sqlite_template(Path(base))
        for whole in wholes():
            with tempfile.TemporaryDirectory() as folder, _new_store(template, Path(folder)) as (store, settings):
                text = whole.play(store, settings)
            if not whole.path.is_file() or text != whole.path.read_text(encoding="utf-8"):
                whole.path.parent.mkdir(parents=True, exist_ok=True)
                whole.path.write_text(text, encoding="utf-8")
                changed += 1
    return changed


if __name__ == "__main__":
    print(f"{rewrite()} golden files rewritten; read the difference before you commit it")
