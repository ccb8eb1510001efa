"""The whole sandbox in one process: pretend stores and SendPulse over real HTTP, the app and its worker between them."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from plugin import clock
from plugin.config import Settings
from plugin.platforms import find_testkit
from plugin.sandbox import demo
from plugin.sandbox.courier import Courier, Fired
from plugin.sandbox.page import Parts
from plugin.sandbox.page.trace import Trace, Tracer
from plugin.sandbox.places import Places
from plugin.sandbox.saleor.api import saleor_app
from plugin.sandbox.saleor.pretend import PretendSaleor
from plugin.sandbox.saleor.sender import SaleorSender
from plugin.sandbox.seed import seed_saleor, seed_shopify
from plugin.sandbox.sendpulse import PretendSendPulse, api_app, events_app
from plugin.sandbox.serving import free_port, serve_in_thread
from plugin.sandbox.shopify.admin import admin_app
from plugin.sandbox.shopify.pretend import PretendShopify
from plugin.sandbox.shopify.sender import ShopifySender
from plugin.sandbox.stage import Stage, Wish
from plugin.storage import SqlStore
from plugin.web import create_app
from plugin.wiring import Services, assemble
from plugin.worker import Worker
from tests.support.databases import settings_for
from tests.support.working import drain


@dataclass(frozen=True)
class World:
    """Both stores, the app with both shops, and SendPulse."""

    services: Services
    worker: Worker
    sendpulse: PretendSendPulse
    shopify: PretendShopify
    saleor: PretendSaleor
    stage: Stage
    parts: Parts

    def fire(
        self,
        event: str,
        *,
        store: str = "shopify",
        buyer: str = "zofia",
        products: tuple[str, ...] = ("moss-teapot",),
        locale: str | None = None,
    ) -> Fired:
        """Let something happen, and the app do all that follows."""
        fired = self.stage.fire(Wish(store=store, event=event, buyer=buyer, products=products, locale=locale))
        self.settle()
        return fired

    def settle(self) -> None:
        """Let the app do all that follows, at the pace it keeps with SendPulse; far retries are not waited for."""
        while True:
            drain(self.worker)
            wait = self.services.store.deliveries.ready_in(now=clock.now())
            if wait is None or wait > timedelta(seconds=1):
                return
            time.sleep(wait.total_seconds())

    def trace(self, fired: Fired) -> Trace:
        [found] = [trace for trace in self.parts.tracer.traces(self.stage.courier.fired()) if trace.id == fired.id]
        return found


@pytest.fixture
def world(migrated_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copy(migrated_sqlite, tmp_path / "plugin.db")
    with ExitStack() as stack:
        yield _world(stack, f"sqlite:///{tmp_path / 'plugin.db'}")


def _world(stack: ExitStack, database_url: str) -> World:
    sendpulse, testkits = PretendSendPulse(), find_testkit("shopify").environ
    demo.furnish(sendpulse)
    shopify = PretendShopify(client_id=testkits["SHOPIFY_CLIENT_ID"], client_secret=testkits["SHOPIFY_CLIENT_SECRET"])
    saleor = PretendSaleor()
    shopify.url, saleor.url = (
        stack.enter_context(serve_in_thread(app)).url for app in (admin_app(shopify), saleor_app(saleor))
    )
    events, api = (stack.enter_context(serve_in_thread(app(sendpulse))).url for app in (events_app, api_app))
    places = Places(host="127.0.0.1", port=free_port())
    environ = {
        **testkits,
        "HOST": places.host,
        "PORT": str(places.port),
        "PLUGIN_SANDBOX": "1",
        "SENDPULSE_EVENTS_URL": events,
        "SENDPULSE_API_URL": api,
        "SHOPIFY_ADMIN_URL": f"{shopify.url}/{{shop}}",
        "SALEOR_ALLOWED_URLS": rf"{saleor.url}/graphql/",
    }
    settings: Settings = settings_for(database_url, **environ)
    services = assemble(settings, environ)
    store = cast(SqlStore, services.store)
    stack.callback(store.close)
    stack.enter_context(serve_in_thread(create_app(services), places.host, places.port))
    shopify.app_url = places.app
    seed_shopify(services, shopify, sendpulse)
    seed_saleor(services, saleor, sendpulse, places.app)
    courier = Courier(wait=lambda _seconds, _then: None)
    stack.callback(courier.close)
    senders = (
        ShopifySender(shopify, find_testkit("shopify"), courier, address=demo.SHOPIFY_ADDRESS, app_url=places.app),
        SaleorSender(saleor, courier),
    )
    stage = Stage(courier, senders)
    parts = Parts(
        stage=stage,
        tracer=Tracer(store, services.platforms, sendpulse),
        sendpulse=sendpulse,
        stores={"shopify": "Shopify demo", "saleor": "Saleor demo"},
        links={"The app": places.app},
        pictures=(shopify.url, saleor.url),
    )
    return World(services, Worker(services), sendpulse, shopify, saleor, stage, parts)
