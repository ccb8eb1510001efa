"""The pretend Shopify around the real platform, over real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from plugin import clock
from plugin.config import Settings
from plugin.platforms.shopify import PLATFORM
from plugin.platforms.shopify.access_tokens import AccessTokens
from plugin.platforms.shopify.api import Admin
from plugin.platforms.shopify.config import ShopifyConfig, read_config
from plugin.platforms.shopify.testing import TESTKIT
from plugin.platforms.shopify.token_endpoint import TokenEndpoint
from plugin.ports import AdminEntry, EarlyResponse, Frame, PageRequest, Platform, Shops, Visitor
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.pretend import PretendShopify
from tests.support.fake_platform import FakeClock
from tests.support.fakes import FakeShops
from tests.support.platforms.shopify.given import SHOP

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
    def admin_entry(self) -> AdminEntry:
        assert self.platform.admin_entry
        return self.platform.admin_entry

    def id_token(self) -> str:
        """A good one. It is made by the real clock, so the pretend Shopify's, which stands still, may not be behind that."""
        self.clock.at = max(self.clock.at, clock.now())
        return TESTKIT.token(SHOP)

    def open(self, path: str = "/shopify", **query: str) -> Frame | EarlyResponse:
        """The document as the admin opens it, with a token that is good unless another is given."""
        usual = {"shop": SHOP.address, "host": "aG9zdA", "embedded": "1", "locale": "pl", "id_token": self.id_token()}
        asked = {name: text for name, text in {**usual, **query}.items() if text}
        request = PageRequest(url=f"{PUBLIC_URL}{path}?{urlencode(asked)}", query=asked, headers={})
        return self.admin_entry.open(request, self.shops, now=clock.now())

    def visit(self, authorization: str) -> Visitor:
        request = PageRequest(url=f"{PUBLIC_URL}/shopify", query={}, headers={"authorization": authorization})
        return self.admin_entry.visitor(request, self.shops, now=clock.now())

    @property
    def access(self) -> dict[str, Any]:
        [found] = self.shops.list()
        return dict(self.shops.access(found.shop.id))

    def access_tokens(self, **changed: Any) -> AccessTokens:
        return AccessTokens(TokenEndpoint(self.config), Admin(self.config.admin_url), **{"now": self.clock, **changed})


@contextmanager
def a_world(**environ: str) -> Iterator[World]:
    moved = FakeClock(at=clock.now())
    pretend = PretendShopify(
        client_id=TESTKIT.environ["SHOPIFY_CLIENT_ID"], client_secret=TESTKIT.environ["SHOPIFY_CLIENT_SECRET"], now=moved
    )
    with serve_in_thread(admin_app(pretend)) as serving:
        pretend.url = serving.url
        given = {
            **TESTKIT.environ, "PUBLIC_URL": PUBLIC_URL, "PLUGIN_SANDBOX": "1",
            "SHOPIFY_ADMIN_URL": f"{serving.url}/{{shop}}", **environ,
        }  # fmt: skip
        settings = Settings.from_environ(given)
        platform, config = PLATFORM.open(settings, given), read_config(settings, given)
        yield World(pretend=pretend, platform=platform, config=config, clock=moved)


HOUR = timedelta(hours=1)
