"""The folder as the rest of the app sees it, and the app as Shopify sees it."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugin.config import BadEnvironment, Settings
from plugin.domain.errors import Misconfigured
from plugin.platforms.shopify import PLATFORM
from plugin.platforms.shopify.config import REAL_ADMIN_URL, read_config
from plugin.platforms.shopify.testing import TESTKIT
from plugin.platforms.shopify.translate import TRANSLATORS
from tests.support.fakes import FakeShops
from tests.support.platforms.shopify.admin import a_place, data, running
from tests.support.platforms.shopify.given import SHOP, installed, opened, the_event

TOML = Path(__file__).resolve().parents[3] / "shopify.app.toml"


@pytest.fixture(scope="module")
def app() -> dict[str, Any]:
    return tomllib.loads(TOML.read_text(encoding="utf-8"))


def admin_url(**environ: str) -> str:
    return read_config(Settings.from_environ(environ), environ).admin_url


def test_the_folder_is_named_after_itself() -> None:
    assert PLATFORM.name == opened().name == SHOP.platform == "shopify"


def test_it_opens_without_any_variable() -> None:
    assert PLATFORM.open(Settings.from_environ({}), {}).topics == frozenset(TRANSLATORS)


def test_only_the_sandbox_may_ask_another_host() -> None:
    pretend = "http://127.0.0.1:9/{shop}"

    assert admin_url(SHOPIFY_ADMIN_URL=pretend) == REAL_ADMIN_URL == "https://{shop}"
    assert admin_url(SHOPIFY_ADMIN_URL=f"{pretend}/", PLUGIN_SANDBOX="1") == pretend
    assert admin_url(PLUGIN_SANDBOX="1") == REAL_ADMIN_URL


@pytest.mark.parametrize("found", ["", "{shop}", "ftp://x", "https://", "https://x?y=1", "https://x#y"])
def test_a_pretend_host_that_is_no_address_stops_the_start(found: str) -> None:
    with pytest.raises(BadEnvironment, match="SHOPIFY_ADMIN_URL"):
        admin_url(SHOPIFY_ADMIN_URL=found, PLUGIN_SANDBOX="1")


@pytest.mark.parametrize("text", ["demo.myshopify.com", "https://Demo.myshopify.com/admin", "demo", " demo.myshopify.com\n"])
def test_a_shop_s_address_is_written_one_way(text: str) -> None:
    assert opened().clean_address(text) == "demo.myshopify.com"


@pytest.mark.parametrize("text", ["", "demo.example", "https://demo.example", "http://[", "demo.myshopify.com.evil.example"])
def test_an_address_of_no_shop_is_refused_with_what_one_looks_like(text: str) -> None:
    with pytest.raises(Misconfigured, match=r"demo\.myshopify\.com"):
        opened().clean_address(text)


def test_a_token_given_by_hand_is_kept_as_access() -> None:
    assert opened().access_from_token(" shpat_made_up\n") == {"access_token": "shpat_made_up"}


@pytest.mark.parametrize("token", ["", "  ", "two words", "ż", "a\nb"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Misconfigured, match="access token"):
        opened().access_from_token(token)


def test_the_platform_completes_through_its_own_admin_address() -> None:
    with running(data({"nodes": []})) as admin:
        platform = opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=admin.url)
        platform.complete(the_event("orders/paid", "order_created"), a_place())

    assert len(admin.questions) == 1


def test_there_are_no_pages_yet() -> None:
    assert opened().pages(FakeShops()) is None


@pytest.mark.parametrize("topic", sorted(TRANSLATORS))
def test_a_rehearsed_webhook_comes_in(topic: str) -> None:
    shops, shop = installed(replace(SHOP, address="other.myshopify.com"))

    webhook = opened().verify(TESTKIT.webhook(topic, b"{}", shop), shops)

    assert (webhook.shop, webhook.topic) == (shop, topic)


def test_rehearsed_webhooks_are_different_deliveries_unless_named() -> None:
    keys = {TESTKIT.webhook("orders/paid", b"{}", SHOP).headers["x-shopify-webhook-id"] for _ in range(2)}

    assert len(keys) == 2
    assert TESTKIT.webhook("orders/paid", b"{}", SHOP, key="k").headers["x-shopify-webhook-id"] == "k"
