"""One request to SendPulse and its answer, within bounds of time and size.

A client of our own, because none we know says all of this at once: whether anything was sent, an end to every answer,
no second try behind our back, and little work for each request (docs/decisions/0011).
"""

import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from time import monotonic
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade

from plugin.sendpulse.answer import Answer
from plugin.sendpulse.connections import Host
from plugin.sendpulse.outcomes import Failure

_HEADERS: Final = {"User-Agent": "sendpulse-plugin", "Accept": "application/json", "Accept-Encoding": "identity"}
_PIECE: Final = 16 * 1024  #: bytes read at a time
_PATH: Final = re.compile(r"/[!-~]*", re.ASCII)
_VALUE: Final = re.compile(r"[\t -~]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much SendPulse may answer."""

    connect_seconds: float = 4  #: for looking the name up, connecting and TLS together
    silence_seconds: float = 10  #: without a byte
    answer_seconds: float = 12  #: from the request's first byte to the answer's last, however steadily it drips
    answer_bytes: int = 64 * 1024  #: what is longer is read no further
    connections: int = 256  #: kept open to one host: one for each event that may be under way


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, if anything did."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  #: names in lower case
    body: bytes = b""
    failure: Failure | None = None


class Wire:
    """Sends requests over kept connections. No proxies, no cookies, no redirects, no retries."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._host = lru_cache(maxsize=4)(self._new_host)  # there are two
        self._hosts: list[Host] = []

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, send_by: float = inf
    ) -> Reply:
        """Make one request; every failure is a Reply.

        After `send_by`, a moment of `time.monotonic`, not a byte leaves: looking a name up and connecting may take long.
        """
        try:
            end = url.find("/", url.find("://") + 3)
            host, path = self._host(url[:end] if end > 0 else url), url[end:] if end > 0 else "/"
            request = _written(method, path, host.name, _HEADERS | dict(headers), body)
        except ValueError:
            return Reply(failure=Failure.UNSENDABLE)
        try:
            connection = host.connection()
        except ssl.SSLError:
            return Reply(failure=Failure.NOT_SECURE)
        except (OSError, UnicodeError):  # a name that cannot be looked up may be either
            return Reply(failure=Failure.UNREACHABLE)
        if monotonic() > send_by:
            host.keep(connection)
            return Reply(failure=Failure.UNREACHABLE)
        return self._asked(host, connection, request)

    def close(self) -> None:
        """Close the kept connections."""
        for host in self._hosts:
            host.close()

    def _new_host(self, url: str) -> Host:
        host = Host(url, connect_seconds=self._limits.connect_seconds, most=self._limits.connections)
        self._hosts.append(host)
        return host

    def _asked(self, host: Host, connection: socket.socket, request: bytes) -> Reply:
        answer, is_kept, end = Answer(self._limits.answer_bytes), False, monotonic() + self._limits.answer_seconds
        try:
            # A refusal may come before all was sent, and with it the end of the connection.
            with suppress(BrokenPipeError, ConnectionResetError):
                self._write(connection, request, end)
            self._read(connection, answer, end)
            is_kept = answer.keeps_connection
        except (OSError, HttpParserError, HttpParserUpgrade):
            pass  # what came so far says what it was
        finally:
            # One on which the rest of an answer may still come is of no use.
            host.keep(connection) if is_kept else connection.close()
        return _reply(answer)

    def _write(self, connection: socket.socket, request: bytes, end: float) -> None:
        """Send the request; nearly always in one piece."""
        self._wait_until(connection, end)
        sent = connection.send(request)
        if sent < len(request):
            self._wait_until(connection, end)
            connection.sendall(request[sent:])

    def _read(self, connection: socket.socket, answer: Answer, end: float) -> None:
        """Read the answer, to its end or the limits."""
        while not answer.is_whole and not answer.is_full:
            self._wait_until(connection, end)
            piece = connection.recv(_PIECE)
            if not piece:
                answer.ended()
                return
            answer.feed(piece)

    def _wait_until(self, connection: socket.socket, end: float) -> None:
        """Bound what is asked of the connection next.

        The time-out of a socket starts anew with every byte: one byte now and then would hold a worker for hours.
        """
        left = end - monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        connection.settimeout(min(left, self._limits.silence_seconds))


def _written(method: str, path: str, host: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """The request as it goes over the wire; raises `ValueError` for what cannot stand in one."""
    if not _PATH.fullmatch(path) or not all(map(_VALUE.fullmatch, headers.values())):
        raise ValueError("no HTTP request can say this")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode("ascii") + (body or b"")


def _reply(answer: Answer) -> Reply:
    if answer.status is None:
        return Reply(failure=Failure.NO_ANSWER)
    failure = None if answer.is_whole or answer.is_full else Failure.CUT_OFF
    return Reply(status=answer.status, headers=answer.headers, body=answer.body, failure=failure)
