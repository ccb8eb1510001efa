"""Misbehaviour on demand, below the hosts: what networks and servers do when they are not well."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from gzip import compress
from threading import Lock
from typing import TYPE_CHECKING

from werkzeug.test import run_wsgi_app

from plugin.sandbox.serving import reset_connection

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STEP_SECONDS = 0.05  #: between two drips


class Kind(StrEnum):
    """What goes wrong."""

    ANSWER = "answer"  #: another answer than the host's own
    SLOW_ANSWER = "slow_answer"  #: the right answer, late
    SLOW_HEADERS = "slow_headers"  #: headers that drip in and do not end
    SLOW_BODY = "slow_body"  #: a body that drips in
    SHORT_BODY = "short_body"  #: less of a body than the headers promise
    RESET = "reset"  #: a TCP reset instead of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One misbehaviour, at the next requests whose path begins so."""

    kind: Kind
    path: str = "/events/"
    times: int = 1
    is_taken_first: bool = False  #: the host does its work before it goes wrong: an event is stored
    seconds: float = 0
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def page(cls, status: int, *headers: tuple[str, str]) -> "Fault":
        """A page in HTML, such as something in front of the application answers."""
        body = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>".encode()
        return cls(kind=Kind.ANSWER, status=status, headers=(("Content-Type", "text/html"), *headers), body=body)

    @classmethod
    def json(cls, status: int, text: str, *headers: tuple[str, str]) -> "Fault":
        """A JSON answer, whatever the application would say."""
        body = text.encode()
        return cls(kind=Kind.ANSWER, status=status, headers=(("Content-Type", "application/json"), *headers), body=body)

    @classmethod
    def redirect(cls, to: str, status: int = 302) -> "Fault":
        """A way elsewhere nobody should go."""
        return cls(kind=Kind.ANSWER, status=status, headers=(("Location", to),))

    @classmethod
    def gzipped(cls, status: int, text: str) -> "Fault":
        """A JSON answer, compressed though nobody asked for it."""
        headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"))
        return cls(kind=Kind.ANSWER, status=status, headers=headers, body=compress(text.encode()))

    @classmethod
    def reset(cls, *, is_taken_first: bool) -> "Fault":
        """A cut connection, before or after the event was taken."""
        return cls(kind=Kind.RESET, is_taken_first=is_taken_first)


@dataclass(slots=True)
class Faults:
    """Those still to happen, in order."""

    waiting: list[Fault] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> None:
        """Let it happen as often as it says."""
        with self.lock:
            self.waiting += [fault] * fault.times

    def next(self, path: str) -> Fault | None:
        """The first for this path, which then has happened."""
        path = "/" + path.lstrip("/")
        with self.lock:
            found = next((fault for fault in self.waiting if path.startswith(fault.path)), None)
            if found:
                self.waiting.remove(found)
            return found

    def around(self, app: "WSGIApplication") -> "WSGIApplication":
        """The app with its faults."""

        def faulty(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            fault = self.next(environ["PATH_INFO"])
            return _misbehave(fault, app, environ, start) if fault else app(environ, start)

        return faulty


def _misbehave(fault: Fault, app: "WSGIApplication", environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    is_late = fault.kind is Kind.SLOW_ANSWER
    status, own = _taken(app, environ) if fault.is_taken_first or is_late else _drained(environ)
    if fault.kind is Kind.RESET:
        reset_connection(environ)
    if fault.kind is Kind.SLOW_HEADERS:
        _drip_headers(environ, fault.seconds)
    if is_late:
        time.sleep(fault.seconds)
        start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(own)))])
        return [own]
    body = fault.body or own
    promised = len(body) + (1000 if fault.kind is Kind.SHORT_BODY else 0)
    start(f"{fault.status} Pretended", [*fault.headers, ("Content-Length", str(promised))])
    return _dripping(body, fault.seconds) if fault.kind is Kind.SLOW_BODY else [body]


def _drained(environ: "WSGIEnvironment") -> tuple[str, bytes]:
    """Read the request, so that the answer and not a reset reaches the caller."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return "", b""


def _taken(app: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[str, bytes]:
    """The status and body the host answers, kept from the caller."""
    body, status, _ = run_wsgi_app(app, environ)
    return status, b"".join(body)


def _dripping(body: bytes, seconds: float) -> Iterator[bytes]:
    size = max(1, int(len(body) * STEP_SECONDS / seconds))
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]
        time.sleep(STEP_SECONDS)


def _drip_headers(environ: "WSGIEnvironment", seconds: float) -> None:
    """Header after header, but never the empty line; then the connection is cut."""
    connection = environ["werkzeug.socket"]
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(int(seconds / STEP_SECONDS)):
        connection.sendall(f"X-Slow-{number}: 1\r\n".encode())
        time.sleep(STEP_SECONDS)
    reset_connection(environ)
