"""One request to SendPulse and its answer, within bounds of time and size."""

import http.client
import io
import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from plugin.sendpulse.outcomes import Failure

_HEADERS: Final = {"User-Agent": "sendpulse-plugin", "Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much SendPulse may answer."""

    connect_seconds: float = 5
    silence_seconds: float = 15  #: without a byte
    answer_seconds: float = 20  #: for the whole answer, however steadily it drips
    answer_bytes: int = 64 * 1024  #: what is longer is read no further
    connections: int = 32  #: kept open to one host


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, if anything did."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: Failure | None = None


class Wire:
    """Sends requests over kept connections. No proxies, no cookies, no redirects, no retries.

    It uses requests' adapter without its Session: the Session reads the whole body of a redirect
    and its Location even when told not to follow it.
    """

    def __init__(self, limits: Limits) -> None:
        # urllib3 writes the address of an odd answer into its log, and whoever reads an event URL can use it.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)
        self._limits = limits
        self._adapter = _Adapter(limits)

    def send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        """Make one request; every failure is a Reply."""
        timeout = (self._limits.connect_seconds, self._limits.silence_seconds)
        try:
            request = requests.Request(method, url, headers=_HEADERS | dict(headers), data=body).prepare()
            response = self._adapter.send(request, stream=True, timeout=timeout, verify=True)
        except (requests.RequestException, HTTPError, ValueError) as error:
            return Reply(failure=_failure(error))
        with response:
            answer, failure = self._read(response)
            return Reply(status=response.status_code, headers=response.headers, body=answer, failure=failure)

    def close(self) -> None:
        """Close the kept connections."""
        self._adapter.close()

    def _read(self, response: requests.Response) -> tuple[bytes, Failure | None]:
        read, most = bytearray(), self._limits.answer_bytes
        try:
            while len(read) < most and (piece := response.raw.read(most - len(read), decode_content=True)):
                read += piece
        except (HTTPError, OSError):
            return bytes(read), Failure.CUT_OFF
        return bytes(read), None


def _failure(error: Exception) -> Failure:
    if isinstance(error, requests.ReadTimeout):
        return Failure.NO_ANSWER
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError):
        return Failure.NOT_SECURE if isinstance(reason.reason.__cause__, ssl.SSLError) else Failure.UNREACHABLE
    # requests says ValueError to what cannot be made a request: an impossible address or header.
    return Failure.UNSENDABLE if isinstance(error, ValueError) else Failure.NO_ANSWER


class _Adapter(HTTPAdapter):
    """Connections that know whether anything was sent, and answers that must end in time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        super().__init__(pool_connections=4, pool_maxsize=limits.connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        answer = _answer_within(self._limits.answer_seconds)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, answer),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, answer),
        }


def _pool(pool: type[Any], connection: type[Any], answer: Callable[..., http.client.HTTPResponse]) -> type[Any]:
    """A pool whose connections say `NewConnectionError` to every failure before the request, TLS included."""

    def connect(self: Any) -> None:
        try:
            connection.connect(self)
        except (OSError, HTTPError) as error:
            self.close()
            raise NewConnectionError(self, type(error).__name__) from error

    ours = type("Connection", (connection,), {"connect": connect, "response_class": staticmethod(answer)})
    return type("Pool", (pool,), {"ConnectionCls": ours})


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
