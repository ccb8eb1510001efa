"""Runs a pretend server in a thread of this process, at an address of its own."""

import os
import secrets
import socket
import struct
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Final, NoReturn, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A server that runs until it is closed; also a context manager."""

    url: str  #: without a slash at its end
    server: BaseWSGIServer
    thread: Thread

    def close(self) -> None:
        """Stop listening; a request that is still being answered is left to its own thread."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class _Handler(WSGIRequestHandler):
    """Answers without a line per request, and lives through a caller that goes away."""

    protocol_version = "HTTP/1.1"

    def parse_request(self) -> bool:
        """Keep two slashes at the start of a path, which the standard library makes one."""
        is_fine = super().parse_request()
        if is_fine:
            self.path = self.requestline.split()[1]
        return is_fine

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Pretend servers count their requests themselves."""

    def connection_dropped(self, *_: object) -> None:
        """Do not wait for another request on a connection that is gone."""
        self.close_connection = True


def serve_in_thread(app: "WSGIApplication", host: str = "127.0.0.1", port: int = 0) -> Serving:
    """Serve the app, one thread a connection; port 0 takes a free one."""
    server = make_server(host, port, app, threaded=True, request_handler=_Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name=f"pretend:{server.port}", daemon=True)
    thread.start()
    return Serving(url=f"http://{host}:{server.port}", server=server, thread=thread)


# Below those the system gives to whoever calls somebody: such a port may be taken again before it is listened at.
FIRST_PORT, LAST_PORT = 20_000, 32_000


MOST_RESERVED = 200
_reserved: Final[deque[socket.socket]] = deque()  # whoever asked for one of these ports may be about to listen there


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens at just now, and no other caller of this is given soon: what calls it is refused."""
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        with suppress(OSError), socket.create_server((host, port)):
            _reserve(host, port)
            return port


def _reserve(host: str, port: int) -> None:
    """Hold the same port of UDP, in which other processes see that it is given away; raises `OSError` where it is."""
    reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        reservation.bind((host, port))
    except OSError:
        reservation.close()
        raise
    _reserved.append(reservation)
    if len(_reserved) > MOST_RESERVED:
        _reserved.popleft().close()


def reset_connection(environ: "WSGIEnvironment") -> NoReturn:
    """Cut the caller off with a TCP reset instead of an answer."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())
    raise ConnectionResetError
