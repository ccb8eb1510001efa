"""Connections to SendPulse's hosts, kept open between requests."""

import socket
import ssl
from collections import deque
from collections.abc import Callable
from functools import cache
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from certifi import where as trusted_authorities

from plugin.sendpulse.lookup import LookUp
from plugin.sockets import has_something_to_read

LONGEST_IDLE: Final = 25.0  #: seconds; what stands between may forget a connection that is silent for longer, and not say so

_PORTS: Final = {"http": 80, "https": 443}


class Host:
    """Where to connect to, and the connections to it nobody uses now."""

    def __init__(self, url: str, *, connect_seconds: float, most: int) -> None:
        """`url` is a scheme, a host and maybe a port; raises `ValueError` when it is not."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path or parts.username is not None:
            raise ValueError("no address of a host")
        self.name = parts.netloc  #: as the Host header says it
        self._host = parts.hostname
        self._look_up = LookUp(parts.hostname, parts.port or _PORTS[parts.scheme])
        self._is_secure = parts.scheme == "https"
        self._connect_seconds = connect_seconds
        self._idle: deque[tuple[socket.socket, float]] = deque(maxlen=most)  #: and since when

    def connection(self) -> socket.socket:
        """The one used last that still stands, else a new one; raises `OSError` when there is none: nothing was sent."""
        while self._idle:
            try:
                kept, since = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if monotonic() - since < LONGEST_IDLE and not has_something_to_read(kept.fileno()):
                return kept
            kept.close()
        return self._connected(until=monotonic() + self._connect_seconds)

    def keep(self, connection: socket.socket) -> None:
        """For the next request; one too many is closed."""
        if len(self._idle) == self._idle.maxlen:
            connection.close()
        else:
            self._idle.append((connection, monotonic()))

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[0].close()

    def _connected(self, *, until: float) -> socket.socket:
        """A new connection, name, address and TLS within one bound; raises `OSError` when it is not there in time."""
        plain = self._reached(until)
        try:
            # The head and the body of a request leave in one piece: there is nothing to wait for.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(_left(until))
            return _trust()(plain, self._host) if self._is_secure else plain
        except BaseException:
            plain.close()
            raise

    def _reached(self, until: float) -> socket.socket:
        """Connected to the first of the host's addresses that answers."""
        failed: OSError = ConnectionError("the name has no address")
        for family, kind, protocol, _, address in self._look_up.addresses(within=_left(until)):
            plain = socket.socket(family, kind, protocol)
            try:
                plain.settimeout(_left(until))
                plain.connect(address)
            except OSError as error:
                plain.close()
                failed = error
            else:
                return plain
        raise failed


def _left(until: float) -> float:
    """Seconds until this moment; raises `TimeoutError` when it has passed."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError("connecting took too long")
    return left


@cache
def _trust() -> Callable[[socket.socket, str], socket.socket]:
    """Wraps a connection in TLS with a host whose certificate an authority vouches for."""
    context = ssl.create_default_context(cafile=trusted_authorities())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return lambda plain, name: context.wrap_socket(plain, server_hostname=name)
