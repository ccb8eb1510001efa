"""One connection: read from, written to, and left when its place is needed or its peer does not move."""

import time
from typing import Any, Final

from gevent.hub import get_hub
from greenlet import getcurrent

from plugin.door.budgets import Budgets, Guest
from plugin.door.refusals import SLOW_READER, Refusal, Refused

READER_SECONDS: Final = 60.0  #: a reader that has taken nothing for so long is let go
_PIECE: Final = 64 * 1024  #: bytes
SLOWEST: Final = _PIECE / READER_SECONDS  #: bytes a second, about 1 kB; nobody may read slower for long

# Read into by all in turn: what has come is taken out before anybody else runs. A buffer for each read would be torn into
# small pieces by what thousands of connections keep.
_buffer: Final = memoryview(bytearray(_PIECE))


class Connection:
    """The two ends of a connection, watched.

    While it waits for its peer, and only then, it can be turned out: nothing that the application does is interrupted.
    """

    def __init__(self, client: Any, budgets: Budgets, address: str, *, has_share: bool) -> None:
        self.socket = client
        self.budgets = budgets
        self._greenlet = getcurrent()
        self._waits_for_peer = False
        self._turned_out: Refusal | None = None
        self._patience = READER_SECONDS  #: how long its reader may keep us waiting; what it reads earns it more
        self.came_at = time.monotonic()
        self.guest: Guest = budgets.enter(address, self._turn_out, has_share=has_share)

    def read(self, size: int) -> bytes:
        """The next bytes of a request, empty at the end; raises `Refused` when there is no room for them."""
        self._waits_for_peer = True
        try:
            count = self.socket.recv_into(_buffer, size)
        finally:
            self._waits_for_peer = False
        if self._turned_out:  # while there was always something to read
            raise Refused(self._turned_out)
        piece = bytes(_buffer[:count])
        self.budgets.hold(self.guest, count)
        return piece

    def write(self, data: bytes) -> None:
        """Hand it to the peer; raises `Refused` when the peer does not take it."""
        rest = memoryview(data)
        while rest:
            self._write_piece(rest[:_PIECE])
            rest = rest[_PIECE:]

    def _write_piece(self, data: memoryview) -> None:
        self.budgets.write(self.guest)
        self.socket.settimeout(self._patience)
        self._waits_for_peer, began = True, time.monotonic()
        try:
            self.socket.sendall(data)
        except TimeoutError:
            raise Refused(SLOW_READER) from None
        finally:
            self._waits_for_peer = False
            self.budgets.has_read(self.guest)
        left = max(0.0, self._patience - (time.monotonic() - began))
        self._patience = min(READER_SECONDS, left + len(data) / SLOWEST)

    def has_gone(self) -> None:
        """Give its place back."""
        self.budgets.leave(self.guest)

    def _turn_out(self, refusal: Refusal) -> None:
        self._turned_out = refusal
        get_hub().loop.run_callback(self._interrupt, refusal)

    def _interrupt(self, refusal: Refusal) -> None:
        if self._waits_for_peer:
            self._greenlet.throw(Refused(refusal))


class Outgoing:
    """The connection as whoever writes the answer knows it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sendall(self, data: bytes) -> None:
        self._connection.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection.socket, name)
