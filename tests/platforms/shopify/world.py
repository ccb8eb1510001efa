"""The pretend Shopify around the real platform, over real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from plugin import clock
from plugin.config import Settings
from plugin.platforms.shopify import PLATFORM
from plugin.platforms.shopify.api import Admin
from plugin.platforms.shopify.authority import Authority
from plugin.platforms.shopify.config import ShopifyConfig, read_config
from plugin.platforms.shopify.grants import Grants
from plugin.platforms.shopify.rehearsal import REHEARSAL
from plugin.ports import Detour, Door, Frame, PageRequest, Platform, Shops, Visitor
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.shopify.admin import admin_app
from plugin.sandbox.shopify.pretend import PretendShopify
from tests.fakes import FakeShops
from tests.platforms.shopify.given import SHOP
from tests.players import FakeClock

PUBLIC_URL = "https://app.example.com"


@dataclass(kw_only=True)
class World:
    """One pretend Shopify, our platform, and who has installed it."""

    pretend: PretendShopify
    platform: Platform
    config: ShopifyConfig
    shops: Shops = field(default_factory=FakeShops)
    clock: FakeClock

    @property
    def door(self) -> Door:
        assert self.platform.door
        return self.platform.door

    def id_token(self) -> str:
        """A good one. It is made by the real clock, so the pretend Shopify's, which stands still, may not be behind that."""
        self.clock.at = max(self.clock.at, clock.now())
        return REHEARSAL.token(SHOP)

    def open(self, path: str = "/shopify", **query: str) -> Frame | Detour:
        """The document as the admin opens it, with a token that is good unless another is given."""
        usual = {"shop": SHOP.address, "host": "aG9zdA", "embedded": "1", "locale": "pl", "id_token": self.id_token()}
        asked = {name: text for name, text in {**usual, **query}.items() if text}
        words = "&".join(f"{name}={text}" for name, text in asked.items())
        request = PageRequest(url=f"{PUBLIC_URL}{path}?{words}", query=asked, headers={})
        return self.door.open(request, self.shops, now=clock.now())

    def visit(self, authorization: str) -> Visitor:
        request = PageRequest(url=f"{PUBLIC_URL}/shopify", query={}, headers={"authorization": authorization})
        return self.door.visitor(request, self.shops, now=clock.now())

    @property
    def access(self) -> dict[str, Any]:
        [found] = self.shops.list()
        return dict(self.shops.access(found.shop.id))

    def grants(self, **changed: Any) -> Grants:
        return Grants(Authority(self.config), Admin(self.config.admin_url), **{"now": self.clock, **changed})


@contextmanager
def a_world(**environ: str) -> Iterator[World]:
    moved = FakeClock(at=clock.now())
    pretend = PretendShopify(
        client_id=REHEARSAL.environ["SHOPIFY_CLIENT_ID"], client_secret=REHEARSAL.environ["SHOPIFY_CLIENT_SECRET"], now=moved
    )
    with serve_in_thread(admin_app(pretend)) as serving:
        pretend.url = serving.url
        given = {
            **REHEARSAL.environ, "PUBLIC_URL": PUBLIC_URL, "PLUGIN_SANDBOX": "1",
            "SHOPIFY_ADMIN_URL": f"{serving.url}/{{shop}}", **environ,
        }  # fmt: skip
        settings = Settings.from_environ(given)
        platform, config = PLATFORM.open(settings, given), read_config(settings, given)
        yield World(pretend=pretend, platform=platform, config=config, clock=moved)


HOUR = timedelta(hours=1)
