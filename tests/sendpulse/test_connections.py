"""Which connection a request gets."""

import socket
from collections import deque
from threading import Event
from time import monotonic
from typing import Any, cast

import pytest

from plugin.sendpulse.connections import Host
from plugin.sendpulse.lookup import LookUp


@pytest.fixture
def host() -> Host:
    return Host("http://127.0.0.1:9", connect_seconds=0.5, most=2)


def test_the_one_used_last_is_used_first(host: Host) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    for mine, _ in pairs:
        host.keep(mine)

    assert host.connection() is pairs[1][0]
    host.close()
    _close(pairs)


def test_no_more_are_kept_than_allowed(host: Host) -> None:
    pairs = [socket.socketpair() for _ in range(3)]
    for mine, _ in pairs:
        host.keep(mine)

    assert [mine.fileno() == -1 for mine, _ in pairs] == [False, False, True]
    host.close()
    assert all(mine.fileno() == -1 for mine, _ in pairs)
    _close(pairs)


def test_two_threads_never_get_the_same(host: Host) -> None:
    class Emptied(deque[tuple[socket.socket, float]]):
        def pop(self) -> tuple[socket.socket, float]:  # type: ignore[override]
            super().pop()
            raise IndexError("another thread was quicker")

    pair = socket.socketpair()
    cast(Any, host)._idle = Emptied([(pair[0], monotonic())])

    with pytest.raises(OSError):  # a new one is asked for, and nobody is there
        host.connection()
    _close([pair])


def test_one_that_was_silent_for_long_is_not_used_again(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A router between may have forgotten it: what is sent on it would never arrive, and nobody would say so."""
    pair = socket.socketpair()
    host.keep(pair[0])
    monkeypatch.setattr("plugin.sendpulse.connections.LONGEST_IDLE", 0.0)

    with pytest.raises(OSError):  # a new one is asked for, and nobody is there
        host.connection()

    assert pair[0].fileno() == -1
    _close([pair])


# ------------------------------------------------------------------ looking the name up


class Names:
    """The system's look-up, which answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.may_answer = 0, Event()
        self.answer: Any = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))]

    def __call__(self, *_: Any, **__: Any) -> Any:
        self.asked += 1
        self.may_answer.wait(5)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    found = Names()
    monkeypatch.setattr("plugin.sendpulse.lookup.socket.getaddrinfo", found)
    return found


def test_a_name_that_is_looked_up_for_ever_holds_up_nobody(names: Names) -> None:
    look_up, began = LookUp("slow.example", 443), monotonic()

    for _ in range(3):
        with pytest.raises(TimeoutError):
            look_up.addresses(within=0.1)

    assert monotonic() - began < 2
    assert names.asked == 1  # all of them wait for the same answer
    names.may_answer.set()
    assert look_up.addresses(within=5) == names.answer


def test_an_answer_is_used_again_for_a_while(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    names.may_answer.set()
    look_up = LookUp("quick.example", 443)
    found = [look_up.addresses(within=5) for _ in range(3)]
    monkeypatch.setattr("plugin.sendpulse.lookup.REMEMBERED", 0.0)
    look_up.addresses(within=5)

    assert found == [names.answer] * 3
    assert names.asked == 2


def test_a_name_that_was_not_found_is_asked_for_anew(names: Names) -> None:
    names.may_answer.set()
    answer, names.answer = names.answer, OSError("no such name")
    look_up = LookUp("late.example", 443)
    with pytest.raises(OSError, match="no such name"):
        look_up.addresses(within=5)
    names.answer = answer

    assert look_up.addresses(within=5) == answer


def test_the_next_address_is_tried_when_one_does_not_answer(names: Names, host: Host) -> None:
    names.may_answer.set()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        names.answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", each)) for each in (9, port)]

        connected = host.connection()

        assert connected.getpeername()[1] == port
        connected.close()


def test_a_name_without_an_address_is_not_reached(names: Names, host: Host) -> None:
    names.may_answer.set()
    names.answer = []

    with pytest.raises(OSError, match="no address"):
        host.connection()


def test_nothing_is_begun_when_no_time_is_left(names: Names) -> None:
    with pytest.raises(TimeoutError, match="too long"):
        Host("http://slow.example", connect_seconds=0, most=2).connection()

    assert names.asked == 0


def _close(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    for pair in pairs:
        for end in pair:
            end.close()
