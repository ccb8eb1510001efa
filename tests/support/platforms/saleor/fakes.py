"""A pretend Saleor on this machine that answers as it is told, and keeps what it was asked."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from plugin.platforms.saleor.manifest import app_identifier
from plugin.platforms.saleor.testing import APP_ID, TESTKIT


@dataclass
class Answer:
    """What the pretend Saleor says at one address."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip_seconds: float = 0  #: between two bytes


@dataclass(frozen=True)
class Asked:
    """One request it got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def introduction(*, app_id: str = APP_ID, identifier: str | None = None) -> bytes:
    app = {"id": app_id, "identifier": app_identifier() if identifier is None else identifier}
    return json.dumps({"data": {"app": app, "shop": {"name": "Lamps & Co", "version": "3.23.28"}}}).encode()


class PretendSaleor:
    """Knows two addresses, /graphql/ and /.well-known/jwks.json; use it with `with`."""

    def __init__(self) -> None:
        self.answers = {
            "/graphql/": Answer(introduction()),
            "/.well-known/jwks.json": Answer(json.dumps(TESTKIT.jwks()).encode()),
        }
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        saleor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body: bytes) -> None:
                saleor.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
                answer = saleor.answers.get(self.path, Answer(b"", status=404))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                _write(self.wfile, answer)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _write(stream: Any, answer: Answer) -> None:
    try:
        if not answer.drip_seconds:
            stream.write(answer.body)
            return
        for byte in answer.body:
            stream.write(bytes([byte]))
            stream.flush()
            time.sleep(answer.drip_seconds)
    except OSError:
        return  # the caller has heard enough
