"""Puts the demo's shop into the app by the real handshake; again changes nothing."""

import time
from typing import Final

from plugin import clock
from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import possible
from plugin.domain.shop import Shop
from plugin.sandbox import demo
from plugin.sandbox.seed import write_settings
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.upkeep.platform_sync import sync_due
from plugin.wiring import Services

from .demo_shop import CHECKOUT_PATH, DEMO, LABEL, NAME
from .install import install
from .objects import CONSENT_KEY
from .pretend import PretendSaleor

MOST_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.05


def seed(services: Services, pretend: PretendSaleor, sendpulse: PretendSendPulse, app_url: str) -> Shop:
    """Install the app, then set it up; raises `Misconfigured` with what Saleor would show."""
    installation = install(pretend, f"{app_url}/{NAME}/manifest.json")
    if not installation.is_done:
        raise Misconfigured(f"The pretend {LABEL} could not install the app: {installation.message}")
    found = services.store.shops.find(NAME, pretend.api_url)
    if found is None:
        raise Misconfigured(f"The pretend {LABEL} installed the app, but the app does not know the shop.")
    store = {"link": pretend.url, "product_link": f"{pretend.url}/{{locale}}/products/{{slug}}"}
    store["cart_link"] = f"{pretend.url}{CHECKOUT_PATH}?checkout={{checkout}}"
    store["consent_key"] = CONSENT_KEY
    kinds = possible(services.platforms[NAME].kinds)
    document = demo.settings_document(sendpulse, name=DEMO, kinds=kinds, store=store)
    write_settings(services, found.shop, document)
    _wait_for_webhooks(services, pretend)
    return found.shop


def _wait_for_webhooks(services: Services, pretend: PretendSaleor) -> None:
    """The app's worker switches them on within a second or two; the demo's first event must not come before."""
    give_up_at = time.monotonic() + MOST_SECONDS
    while not all(webhook["isActive"] for app in pretend.apps() for webhook in app.webhooks):
        sync_due(services.store, services.platforms, now=clock.now())
        if time.monotonic() > give_up_at:
            raise Misconfigured(f"The app did not switch on its webhooks in the pretend {LABEL}.")
        time.sleep(LOOK_SECONDS)
