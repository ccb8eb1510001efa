"""A platform with one shop that installed it, and what could be done to its deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.ports import Platform, RawWebhook
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.expected import opened, samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A platform with one shop that installed it, and a delivery this shop could send."""

    platform: Platform
    shops: FakeShops
    shop: Shop
    topic: str
    body: bytes

    def sign(self, body: bytes | None = None, *, key: str | None = None) -> RawWebhook:
        playing = find_testkit(self.platform.name)
        return playing.webhook(self.topic, self.body if body is None else body, self.shop, key=key)


@cache
def platform_of(name: str) -> Platform:
    """One for all tests, as one process has one: it may remember whom it asked for keys a moment ago."""
    return opened(name)


def a_stand(name: str) -> Stand:
    """This platform and a shop of it, with a new order to tell."""
    shops = FakeShops()
    shop = shops.install(*find_testkit(name).installation(), now=NOON)
    sample = next(sample for sample in samples(name) if sample.path.stem == "order_created")
    return Stand(platform=platform_of(name), shops=shops, shop=shop, topic=sample.topic, body=sample.body)


def signatures(webhook: RawWebhook) -> list[str]:
    names = [name for name in webhook.headers if "signature" in name or "hmac" in name]
    assert names
    return names


def altered(webhook: RawWebhook, changed: Mapping[str, str]) -> RawWebhook:
    return replace(webhook, headers={**webhook.headers, **changed})


def flipped(text: str, position: int) -> str:
    return text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :]
