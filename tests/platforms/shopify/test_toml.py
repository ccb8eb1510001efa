"""shopify.app.toml by every rule the Shopify CLI checks before it deploys."""

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from shopify import ApiAccess

from plugin.platforms.shopify.config import API_VERSION
from plugin.platforms.shopify.storefront import READ_MARKETS, READ_TRANSLATIONS
from plugin.platforms.shopify.translate import TRANSLATORS, UNASKED
from tests.support.platforms.shopify.given import opened

TOML = Path(__file__).resolve().parents[3] / "shopify.app.toml"
KNOWN = {"client_id", "name", "handle", "application_url", "embedded", "access", "access_scopes", "auth", "webhooks"}
COMPLIANCE = {"customers/data_request", "customers/redact", "shop/redact"}
# Which scope each family of topics needs, by the schema's WebhookSubscriptionTopic.
SCOPES = {"orders": "read_orders", "refunds": "read_orders", "carts": "read_orders", "checkouts": "read_orders",
          "customers": "read_customers", "customers_email_marketing_consent": "read_customers",
          "customers_marketing_consent": "read_customers", "products": "read_products", "app": "", "shop": ""}  # fmt: skip


@pytest.fixture(scope="module")
def app() -> dict[str, Any]:
    return tomllib.loads(TOML.read_text(encoding="utf-8"))


def subscriptions(app: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = app["webhooks"]["subscriptions"]
    return found


def test_it_has_every_section_and_no_word_the_cli_does_not_know(app: dict[str, Any]) -> None:
    assert set(app) == KNOWN
    assert app["access"] == {"admin": {"direct_api_mode": "offline", "embedded_app_direct_api_access": False}}
    assert set(app["webhooks"]) == {"api_version", "subscriptions"}
    assert all(set(each) <= {"uri", "topics", "compliance_topics"} for each in subscriptions(app))


def test_name_and_handle_are_within_their_limits(app: dict[str, Any]) -> None:
    assert 0 < len(app["name"]) <= 30
    assert re.fullmatch(r"[a-z0-9-]{1,255}", app["handle"])
    assert app["client_id"]


def test_every_address_is_https_and_of_one_host(app: dict[str, Any]) -> None:
    addresses = [app["application_url"], *app["auth"]["redirect_urls"], *(each["uri"] for each in subscriptions(app))]

    assert {urlsplit(address).scheme for address in addresses} == {"https"}
    assert len({urlsplit(address).netloc for address in addresses}) == 1
    assert not any(urlsplit(address).query or urlsplit(address).fragment for address in addresses)


def test_the_app_opens_where_the_door_is(app: dict[str, Any]) -> None:
    door = opened().admin_entry

    assert door
    assert urlsplit(app["application_url"]).path == door.entry
    assert app["application_url"] in app["auth"]["redirect_urls"]
    assert app["embedded"] is True


def test_the_scopes_are_enough_for_every_topic_and_only_read(app: dict[str, Any]) -> None:
    asked = ApiAccess(app["access_scopes"]["scopes"])
    needed = {SCOPES[topic.partition("/")[0]] for each in subscriptions(app) for topic in each.get("topics", ())} - {""}

    assert asked.covers(ApiAccess(sorted(needed | {"read_locales"})))
    assert all(scope.startswith("read_") for scope in app["access_scopes"]["scopes"].split(","))
    assert set(app["access_scopes"]) == {"scopes", "optional_scopes"}  # the present way to install, not the legacy one


def test_what_only_some_shops_need_is_optional(app: dict[str, Any]) -> None:
    optional = set(app["access_scopes"]["optional_scopes"])

    assert optional >= {READ_MARKETS, READ_TRANSLATIONS}
    assert all(scope.startswith("read_") for scope in optional)
    assert not optional & set(app["access_scopes"]["scopes"].split(","))


def test_no_topic_is_subscribed_to_twice_at_one_address(app: dict[str, Any]) -> None:
    named = [(each["uri"], topic) for each in subscriptions(app)
             for topic in each.get("topics", []) + each.get("compliance_topics", [])]  # fmt: skip

    assert len(named) == len(set(named))


def test_the_app_subscribes_to_what_the_code_understands(app: dict[str, Any]) -> None:
    subscriptions = app["webhooks"]["subscriptions"]
    topics = [topic for each in subscriptions for topic in each.get("topics", []) + each.get("compliance_topics", [])]

    assert len(topics) == len(set(topics))
    assert set(topics) == set(TRANSLATORS) - UNASKED


def test_the_privacy_topics_are_declared_as_such(app: dict[str, Any]) -> None:
    (compliance,) = [each["compliance_topics"] for each in app["webhooks"]["subscriptions"] if "compliance_topics" in each]

    assert set(compliance) == {"customers/data_request", "customers/redact", "shop/redact"}


def test_the_app_pins_the_version_the_code_asks(app: dict[str, Any]) -> None:
    assert app["webhooks"]["api_version"] == API_VERSION


def test_every_subscription_leads_to_the_one_webhook_address(app: dict[str, Any]) -> None:
    host = app["application_url"].removesuffix("/shopify")

    assert {each["uri"] for each in app["webhooks"]["subscriptions"]} == {f"{host}/webhooks/shopify"}
    assert all(address.startswith(f"{host}/") for address in app["auth"]["redirect_urls"])
