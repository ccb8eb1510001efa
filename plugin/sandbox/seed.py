"""Puts the demo's shops and settings into the app; again changes nothing."""

import time
from collections.abc import Mapping
from typing import Any

from plugin import clock
from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import possible
from plugin.domain.shop import Shop
from plugin.sandbox import demo
from plugin.sandbox.saleor.install import install
from plugin.sandbox.saleor.pretend import PretendSaleor
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.sandbox.shopify.pretend import PretendShopify
from plugin.upkeep.install import add_shop, import_settings
from plugin.upkeep.platform_sync import sync_due
from plugin.wiring import Services

WHO = "sandbox"
MOST_SECONDS, LOOK_SECONDS = 20.0, 0.05


def seed_shopify(services: Services, pretend: PretendShopify, sendpulse: PretendSendPulse) -> Shop:
    """Add the demo shop as a custom app's would be: with a token the merchant pasted."""
    pretend.install(demo.SHOPIFY_ADDRESS)
    pretend.tokens.accept(demo.SHOPIFY_ADDRESS, demo.SHOPIFY_TOKEN)
    storefront = pretend.storefront(demo.SHOPIFY_ADDRESS)
    wanted = Shop(
        id=0,
        platform="shopify",
        address=demo.SHOPIFY_ADDRESS,
        name="Demo",
        link=storefront,
        locale="en",
        timezone="Europe/Warsaw",
        currency="EUR",
    )
    shop = add_shop(services.store, services.platforms["shopify"], wanted, token=demo.SHOPIFY_TOKEN, now=clock.now())
    document = _settings(services, sendpulse, "shopify", {"link": storefront})
    _write_settings(services, shop, document)
    return shop


def seed_saleor(services: Services, pretend: PretendSaleor, sendpulse: PretendSendPulse, app_url: str) -> Shop:
    """Install the app by the real handshake, then set it up; raises `Misconfigured` with what Saleor would show."""
    installation = install(pretend, f"{app_url}/saleor/manifest.json")
    if not installation.is_done:
        raise Misconfigured(f"The pretend Saleor could not install the app: {installation.message}")
    found = services.store.shops.find("saleor", pretend.api_url)
    if found is None:
        raise Misconfigured("The pretend Saleor installed the app, but the app does not know the shop.")
    store = {"link": pretend.url, "product_link": f"{pretend.url}/{{locale}}/products/{{slug}}"}
    _write_settings(services, found.shop, _settings(services, sendpulse, "saleor", store))
    _wait_for_webhooks(services, pretend)
    return found.shop


def _wait_for_webhooks(services: Services, pretend: PretendSaleor) -> None:
    """The app's worker switches them on within a second or two; the demo's first event must not come before."""
    give_up_at = time.monotonic() + MOST_SECONDS
    while not all(webhook["isActive"] for app in pretend.apps() for webhook in app.webhooks):
        sync_due(services.store, services.platforms, now=clock.now())
        if time.monotonic() > give_up_at:
            raise Misconfigured("The app did not switch on its webhooks in the pretend Saleor.")
        time.sleep(LOOK_SECONDS)


def _settings(services: Services, sendpulse: PretendSendPulse, platform: str, store: Mapping[str, Any]) -> dict[str, Any]:
    kinds = possible(services.platforms[platform].kinds)
    return demo.settings_document(sendpulse, name="Demo", kinds=kinds, store=store)


def _write_settings(services: Services, shop: Shop, document: Mapping[str, Any]) -> None:
    """Only what is new: a restart makes no further version."""
    if services.store.shops.settings_document(shop.id) != document:
        import_settings(services.store, shop.id, document, who=WHO, now=clock.now())
