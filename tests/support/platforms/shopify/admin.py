"""A pretend Admin API over real HTTP, and a catalogue that remembers."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.platforms.shopify.access_tokens import AccessTokens
from plugin.platforms.shopify.api import Admin, Ask
from plugin.platforms.shopify.config import ShopifyConfig
from plugin.platforms.shopify.token_endpoint import TokenEndpoint
from plugin.ports import LookupContext
from tests.support.builders import NOON
from tests.support.fakes import FakeConsents, FakeShops
from tests.support.platforms.shopify.given import ACCESS, SHOP

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class FakeAdmin:
    """Says what stands in `replies`, one a question, the last one for ever; keeps the questions.

    What it says of its languages stands apart: it has English only, unless told otherwise.
    """

    replies: list[Reply] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    storefront: Reply | None = None
    storefront_questions: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        question = json.loads(body)
        if "query StorefrontForEvent" in question["query"]:
            self.storefront_questions.append(question)
            (self.storefront or ENGLISH_ONLY)(handler)
            return
        self.questions.append(question)
        self.paths.append(handler.path)
        self.headers.append({name.lower(): text for name, text in handler.headers.items()})
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        reply(handler)


@contextmanager
def running(*replies: Reply, storefront: Reply | None = None) -> Iterator[FakeAdmin]:
    admin = FakeAdmin(replies=list(replies), storefront=storefront)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            admin.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    admin.url = f"http://127.0.0.1:{server.server_port}/{{shop}}"
    try:
        yield admin
    finally:
        server.shutdown()
        server.server_close()


def says(status: int, body: bytes, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), text)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def data(document: Any, *, errors: list[Any] | None = None, cost: Any = None) -> Reply:
    answer: dict[str, Any] = {"data": document}
    answer |= {"errors": errors} if errors is not None else {}
    answer |= {"extensions": {"cost": cost}} if cost is not None else {}
    return says(200, json.dumps(answer).encode())


def a_storefront(*others: str, scopes: Iterable[str] = (), url: str = "https://demo.example", **more: Any) -> dict[str, Any]:
    """What the shop says of its languages: English, and these; `more` is what further scopes let it say."""
    spoken = {"defaultLocale": "en", "alternateLocales": list(others)}
    return {
        "currentAppInstallation": {"accessScopes": [{"handle": scope} for scope in scopes]},
        "shop": {"primaryDomain": {"url": url, "localization": spoken}},
        **more,
    }


ENGLISH_ONLY = data(a_storefront())


def a_customer(said: Mapping[str, Any] | None, *, number: int = 7001000000001) -> Reply:
    """What the shop says of this one customer; None: nothing any more."""
    return data({"nodes": [said and {"id": f"gid://shopify/Customer/{number}", **said}]})


def failing(code: str, *, cost: Any = None) -> Reply:
    return data(None, errors=[{"message": "quoting zofia@example.com", "extensions": {"code": code}}], cost=cost)


def slowly(seconds: float) -> Reply:
    """Nothing for a while; then the caller is gone."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return reply


def dripping(pieces: int, pause: float) -> Reply:
    """An answer that never quite stops coming."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(pieces))
        handler.end_headers()
        try:
            for _ in range(pieces):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(pause)
        except OSError:
            handler.close_connection = True

    return reply


def breaking_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data"')
    handler.close_connection = True


@dataclass
class FakeCatalogue:
    """Remembers for ever, and counts nothing."""

    records: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def read(self, shop_id: int, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        return {key: self.records[key] for key in keys if key in self.records}

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None:
        self.records |= found


def way(admin_url: str) -> Callable[[LookupContext], Ask | None]:
    """How a shop is asked at this address, with the token it has."""
    config = ShopifyConfig(client_id="c", client_secret="s", client_secret_old="", admin_url=admin_url)
    return AccessTokens(TokenEndpoint(config), Admin(admin_url)).way


def a_place(
    catalogue: FakeCatalogue | None = None,
    *,
    access: Mapping[str, Any] = ACCESS,
    settings: ShopSettings = NO_SETTINGS,
    consents: FakeConsents | None = None,
) -> LookupContext:
    return LookupContext(
        shop=SHOP, settings=settings, access=access, catalogue=catalogue or FakeCatalogue(),
        consents=consents or FakeConsents(), shops=FakeShops(), now=NOON,
    )  # fmt: skip
