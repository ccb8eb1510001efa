"""One request to SendPulse and its answer, within bounds of time and size."""

import http.client
import io
import logging
import select
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic
from typing import Any, Final

from certifi import where as trusted_authorities
from gevent.monkey import get_original
from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError

from plugin.sendpulse.outcomes import Failure

_poll: Final = get_original("select", "poll")
_HEADERS: Final = {"User-Agent": "sendpulse-plugin", "Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much SendPulse may answer."""

    connect_seconds: float = 5
    silence_seconds: float = 15  #: without a byte
    answer_seconds: float = 20  #: for the whole answer, however steadily it drips
    answer_bytes: int = 64 * 1024  #: what is longer is read no further
    connections: int = 256  #: kept open to one host: one for each event that may be under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, if anything did."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: Failure | None = None


class Wire:
    """Sends requests over kept connections. No proxies, no cookies, no redirects, no retries.

    It uses urllib3, which requests stands on, by itself: requests prepares each request anew, and its Session reads the
    whole body of a redirect and its Location even when told not to follow it (docs/decisions/0011).
    """

    def __init__(self, limits: Limits) -> None:
        # urllib3 writes the address of an odd answer into its log, and whoever reads an event URL can use it.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)
        self._limits = limits
        self._timeout = Timeout(connect=limits.connect_seconds, read=limits.silence_seconds)
        self._hosts = PoolManager(
            num_pools=4, maxsize=limits.connections, retries=False, cert_reqs="CERT_REQUIRED", ca_certs=trusted_authorities()
        )
        answer = _answer_within(limits.answer_seconds)
        self._hosts.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, answer),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, answer),
        }
        self._host = lru_cache(maxsize=4)(self._hosts.connection_from_url)  # there are two: none is ever given up

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        """Make one request; every failure is a Reply."""
        try:
            host, path = _parted(url)
            response = self._host(host).urlopen(
                method, path, body=body, headers=_HEADERS | dict(headers), redirect=False, preload_content=False,
                timeout=self._timeout,
            )  # fmt: skip
        except (HTTPError, OSError, ValueError) as error:
            return Reply(failure=_failure(error))
        answer, failure = self._read(response)
        return Reply(status=response.status, headers=response.headers, body=answer, failure=failure)

    def close(self) -> None:
        """Close the kept connections."""
        self._hosts.clear()

    def _read(self, response: BaseHTTPResponse) -> tuple[bytes, Failure | None]:
        """The answer as far as it came; its connection is kept when all of it did."""
        read, most = bytearray(), self._limits.answer_bytes
        try:
            while len(read) < most and (piece := response.read(most - len(read), decode_content=True)):
                read += piece
        except (HTTPError, OSError):
            return bytes(read), Failure.CUT_OFF
        finally:
            response.close()  # a connection on which the rest of an answer may still come is of no use
            response.release_conn()
        return bytes(read), None


def _parted(url: str) -> tuple[str, str]:
    """The address of a host, and the rest."""
    end = url.find("/", url.find("://") + 3)
    return (url[:end], url[end:]) if end > 0 else (url, "/")


def _failure(error: Exception) -> Failure:
    if isinstance(error, NewConnectionError):
        return Failure.NOT_SECURE if isinstance(error.__cause__, ssl.SSLError) else Failure.UNREACHABLE
    if isinstance(error, HTTPError) and not isinstance(error, LocationValueError):
        return Failure.NO_ANSWER
    # An address or a header nobody can write down is a ValueError.
    return Failure.UNSENDABLE if isinstance(error, ValueError) else Failure.NO_ANSWER


def _pool(pool: type[Any], connection: type[Any], answer: Callable[..., http.client.HTTPResponse]) -> type[Any]:
    """A pool whose connections say `NewConnectionError` to every failure before the request, TLS included."""

    def connect(self: Any) -> None:
        try:
            connection.connect(self)
        except (OSError, HTTPError) as error:
            self.close()
            raise NewConnectionError(self, type(error).__name__) from error

    def is_connected(self: Any) -> bool:
        return self.sock is not None and not _has_something_to_read(self.sock)

    words = {"connect": connect, "is_connected": property(is_connected), "response_class": staticmethod(answer)}
    ours = type("Connection", (connection,), words)
    return type("Pool", (pool,), {"ConnectionCls": ours})


def _has_something_to_read(sock: socket.socket) -> bool:
    """On a kept connection that is its end. Asked of the kernel: through gevent the look costs more than the request."""
    looking = _poll()
    looking.register(sock.fileno(), select.POLLIN)
    return bool(looking.poll(0))


def _answer_within(seconds: float) -> Callable[..., http.client.HTTPResponse]:
    def answer(sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(sock, *args, **kwargs)
        response.fp.close()
        response.fp = io.BufferedReader(_Timed(sock, seconds))
        return response

    return answer


class _Timed(io.RawIOBase):
    """Reads a socket until a moment.

    The time-out of a socket starts anew with every byte, so a server that drips one now and then
    would hold a worker for hours.
    """

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._silence = sock.gettimeout() or seconds
        self._end = monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(min(left, self._silence))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
