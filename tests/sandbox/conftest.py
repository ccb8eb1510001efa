"""The whole sandbox in one process: pretend stores and SendPulse over real HTTP, the app and its worker between them."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from plugin import clock
from plugin.config import Settings
from plugin.sandbox import demo
from plugin.sandbox.courier import Courier, Fired
from plugin.sandbox.page import Parts
from plugin.sandbox.page.trace import Trace, Tracer
from plugin.sandbox.places import Places
from plugin.sandbox.pretend_store import Addresses, OpenStore
from plugin.sandbox.sendpulse import PretendSendPulse, api_app, events_app
from plugin.sandbox.serving import free_port, serve_in_thread
from plugin.sandbox.stage import FireRequest, Stage
from plugin.sandbox.stores.saleor import STORE as SALEOR
from plugin.sandbox.stores.saleor.pretend import PretendSaleor
from plugin.sandbox.stores.shopify import STORE as SHOPIFY
from plugin.sandbox.stores.shopify.pretend import PretendShopify
from plugin.storage import SqlStore
from plugin.web import create_app
from plugin.wiring import Services, assemble
from plugin.worker import Worker
from tests.support.databases import settings_for
from tests.support.working import drain

SOON = timedelta(seconds=10)  #: a cart that is due by then is waited for


@dataclass
class ClockAhead:
    """The clock, ahead by all that nobody waited for."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return clock.now() + self.ahead

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


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
    clock: ClockAhead = field(default_factory=ClockAhead)

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
        fired = self.stage.fire(FireRequest(store=store, event=event, buyer=buyer, products=products, locale=locale))
        self.settle()
        return fired

    def settle(self) -> None:
        """Let the app do all that follows, at the pace it keeps with SendPulse; far retries and carts do not come due.

        Nobody waits: the worker's clock is moved to what comes next.
        """
        worker = Worker(self.services, now=self.clock, sleep=self.clock.sleep)
        drain(worker)
        while (wait := self._next_in(self.clock())) is not None:
            self.clock.sleep(wait.total_seconds())
            drain(worker)

    def _next_in(self, now: datetime) -> timedelta | None:
        """The time until something leaves or comes due, when that is soon."""
        store = self.services.store
        ready_in = store.deliveries.ready_in(now=now)
        leaves = [ready_in] if ready_in is not None and ready_in <= timedelta(seconds=1) else []
        shops = [installed.shop.id for installed in store.shops.list()]
        rings = [cart.due_at - now for shop in shops for cart in store.timers.waiting(shop, limit=1).carts]
        return min(leaves + [wait for wait in rings if timedelta(0) < wait < SOON], default=None)

    def trace(self, fired: Fired) -> Trace:
        [found] = [trace for trace in self.parts.tracer.traces(self.stage.courier.fired()) if trace.id == fired.id]
        return found


@pytest.fixture(scope="package", autouse=True)
def _keys_are_made_once() -> Iterator[None]:
    """Making one takes longer than all else of a pretend Saleor. They have them in turn: no two of one test share theirs."""
    keys = cycle([generate_private_key(public_exponent=65537, key_size=2048) for _ in range(4)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plugin.sandbox.stores.saleor.keys.generate_private_key", lambda **_: next(keys))
        yield


@pytest.fixture
def world(migrated_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    shutil.copy(migrated_sqlite, tmp_path / "plugin.db")
    with ExitStack() as stack:
        yield _world(stack, f"sqlite:///{tmp_path / 'plugin.db'}")


def _world(stack: ExitStack, database_url: str) -> World:
    sendpulse = PretendSendPulse()
    demo.add_demo_data(sendpulse)
    events, api = (stack.enter_context(serve_in_thread(app(sendpulse))).url for app in (events_app, api_app))
    places = Places(host="127.0.0.1", port=free_port())
    shopify, saleor = (_addresses(places, name) for name in ("shopify", "saleor"))
    environ = {
        **SHOPIFY.environ(shopify.own),
        **SALEOR.environ(saleor.own),
        "HOST": places.host,
        "PORT": str(places.port),
        "PLUGIN_SANDBOX": "1",
        "SENDPULSE_EVENTS_URL": events,
        "SENDPULSE_API_URL": api,
    }
    settings: Settings = settings_for(database_url, **environ)
    services = assemble(settings, environ)
    store = cast(SqlStore, services.store)
    stack.callback(store.close)
    stack.enter_context(serve_in_thread(create_app(services), places.host, places.port))
    open_shopify, open_saleor = SHOPIFY.open(shopify), SALEOR.open(saleor)
    opened: tuple[OpenStore, ...] = (open_shopify, open_saleor)
    letters, courier = (Courier(wait=lambda _seconds, _then: None) for _ in range(2))
    for each in (letters, courier):
        stack.callback(each.close)
    for addresses, one in zip((shopify, saleor), opened, strict=True):
        for url, app in zip(addresses.own, one.web_apps(letters), strict=True):
            stack.enter_context(serve_in_thread(app, places.host, int(url.rpartition(":")[2])))
        one.seed(services, sendpulse)
    stage = Stage(courier, [one.sender(courier) for one in opened])
    pictures = {said: there for one in opened for said, there in one.pictures.items()}
    parts = Parts(
        stage=stage,
        tracer=Tracer(store, services.platforms, sendpulse, pictures),
        sendpulse=sendpulse,
        stores={"shopify": "Shopify demo", "saleor": "Saleor demo"},
        outages={"shopify": open_shopify.outage, "saleor": open_saleor.outage},
        links={"The app": places.app},
        pictures=tuple(pictures.values()),
    )
    return World(services, Worker(services), sendpulse, open_shopify.pretend, open_saleor.pretend, stage, parts)


def _addresses(places: Places, name: str) -> Addresses:
    own = tuple(f"http://{places.host}:{free_port()}" for _ in places.stores[name].parts)
    return Addresses(own=own, app=places.app)
