"""A Shopify shop to test with: installed, signed for, and bodies to change."""

import json
from pathlib import Path
from typing import Any

import plugin.platforms.shopify
from plugin.config import Settings
from plugin.domain.event import StoreEvent
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload, read_json
from plugin.domain.shop import Shop
from plugin.platforms.shopify import PLATFORM
from plugin.platforms.shopify.testing import TESTKIT
from plugin.ports import Platform
from tests.support.builders import NOON
from tests.support.fakes import FakeShops

FOLDER = Path(plugin.platforms.shopify.__file__).parent
SHOP, ACCESS = TESTKIT.installation()


def opened(**environ: str) -> Platform:
    """The platform with the testkit's variables, some of them changed."""
    changed = dict(TESTKIT.environ) | environ
    return PLATFORM.open(Settings.from_environ(changed), changed)


def installed(shop: Shop = SHOP) -> tuple[FakeShops, Shop]:
    shops = FakeShops()
    return shops, shops.install(shop, ACCESS, now=NOON)


def a_body(sample: str, **changed: Any) -> Payload:
    """A sample's body with other values at its top."""
    document = json.loads((FOLDER / "samples" / f"{sample}.json").read_bytes())
    return read_json(json.dumps(document | changed).encode(), sample)


def meaning(topic: str, sample: str, **changed: Any) -> Translation:
    return opened().translate(topic, a_body(sample, **changed), SHOP)


def the_event(topic: str, sample: str, **changed: Any) -> StoreEvent:
    """The only event of a body, or the last of two: a checkout's change comes after its start."""
    *_, event = meaning(topic, sample, **changed).events
    return event
