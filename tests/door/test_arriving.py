"""A request that does not arrive whole, in time and within its size is refused, whichever way it fails to."""

import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

import pytest

from plugin.door.sizes import LARGEST_FORM, LARGEST_WEBHOOK
from tests.door.conftest import REQUEST_SECONDS
from tests.support.door.served import Served, a_request, everything, status

WEBHOOK = "/webhooks/some"
UNFINISHED = {
    "half a request line": b"GET /li",
    "half a head": b"GET / HTTP/1.1\r\nHost: app.example\r\nX-Hal",
    "a head whose body never begins": b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: 9\r\n\r\n",
    "half a body": b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: 9\r\n\r\nabc",
    "half a chunk": b"POST / HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
    "chunks without their end": b"POST / HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "trailers without their end": b"POST / HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: b\r\n",
}
DRIPPING = {
    "a head": (b"GET / HTTP/1.1\r\nHost: app.example\r\nX-Long: ", b"a"),
    "a body": (b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: 5000\r\n\r\n", b"a"),
    "a body in chunks": (b"POST / HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
}
MALFORMED = {
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "a header without a colon": (b"GET / HTTP/1.1\r\nHost: app.example\r\nnonsense\r\n\r\n", 400),
    "a NUL in a header": (b"GET / HTTP/1.1\r\nHost: app.example\r\nX-A: a\x00b\r\n\r\n", 400),
    "a folded header": (b"GET / HTTP/1.1\r\nHost: app.example\r\nX-A: a\r\n b\r\n\r\n", 400),
    "a length and chunks": (
        b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    "a length that is none": (b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: -1\r\n\r\n", 400),
    "a chunk of no size": (b"POST / HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", 400),
    "a coding nobody knows": (b"POST / HTTP/1.1\r\nHost: app.example\r\nTransfer-Encoding: cheese\r\n\r\n", 501),
    "an address too long": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: app.example\r\n\r\n", 414),
    "a header too long": (b"GET / HTTP/1.1\r\nHost: app.example\r\nX-A: " + b"a" * 17_000 + b"\r\n\r\n", 431),
    "a head too long": (b"GET / HTTP/1.1\r\nHost: app.example\r\n" + b"X-A: %b\r\n" % (b"a" * 900) * 90 + b"\r\n", 431),
    "an expectation nobody has": (b"POST / HTTP/1.1\r\nHost: app.example\r\nExpect: cake\r\nContent-Length: 1\r\n\r\na", 417),
    "a body cut off": (b"", 400),
}


def is_refused_with(code: int, answer: bytes) -> bool:
    return status(answer) == code and b"\r\nConnection: close\r\n" in answer


def test_what_is_never_finished_is_answered_408(door: Served) -> None:
    began = time.monotonic()

    open_ones = {kind: door.connect(sent) for kind, sent in UNFINISHED.items()}
    answers = {kind: everything(one) for kind, one in open_ones.items()}

    assert [kind for kind, answer in answers.items() if not is_refused_with(408, answer)] == []
    assert time.monotonic() - began >= REQUEST_SECONDS - 0.2


def test_a_connection_that_asks_for_nothing_is_closed_without_a_word(door: Served) -> None:
    began = time.monotonic()

    assert everything(door.connect(b"")) == b""
    assert time.monotonic() - began >= REQUEST_SECONDS - 0.2


def test_what_drips_is_answered_408_all_the_same(door: Served) -> None:
    dripping = {kind: (door.connect(begun), drop) for kind, (begun, drop) in DRIPPING.items()}
    stopped = threading.Event()
    drops = threading.Thread(target=drip, args=(dripping.values(), stopped))
    drops.start()

    answers = {kind: everything(one) for kind, (one, _) in dripping.items()}

    stopped.set()
    drops.join()
    assert [kind for kind, answer in answers.items() if not is_refused_with(408, answer)] == []


def drip(dripping: Iterable[tuple[socket.socket, bytes]], stopped: threading.Event) -> None:
    while not stopped.wait(0.2):
        for one, drop in dripping:
            with suppress(OSError):
                one.sendall(drop)


def test_an_idle_connection_is_closed_without_a_word_after_its_answer(door: Served) -> None:
    answer = door.ask(a_request("GET", "/", close=False))

    assert status(answer) == 200
    assert answer.count(b"HTTP/1.1") == 1


def test_the_time_of_the_first_request_begins_with_its_connection(door: Served) -> None:
    began = time.monotonic()
    one = door.connect()

    time.sleep(REQUEST_SECONDS * 0.7)
    one.sendall(b"GET / HTTP/1.1\r\n")

    assert status(everything(one)) == 408
    assert time.monotonic() - began < REQUEST_SECONDS * 1.6


def test_what_is_sent_late_but_whole_is_served(door: Served) -> None:
    one = door.connect()

    time.sleep(REQUEST_SECONDS * 0.3)
    one.sendall(a_request("GET", "/"))

    assert status(everything(one)) == 200


def test_the_time_of_a_later_request_begins_with_its_first_byte(door: Served) -> None:
    one = door.connect(a_request("GET", "/", close=False))
    while not one.recv(65536).endswith(b"}"):
        pass

    time.sleep(REQUEST_SECONDS * 0.6)
    one.sendall(b"GET / HTTP/1.1\r\n")
    time.sleep(REQUEST_SECONDS * 0.6)
    one.sendall(b"Host: app.example\r\nConnection: close\r\n\r\n")

    assert status(everything(one)) == 200


@pytest.mark.parametrize(("sent", "code"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_breaks_the_rules_of_http_is_refused_at_once(door: Served, sent: bytes, code: int) -> None:
    one = door.connect(sent or b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: 9\r\n\r\nabc")
    if not sent:
        one.shutdown(socket.SHUT_WR)

    assert is_refused_with(code, everything(one))


@pytest.mark.parametrize(("path", "largest"), [(WEBHOOK, LARGEST_WEBHOOK), ("/page", LARGEST_FORM)], ids=["webhook", "page"])
def test_a_body_may_be_as_large_as_is_said_but_no_larger(door: Served, path: str, largest: int) -> None:
    fits = door.told(a_request("POST", path, body=b"x" * largest))
    head = f"POST {path} HTTP/1.1\r\nHost: app.example\r\nContent-Length: {largest + 1}\r\n\r\n"

    assert fits["length"] == largest
    assert is_refused_with(413, door.ask(head.encode()))


def test_whoever_sends_too_much_hears_so(door: Served) -> None:
    assert is_refused_with(413, door.ask(a_request("POST", WEBHOOK, body=b"x" * 15_000_000, close=False)))


@pytest.mark.parametrize(("path", "largest"), [(WEBHOOK, LARGEST_WEBHOOK), ("/page", LARGEST_FORM)], ids=["webhook", "page"])
def test_chunks_may_be_as_large_together_but_no_larger(door: Served, path: str, largest: int) -> None:
    fits = door.told(a_request("POST", path, "Transfer-Encoding: chunked") + chunked(b"x" * largest, 16_384))
    too_large = door.connect(a_request("POST", path, "Transfer-Encoding: chunked", close=False))
    too_large.sendall(chunked(b"x" * (largest + 1), 16_384).removesuffix(b"0\r\n\r\n"))

    assert fits["length"] == largest
    assert is_refused_with(413, everything(too_large))


def chunked(body: bytes, size: int) -> bytes:
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a_body_is_not_cut_into_crumbs(door: Served) -> None:
    small = door.told(a_request("POST", "/", "Transfer-Encoding: chunked") + chunked(b"x" * 1000, 1))
    crumbs = door.connect(a_request("POST", "/", "Transfer-Encoding: chunked", close=False) + chunked(b"x" * 100_000, 1))

    assert small["length"] == 1000
    assert is_refused_with(413, everything(crumbs))


def test_a_body_that_is_announced_is_asked_for(door: Served) -> None:
    one = door.connect(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n")
    assert one.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"

    one.sendall(b"abc")

    answer = everything(one)
    assert status(answer) == 200
    assert b"100 Continue" not in answer


def test_a_body_that_is_too_large_is_not_asked_for(door: Served) -> None:
    answer = door.ask(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 15000000\r\n\r\n")

    assert is_refused_with(413, answer)


def test_requests_sent_in_one_go_are_answered_in_turn(door: Served) -> None:
    bodies = [a_request("POST", f"/{number}", body=b"x" * number, close=False) for number in (1, 20_000)]

    answer = door.ask(b"".join([*bodies, a_request("GET", "/last")]))

    assert [answer.count(text) for text in (b"200 OK", b'"length": 1,', b'"length": 20000,', b'"/last"')] == [3, 1, 1, 1]


def test_each_refusal_is_counted_by_its_reason(door: Served) -> None:
    before = door.refusals()

    door.ask(b"nonsense\r\n\r\n")
    door.ask(b"POST / HTTP/1.1\r\nHost: app.example\r\nContent-Length: 15000000\r\n\r\n")

    now = door.refusals()
    assert {reason: now[reason] - before.get(reason, 0) for reason in ("malformed", "too_large")} == {
        "malformed": 1,
        "too_large": 1,
    }
