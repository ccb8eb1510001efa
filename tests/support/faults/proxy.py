"""A way to the database that can be cut: what is sent meanwhile is not refused, it just does not arrive."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 64 * 1024


class Cuttable:
    """Forwards every connection to a port of this machine, while it is not cut."""

    def __init__(self, port: int, host: str) -> None:
        self._target, self._whole = port, threading.Event()
        self._whole.set()
        self._listener = socket.create_server((host, 0), backlog=64)
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        found: int = self._listener.getsockname()[1]
        return found

    def cut(self) -> None:
        """From now on nothing arrives, in neither direction."""
        self._whole.clear()

    def mend(self) -> None:
        """Let everything through again, what has waited first."""
        self._whole.set()

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.mend()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                caller, _ = self._listener.accept()
                self._whole.wait()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._open += [caller, server]
                for one, other in ((caller, server), (server, caller)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(PIECE):
                self._whole.wait()
                other.sendall(piece)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@contextmanager
def cuttable_way_to(port: int, *, host: str = "127.0.0.1") -> Iterator[Cuttable]:
    """The way from a free port at `host`, closed at the end."""
    way = Cuttable(port, host)
    try:
        yield way
    finally:
        way.close()
