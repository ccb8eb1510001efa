"""Answers are written to whoever reads them; a stop lets what is on its way finish; the last file is not the end."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from gevent import socket as gevent_socket

from plugin.door import connection as door_connection
from plugin.door.budgets import Budgets
from plugin.door.connection import Connection, Outgoing
from plugin.door.refusals import SLOW_READER, Refused
from plugin.door.sizes import Limits
from tests.support.door.echo import LINE
from tests.support.door.served import PATIENCE, Served, a_request, everything, served, status

PIECES = 40  #: of 64 KB
CRUMB = 8 * 1024  #: bytes; files are written in such pieces
STOPPED_WITHIN = 20.0

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Both of a connection that holds little on its way."""
    ours, theirs = gevent_socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CRUMB)
    yield ours, theirs
    ours.close()
    theirs.close()


def written_to(ours: socket.socket) -> Outgoing:
    budgets = Budgets(Limits(connections=4, address_connections=4, bytes=1, address_bytes=1))
    return Outgoing(Connection(ours, budgets, "a", has_share=True))


def test_a_long_answer_may_be_read_for_as_long_as_it_is_read(door: Served) -> None:
    one = door.connect(a_request("GET", f"/long?{PIECES}"))
    came = b""

    while piece := one.recv(65536):
        came += piece
        time.sleep(0.02)

    assert came.count(LINE[:-1]) == PIECES * 64


def test_a_reader_that_reads_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch, ends: Ends) -> None:
    monkeypatch.setattr(door_connection, "READER_SECONDS", 0.05)
    ours, _ = ends
    outgoing = written_to(ours)

    with pytest.raises(Refused) as refused:
        outgoing.sendall(b"x" * 10_000_000)

    assert refused.value.refusal is SLOW_READER
    assert outgoing.fileno() == ours.fileno()


def test_a_reader_of_crumbs_is_let_go_however_small_the_pieces_are(monkeypatch: pytest.MonkeyPatch, ends: Ends) -> None:
    assert door_connection.READER_SECONDS < 120
    assert door_connection.SLOWEST > 1000
    monkeypatch.setattr(door_connection, "READER_SECONDS", 0.5)
    monkeypatch.setattr(door_connection, "SLOWEST", CRUMB / 0.05)
    ours, theirs = ends
    outgoing = written_to(ours)
    reader = gevent.spawn(read_slowly, theirs, CRUMB, 0.1)

    with pytest.raises(Refused) as refused:
        for _ in range(100):
            outgoing.sendall(b"x" * CRUMB)

    reader.kill()
    assert refused.value.refusal is SLOW_READER


def test_a_reader_that_keeps_up_may_read_for_long(monkeypatch: pytest.MonkeyPatch, ends: Ends) -> None:
    monkeypatch.setattr(door_connection, "READER_SECONDS", 2)
    monkeypatch.setattr(door_connection, "SLOWEST", CRUMB)
    ours, theirs = ends
    outgoing = written_to(ours)
    reader = gevent.spawn(read_slowly, theirs, CRUMB, 0.01)
    began = time.monotonic()

    while time.monotonic() - began < 3:  # longer than it may take over the first piece
        outgoing.sendall(b"x" * CRUMB)

    reader.kill()


def read_slowly(theirs: socket.socket, size: int, pause: float) -> None:
    while theirs.recv(size):
        gevent.sleep(pause)


def test_a_stop_finishes_what_is_asked_and_waits_for_nobody_idle(tmp_path: Path) -> None:
    with served(tmp_path / "door.log", files=400, REQUEST_SECONDS="60") as door:
        kept = door.connect(a_request("GET", "/", close=False))
        while not kept.recv(65536).endswith(b"}"):
            pass
        idle = [door.connect() for _ in range(20)]
        asked = door.connect(a_request("GET", "/slow?2", close=False))
        time.sleep(0.5)

        door.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        answer = everything(asked)
        silent = [everything(one) for one in (kept, *idle)]
        door.process.wait(PATIENCE)

        assert status(answer) == 200
        assert set(silent) == {b""}
        assert time.monotonic() - began < STOPPED_WITHIN
        assert "Traceback" not in door.log.read_text()


def test_it_goes_on_after_the_machine_had_no_more_files(tmp_path: Path) -> None:
    with served(tmp_path / "door.log", files=40, application="tests.support.door.greedy:app", REQUEST_SECONDS="2") as door:
        ones = [door.connect() for _ in range(3)]
        assert status(door.ask(a_request("GET", "/take"))) == 200
        ones += [door.connect() for _ in range(5)]

        # Whoever waits gives back a file for the next.
        assert status(door.ask(a_request("GET", "/"))) == 200
        assert {status(everything(one)) for one in ones} <= {0, 408}
        assert door.refusals().get("files", 0) >= 1
        assert "Traceback" not in door.log.read_text()


def test_it_listens_on_ipv6(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with served(tmp_path / "door.log", files=400, HOST="::1", TRUSTED_PROXIES="::1") as door:
        told = door.told(a_request("GET", "/", "X-Forwarded-For: 2001:db8::7"), source="::1")

    assert told["address"] == "2001:db8::7"
