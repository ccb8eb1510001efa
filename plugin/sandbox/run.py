"""The sandbox: the real app with pretend stores and a pretend SendPulse around it, and a page to play with."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, cast

from plugin.config import Settings
from plugin.platforms import find_testkit
from plugin.sandbox import demo
from plugin.sandbox.child import App
from plugin.sandbox.courier import Courier
from plugin.sandbox.page import Parts, page_app
from plugin.sandbox.page.trace import Tracer
from plugin.sandbox.places import Places
from plugin.sandbox.saleor.api import saleor_app
from plugin.sandbox.saleor.pretend import PretendSaleor
from plugin.sandbox.saleor.sender import SaleorSender
from plugin.sandbox.seed import seed_saleor, seed_shopify
from plugin.sandbox.sendpulse import PretendSendPulse, api_app, events_app
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.shopify.admin import admin_app
from plugin.sandbox.shopify.admin_page import address_of
from plugin.sandbox.shopify.pretend import PretendShopify
from plugin.sandbox.shopify.sender import ShopifySender
from plugin.sandbox.stage import Stage
from plugin.storage import SqlStore
from plugin.storage.db.migrate import migrate
from plugin.wiring import Services, assemble

DATABASE: Final = "sqlite:///var/sandbox.db"
LOG: Final = Path("var/sandbox.log")
LOOK_SECONDS: Final = 0.5
TOKEN_LIFE: Final = timedelta(minutes=1)  #: of Saleor's; a fifth of the real, so that somebody who plays sees it renewed

Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything pretended."""

    sendpulse: PretendSendPulse
    shopify: PretendShopify
    saleor: PretendSaleor
    saleor_newcomer: PretendSaleor


def run(
    settings: Settings,
    echo: Echo,
    *,
    environ: Mapping[str, str] = os.environ,
    stopping: threading.Event | None = None,
) -> None:
    """Serve until Ctrl-C, SIGTERM or `stopping`; raises `Misconfigured` or `AppDied` with what to do."""
    stopping = stopping or threading.Event()
    places = Places.of(settings)
    echo("Setting up the sandbox: the real app, with pretend stores and a pretend SendPulse around it.")
    with ExitStack() as stack:
        _listen_to_signals(stack, stopping)
        app = _open(stack, places, _environ(places, environ), echo)
        _invite(places, echo)
        while not stopping.wait(LOOK_SECONDS):
            app.check()
        echo("Stopping …")
    echo("Stopped.")


def _environ(places: Places, environ: Mapping[str, str]) -> dict[str, str]:
    """The app's environment: the operator's, the test kits' secrets, and the pretend addresses over both."""
    testkits = {**find_testkit("shopify").environ, **find_testkit("saleor").environ}
    has_database = "DATABASE_URL" in environ or "DATABASE_URL_FILE" in environ
    own = {} if has_database else {"DATABASE_URL": DATABASE}
    return {**environ, **own, **testkits, **places.environ()}


def _open(stack: ExitStack, places: Places, environ: Mapping[str, str], echo: Echo) -> App:
    """Bring up every part; what is open already is closed by `stack` when a later part fails."""
    settings = Settings.from_environ(environ)
    world = _world(environ, places)
    _serve_world(stack, world, places, echo)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    echo("Bringing the database to this version …")
    migrate(settings)
    services = assemble(settings, environ)
    store = cast(SqlStore, services.store)
    stack.callback(store.close)
    echo("Adding the Shopify demo shop, with flows in English, Polish, German and Brazilian Portuguese …")
    seed_shopify(services, world.shopify, world.sendpulse)
    echo(f"Starting the app at {places.app}, its log is {LOG} …")
    app = App(environ, LOG)
    stack.callback(app.stop)
    app.wait_until_ready(f"{places.app}/readyz")
    echo("Installing the app into the pretend Saleor …")
    seed_saleor(services, world.saleor, world.sendpulse, places.app)
    _serve_page(stack, services, store, world, places)
    return app


