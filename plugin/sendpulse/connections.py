"""Connections to SendPulse's hosts, kept open between requests."""

import select
import socket
import ssl
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from certifi import where as trusted_authorities
from gevent.monkey import get_original

_poll: Final = get_original("select", "poll")
_PORTS: Final = {"http": 80, "https": 443}


class Host:
    """Where to connect to, and the connections to it nobody uses now."""

    def __init__(self, url: str, *, connect_seconds: float, most: int) -> None:
        """`url` is a scheme, a host and maybe a port; raises `ValueError` when it is not."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path or parts.username is not None:
            raise ValueError("no address of a host")
        self.name = parts.netloc  #: as the Host header says it
        self._address = (parts.hostname, parts.port or _PORTS[parts.scheme])
        self._is_secure = parts.scheme == "https"
        self._connect_seconds = connect_seconds
        self._idle: deque[socket.socket] = deque(maxlen=most)

    def connection(self) -> socket.socket:
        """The one used last that still stands, else a new one; raises `OSError` when there is none: nothing was sent."""
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if not _has_something_to_read(kept):
                return kept
            kept.close()
        return self._connected()

    def keep(self, connection: socket.socket) -> None:
        """For the next request; one too many is closed."""
        if len(self._idle) == self._idle.maxlen:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _connected(self) -> socket.socket:
        plain = socket.create_connection(self._address, timeout=self._connect_seconds)
        try:
            # The head and the body of a request leave in one piece: there is nothing to wait for.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _trust()(plain, self._address[0]) if self._is_secure else plain
        except BaseException:
            plain.close()
            raise


@cache
def _trust() -> Callable[[socket.socket, str], socket.socket]:
    """Wraps a connection in TLS with a host whose certificate an authority vouches for."""
    context = ssl.create_default_context(cafile=trusted_authorities())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return lambda plain, name: context.wrap_socket(plain, server_hostname=name)


def _has_something_to_read(connection: socket.socket) -> bool:
    """On a kept connection that is its end. Asked of the kernel: through gevent the look costs more than the request."""
    looking = _poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))
