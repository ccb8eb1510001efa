"""Stores that take a question and never answer it: how long another shop's installation waits for them."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sqlalchemy import select

from bench.environment import WORKERS, BenchEnvironment
from bench.report import Figure
from plugin import clock
from plugin.domain.shop import Shop
from plugin.platforms import find_testkit
from plugin.storage import SqlStore
from plugin.storage.db import tables

HANGING = 8
AHEAD_SECONDS = 3.0  #: the workers are busy with those that hang when the other shop comes
AT_MOST = 10.0  #: seconds
LONGEST, QUICK_LONGEST = 60.0, 30.0  #: seconds; then it is given up, and counts as that long
BACKLOG = 64  #: connections the system takes for a store that hangs
# One answer to every question of settling: it knows the app, has no webhook of it, and does what is asked.
ANSWER = {"app": {"id": "QXBwOjc=", "webhooks": []}, "shop": {"version": "3.23.28"}, "done": {"errors": []}}


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Saleor's stores: those of Shopify have nothing to be told. The app's own process tells them, as it usually does."""
    longest = QUICK_LONGEST if environment.is_quick else LONGEST
    with ExitStack() as stack:
        hanging = [stack.enter_context(_hanging_store()) for _ in range(HANGING)]
        answering = stack.enter_context(_answering_store())
        url, store = stack.enter_context(environment.new_store(database))
        for address in hanging:
            _install(store, address)
        saleor = dict(find_testkit("saleor").environ)
        workers = stack.enter_context(environment.app(url, *environment.workers(database), **saleor))
        time.sleep(AHEAD_SECONDS)
        waited = _settled_after(store, _install(store, answering), longest)
        for worker in workers:
            worker.kill()  # nobody is interested in how long they would wait for the rest
    how = f"{HANGING} stores hang, {WORKERS[database]} worker(s)"
    if waited >= longest:
        how += f"; not settled in {longest:g} s"
    what = "another shop, installed to settled"
    return [Figure(part="settle", database=database, what=what, value=waited, unit="s", at_most=AT_MOST, detail=how)]


def _install(store: SqlStore, address: str) -> Shop:
    shop, access = find_testkit("saleor").installation(address)
    return store.shops.install(shop, access, now=clock.now())


def _settled_after(store: SqlStore, shop: Shop, longest: float) -> float:
    """Seconds until nothing is left to tell this shop's platform."""
    began = time.monotonic()
    query = select(tables.shops.c.settle_at).where(tables.shops.c.id == shop.id)
    while (waited := time.monotonic() - began) < longest:
        with store.database.read() as connection:
            if connection.execute(query).scalar_one() is None:
                return waited
        time.sleep(0.05)
    return longest


@contextmanager
def _hanging_store() -> Iterator[str]:
    """The address of a store that takes every connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listening:
        yield _address(listening.getsockname()[1])


@contextmanager
def _answering_store() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Store) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield _address(server.server_port)
        finally:
            server.shutdown()
            thread.join()


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}/graphql/"


class _Store(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"data": ANSWER}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
