"""The sandbox: the real app with pretend stores and a pretend SendPulse around it, and a page to play with."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from plugin.config import Settings
from plugin.sandbox import demo
from plugin.sandbox.child import App
from plugin.sandbox.courier import Courier
from plugin.sandbox.page import Parts, page_app
from plugin.sandbox.page.trace import Tracer
from plugin.sandbox.places import Places
from plugin.sandbox.pretend_store import Addresses, OpenStore
from plugin.sandbox.sendpulse import PretendSendPulse, api_app, events_app
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stage import Stage
from plugin.storage import SqlStore
from plugin.storage.db.migrate import migrate
from plugin.wiring import Services, assemble

DATABASE: Final = "sqlite:///var/sandbox.db"
LOG: Final = Path("var/sandbox.log")
LOOK_SECONDS: Final = 0.5

Echo = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PretendServices:
    """Everything pretended."""

    sendpulse: PretendSendPulse
    stores: Mapping[str, OpenStore]  #: by name, in the order of their ports

    def admins(self) -> Mapping[str, str]:
        """Where a shop's staff open the app."""
        return {place: url for store in self.stores.values() for place, url in store.admins.items()}


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
        world = _world(places)
        app = _open(stack, world, places, _environ(places, environ), echo)
        _print_addresses(world, places, echo)
        while not stopping.wait(LOOK_SECONDS):
            app.check()
        echo("Stopping …")
    echo("Stopped.")


def _environ(places: Places, environ: Mapping[str, str]) -> dict[str, str]:
    """The app's environment: the operator's, and over it the pretend addresses and the made-up secrets of the stores."""
    has_database = "DATABASE_URL" in environ or "DATABASE_URL_FILE" in environ
    own = {} if has_database else {"DATABASE_URL": DATABASE}
    return {**environ, **own, **places.environ()}


def _open(stack: ExitStack, world: PretendServices, places: Places, environ: Mapping[str, str], echo: Echo) -> App:
    """Bring up every part; what is open already is closed by `stack` when a later part fails."""
    settings = Settings.from_environ(environ)
    _serve_world(stack, world, places, echo)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    echo("Bringing the database to this version …")
    migrate(settings)
    services = assemble(settings, environ)
    store = cast(SqlStore, services.store)
    stack.callback(store.close)
    echo(f"Starting the app at {places.app}, its log is {LOG} …")
    app = App(environ, LOG)
    stack.callback(app.stop)
    app.wait_until_ready(f"{places.app}/readyz")
    for name, shop in world.stores.items():
        echo(places.stores[name].seeding)
        shop.seed(services, world.sendpulse)
    _serve_page(stack, services, store, world, places)
    return app


def _world(places: Places) -> PretendServices:
    sendpulse = PretendSendPulse()
    demo.add_demo_data(sendpulse)
    opened = {name: store.open(Addresses(own=places.store_urls(name), app=places.app)) for name, store in places.stores.items()}
    return PretendServices(sendpulse=sendpulse, stores=opened)


def _serve_world(stack: ExitStack, world: PretendServices, places: Places, echo: Echo) -> None:
    letters = Courier()  # of the shops' own life, which the page does not show
    stack.callback(letters.close)
    parts = [
        ("the pretend SendPulse, events", events_app(world.sendpulse), places.events),
        ("the pretend SendPulse, REST API", api_app(world.sendpulse), places.api),
    ]
    for name, opened in world.stores.items():
        parts += zip(places.stores[name].parts, opened.web_apps(letters), places.store_urls(name), strict=True)
    for port, (part, app, url) in enumerate(parts, start=places.port + 2):
        stack.callback(serve_in_thread(app, places.host, port).close)
        echo(f"Started {part} at {url}")


def _serve_page(stack: ExitStack, services: Services, store: SqlStore, world: PretendServices, places: Places) -> None:
    courier = Courier()
    stack.callback(courier.close)
    pictures = {said: there for opened in world.stores.values() for said, there in opened.pictures.items()}
    parts = Parts(
        stage=Stage(courier, [opened.sender(courier) for opened in world.stores.values()]),
        tracer=Tracer(store, services.platforms, world.sendpulse, pictures),
        sendpulse=world.sendpulse,
        stores={name: opened.title for name, opened in world.stores.items()},
        outages={name: opened.outage for name, opened in world.stores.items()},
        links={**world.admins(), "Is the app ready?": f"{places.app}/readyz", "Its counters": f"{places.app}/metrics"},
        pictures=tuple(pictures.values()),
    )
    stack.callback(serve_in_thread(page_app(parts), places.host, places.port + 1).close)


def _listen_to_signals(stack: ExitStack, stopping: threading.Event) -> None:
    """Only the main thread may; tests run the sandbox in another and set `stopping` themselves."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.signal(number, lambda *_: stopping.set())
        stack.callback(signal.signal, number, before)


def _print_addresses(world: PretendServices, places: Places, echo: Echo) -> None:
    echo("")
    echo(f"  {'App':<40} {places.app}")
    echo(f"  {'Pretend SendPulse':<40} {places.events} (events), {places.api} (REST API)")
    for name, url in world.admins().items():
        echo(f"  {name:<40} {url}")
    echo("")
    echo("The sandbox runs. Press Ctrl-C to stop it.")
    echo(f"Open {places.page} and press Fire.")