def _world(environ: Mapping[str, str], places: Places) -> World:
    sendpulse = PretendSendPulse()
    demo.furnish(sendpulse)
    shopify = PretendShopify(
        client_id=environ["SHOPIFY_CLIENT_ID"],
        client_secret=environ["SHOPIFY_CLIENT_SECRET"],
        url=places.shopify,
        app_url=places.app,
    )
    saleor, newcomer = PretendSaleor(url=places.saleor), PretendSaleor(url=places.saleor_newcomer, name="Newcomer")
    for shop in (saleor, newcomer):
        shop.staff_tokens.life = TOKEN_LIFE
    return World(sendpulse=sendpulse, shopify=shopify, saleor=saleor, saleor_newcomer=newcomer)


def _serve_world(stack: ExitStack, world: World, places: Places, echo: Echo) -> None:
    letters = Courier()  # of the shops' own life, which the page does not show
    stack.callback(letters.close)
    newcomer = saleor_app(world.saleor_newcomer, app_url=places.app, courier=letters)
    parts = (
        ("the pretend SendPulse, events", events_app(world.sendpulse), places.events),
        ("the pretend SendPulse, REST API", api_app(world.sendpulse), places.api),
        ("the pretend Shopify", admin_app(world.shopify, letters), places.shopify),
        ("the pretend Saleor", saleor_app(world.saleor, app_url=places.app, courier=letters), places.saleor),
        ("the pretend Saleor without the app", newcomer, places.saleor_newcomer),
    )
    for number, (name, app, url) in enumerate(parts, start=2):
        stack.callback(serve_in_thread(app, places.host, places.port + number).close)
        echo(f"Started {name} at {url}")


def _serve_page(stack: ExitStack, services: Services, store: SqlStore, world: World, places: Places) -> None:
    courier = Courier()
    stack.callback(courier.close)
    shopify = ShopifySender(world.shopify, find_testkit("shopify"), courier, address=demo.SHOPIFY_ADDRESS, app_url=places.app)
    parts = Parts(
        stage=Stage(courier, (shopify, SaleorSender(world.saleor, courier))),
        tracer=Tracer(store, services.platforms, world.sendpulse),
        sendpulse=world.sendpulse,
        stores={"shopify": f"Shopify: {demo.SHOPIFY_ADDRESS}", "saleor": f"Saleor: {world.saleor.domain}"},
        links={**_admins(places), "Is the app ready?": f"{places.app}/readyz", "Its counters": f"{places.app}/metrics"},
        pictures=(places.shopify, places.saleor),
    )
    stack.callback(serve_in_thread(page_app(parts), places.host, places.port + 1).close)


def _admins(places: Places) -> dict[str, str]:
    """Where a shop's staff open the app."""
    return {
        "Shopify admin": address_of(places.shopify, demo.SHOPIFY_ADDRESS),
        "Shopify admin, app not installed yet": address_of(places.shopify, demo.NEWCOMER_ADDRESS),
        "Saleor dashboard": f"{places.saleor}/dashboard/",
        "Saleor dashboard, app not installed yet": f"{places.saleor_newcomer}/dashboard/",
    }


def _listen_to_signals(stack: ExitStack, stopping: threading.Event) -> None:
    """Only the main thread may; tests run the sandbox in another and set `stopping` themselves."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.signal(number, lambda *_: stopping.set())
        stack.callback(signal.signal, number, before)


def _invite(places: Places, echo: Echo) -> None:
    echo("")
    echo(f"  {'App':<40} {places.app}")
    echo(f"  {'Pretend SendPulse':<40} {places.events} (events), {places.api} (REST API)")
    for name, url in _admins(places).items():
        echo(f"  {name:<40} {url}")
    echo("")
    echo("The sandbox runs. Press Ctrl-C to stop it.")
    echo(f"Open {places.page} and press Fire.")
