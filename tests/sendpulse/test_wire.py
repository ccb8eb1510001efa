"""Requests and answers, where the pretend SendPulse is too well-behaved to show it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from threading import Thread
from time import monotonic, sleep
from typing import ClassVar

import pytest

from plugin.sendpulse.outcomes import Failure
from plugin.sendpulse.wire import Limits, Wire

LIMITS = Limits(connect_seconds=0.5, silence_seconds=0.5, answer_seconds=0.6)


class Patient(BaseHTTPRequestHandler):
    """Keeps connections open, counts them, and waits a while before each answer."""

    protocol_version = "HTTP/1.1"
    connections: ClassVar[list[object]] = []
    pause: ClassVar[float] = 0

    def setup(self) -> None:
        self.connections.append(self.client_address)
        super().setup()

    def do_GET(self) -> None:
        sleep(self.pause)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@contextmanager
def patient(kind: type[Patient] = Patient, pause: float = 0) -> Iterator[tuple[str, type[Patient]]]:
    handler = type("Handler", (kind,), {"connections": [], "pause": pause})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", handler
        server.shutdown()


def test_one_connection_serves_many_requests() -> None:
    wire = Wire(LIMITS)
    with patient() as (url, handler):
        replies = [wire.send("GET", url, headers={}) for _ in range(5)]
        wire.close()

    assert {reply.status for reply in replies} == {200}
    assert len(handler.connections) == 1


class Leaving(Patient):
    """Hangs up after each answer without having said so."""

    def do_GET(self) -> None:
        super().do_GET()
        self.wfile.flush()
        self.connection.shutdown(SHUT_RDWR)
        self.close_connection = True


def test_a_connection_that_ended_meanwhile_is_not_used_again() -> None:
    wire = Wire(LIMITS)
    with patient(Leaving) as (url, handler):
        first = wire.send("GET", url, headers={})
        sleep(0.1)
        second = wire.send("GET", url, headers={})
        wire.close()

    assert [first.failure, second.failure] == [None, None]
    assert len(handler.connections) == 2


def test_the_time_for_an_answer_begins_anew_with_every_request() -> None:
    wire = Wire(LIMITS)
    with patient(pause=0.2) as (url, handler):
        replies = [wire.send("GET", url, headers={}) for _ in range(4)]
        wire.close()

    assert [reply.failure for reply in replies] == [None] * 4
    assert len(handler.connections) == 1


class Dripping(Patient):
    """Never comes to the end of its first header."""

    def do_GET(self) -> None:
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                self.wfile.write(b"X")
                sleep(0.05)


class Flooding(Patient):
    """Says "go on" for ever."""

    def do_GET(self) -> None:
        with suppress(OSError):
            while True:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


@pytest.mark.parametrize("endless", [Dripping, Flooding])
def test_an_answer_without_an_end_is_waited_for_in_bounds(endless: type[Patient]) -> None:
    wire, began = Wire(LIMITS), monotonic()
    with patient(endless) as (url, _):
        reply = wire.send("GET", url, headers={})
        took = monotonic() - began
        wire.close()

    assert (reply.status, reply.failure) == (None, Failure.NO_ANSWER)
    assert 0.4 < took < 4


def test_an_address_that_is_none_cannot_be_sent_to() -> None:
    for url in ("http://", "ftp://demo.example/", "http://[::1", "no address"):
        assert Wire(LIMITS).send("GET", url, headers={}).failure is Failure.UNSENDABLE


def test_what_is_not_ready_in_time_does_not_leave() -> None:
    wire = Wire(LIMITS)
    with patient() as (url, handler):
        late = wire.send("GET", url, headers={}, send_by=monotonic() - 0.001)
        early = wire.send("GET", url, headers={}, send_by=monotonic() + 60)
        wire.close()

    assert (late.status, late.failure) == (None, Failure.UNREACHABLE)
    assert early.status == 200
    assert len(handler.connections) == 1  # the one that was ready too late served the next


class Deaf(Patient):
    """Never reads a request, so that a long one cannot be sent whole."""

    def handle(self) -> None:
        sleep(3)


def test_sending_and_waiting_share_one_bound() -> None:
    wire, began = Wire(LIMITS), monotonic()
    with patient(Deaf) as (url, _):
        reply = wire.send("POST", url, headers={}, body=bytes(50_000_000))
        took = monotonic() - began
        wire.close()

    assert (reply.status, reply.failure) == (None, Failure.NO_ANSWER)
    assert took < 2
