"""Answers as the wire may bring them, byte for byte."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from plugin.sendpulse.outcomes import Failure
from plugin.sendpulse.wire import Limits, Reply, Wire

LIMITS = Limits(connect_seconds=0.5, silence_seconds=0.5, answer_seconds=0.6, answer_bytes=100)
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def saying(*answers: bytes) -> Iterator[str]:
    """A server that says this, one answer to each connection, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_say, args=(listener, answers))
        server.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.join(5)


def _say(listener: socket.socket, answers: tuple[bytes, ...]) -> None:
    for answer in answers:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)


def answer_to(said: bytes) -> Reply:
    wire = Wire(LIMITS)
    with saying(said) as url:
        reply = wire.send("POST", url, headers={}, body=b"{}")
        wire.close()
    return reply


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", 200, b"{}"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 200, b"{}"),
        (OK + b"\r\n{}", 200, b"{}"),
        (b"HTTP/1.0 200 OK\r\n\r\n{}", 200, b"{}"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", 200, b"{}"),
        (b"HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n", 599, b""),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}"), 200, b"{}"),
        (OK + b"Content-Encoding: gzip\r\n\r\nnothing like it", 200, b"nothing like it"),
        (OK + b"Content-Length: 500\r\n\r\n" + b"x" * 500, 200, b"x" * 100),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 5000), 200, b"x" * 100),
        (OK + b"Content-Length: 2\r\n\r\n{}HTTP/1.1 500 Another\r\n\r\n", 200, b"{}"),
    ],
    ids=["length", "chunks", "until the end", "HTTP/1.0", "no content", "go on first", "without a word", "compressed",
         "compressed wrongly", "too long", "too long when unpacked", "two answers"],
)  # fmt: skip
def test_an_answer_is_read(said: bytes, status: int, body: bytes) -> None:
    reply = answer_to(said)

    assert (reply.status, reply.body, reply.failure) == (status, body, None)


@pytest.mark.parametrize(
    ("said", "status", "failure"),
    [
        (b"", None, Failure.NO_ANSWER),
        (b"SSH-2.0-OpenSSH_9.2\r\n", None, Failure.NO_ANSWER),
        (b"HTTP/1.1 200", None, Failure.NO_ANSWER),
        (OK + b"Content-", None, Failure.NO_ANSWER),
        (OK + b"A: b\r\n" * 200 + b"\r\n", 200, None),
        (OK + b"".join(b"A%d: b\r\n" % number for number in range(200)) + b"\r\n", None, Failure.NO_ANSWER),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", None, Failure.NO_ANSWER),
        (OK + b"Content-Length: 20\r\n\r\n{}", 200, Failure.CUT_OFF),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", 200, Failure.CUT_OFF),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nnone\r\n", 200, Failure.CUT_OFF),
    ],
    ids=["nothing", "another protocol", "half a status", "half a header", "one header often", "too many headers",
         "another protocol agreed", "less than said", "half a chunk", "no chunk"],
)  # fmt: skip
def test_what_is_missing_of_an_answer_is_said(said: bytes, status: int | None, failure: Failure | None) -> None:
    reply = answer_to(said)

    assert (reply.status, reply.failure) == (status, failure)


def test_after_an_answer_that_ends_its_connection_another_is_made() -> None:
    wire = Wire(LIMITS)
    closing = OK + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    with saying(closing, closing) as url:
        replies = [wire.send("GET", url, headers={}) for _ in range(2)]

    assert [reply.body for reply in replies] == [b"{}", b"{}"]


@pytest.mark.parametrize("name", ["A", "A-Token"])
@pytest.mark.parametrize("value", ["a\r\nB: c", "a\nb", "ż", "a\x00"])
def test_what_could_be_read_as_another_header_is_not_sent(name: str, value: str) -> None:
    reply = Wire(LIMITS).send("GET", "http://127.0.0.1:9/", headers={name: value})

    assert reply.failure is Failure.UNSENDABLE


@pytest.mark.parametrize("path", ["a b", "ż", "a\r\nHost: other"])
def test_a_path_that_breaks_the_request_is_not_sent(path: str) -> None:
    assert Wire(LIMITS).send("GET", f"http://127.0.0.1:9/{path}", headers={}).failure is Failure.UNSENDABLE


def test_a_request_larger_than_the_network_takes_at_once_leaves_whole() -> None:
    wire, body, came = Wire(LIMITS), b"x" * 8_000_000, bytearray()

    def take(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not came.endswith(b"end"):
                came.extend(connection.recv(1_000_000))
            connection.sendall(OK + b"Content-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=take, args=(listener,))
        server.start()
        reply = wire.send("POST", f"http://127.0.0.1:{listener.getsockname()[1]}/", headers={}, body=body + b"end")
        server.join(5)
        wire.close()

    assert (reply.status, len(came) > len(body)) == (200, True)
