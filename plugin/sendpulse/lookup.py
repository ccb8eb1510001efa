"""The addresses of a host's name, within a bound of time: the system's own look-up has none."""

import socket
from concurrent.futures import Future
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final

REMEMBERED: Final = 30.0  #: seconds an answer is used again

Addresses = list[tuple[Any, ...]]  #: as `socket.getaddrinfo` answers


class LookUp:
    """One look-up at a time, shared by all who need it; one that never ends holds up nobody for longer than they wait."""

    def __init__(self, name: str, port: int) -> None:
        self._name, self._port = name, port
        self._lock = Lock()
        self._asked: Future[Addresses] | None = None
        self._asked_at = 0.0

    def addresses(self, *, within: float) -> Addresses:
        """The name's addresses; raises `OSError` when there are none, or none in time (seconds)."""
        return self._shared().result(within)

    def _shared(self) -> "Future[Addresses]":
        with self._lock:
            asked = self._asked
            is_good = asked and (not asked.done() or (not asked.exception() and monotonic() - self._asked_at < REMEMBERED))
            if asked is None or not is_good:
                asked, self._asked_at = Future(), monotonic()
                self._asked = asked
                Thread(target=self._ask, args=(asked,), name="look up", daemon=True).start()
            return asked

    def _ask(self, asked: "Future[Addresses]") -> None:
        try:
            asked.set_result(socket.getaddrinfo(self._name, self._port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 whoever waits for the answer raises it
            asked.set_exception(error)
