"""Which connection a request gets."""

import socket
from collections import deque
from typing import Any, cast

import pytest

from plugin.sendpulse.connections import Host


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
    class Emptied(deque[socket.socket]):
        def pop(self) -> socket.socket:  # type: ignore[override]
            super().pop()
            raise IndexError("another thread was quicker")

    pair = socket.socketpair()
    cast(Any, host)._idle = Emptied([pair[0]])

    with pytest.raises(OSError):  # a new one is asked for, and nobody is there
        host.connection()
    _close([pair])


def _close(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    for pair in pairs:
        for end in pair:
            end.close()
