"""One connection to a shop: to the address that was checked, past this machine's proxies, for no longer than agreed."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


@contextmanager
def session(url: str, ip: str | None, *, seconds: float) -> Iterator[requests.Session]:
    """A session that connects to `ip`, whatever the name resolves to a moment later, and hangs up after so many seconds."""
    parts = urlsplit(url)
    adapter = _Adapter(parts.hostname or "", ip)
    end = Timer(seconds, adapter.hang_up)
    end.daemon = True
    with requests.Session() as http:
        http.trust_env = False  # neither a proxy nor a .netrc of this machine is the shop's business
        http.mount(f"{parts.scheme}://", adapter)
        if ip:
            http.headers["Host"] = parts.netloc
        end.start()
        try:
            yield http
        finally:
            end.cancel()


class _Adapter(HTTPAdapter):
    """Closes the gap between checking a name's IP address and connecting to it (DNS rebinding).

    It knows its sockets, because a time limit of requests begins anew with every byte: who sends a letter a second
    could hold a worker for days.
    """

    def __init__(self, host: str, ip: str | None) -> None:
        self._host, self._ip = host, ip
        self._sockets: list[socket] = []
        super().__init__()

    def hang_up(self) -> None:
        """Whoever reads from there reads an end."""
        for connected in self._sockets:
            with suppress(OSError):
                connected.shutdown(SHUT_RDWR)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._sockets)
        return pool

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host_params: Any
        pool_kwargs: Any
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._ip:
            host_params["host"] = self._ip
            if host_params["scheme"] == "https":
                pool_kwargs.update(server_hostname=self._host, assert_hostname=self._host)
        return host_params, pool_kwargs


def _watched(connection: Any, sockets: list[socket]) -> Any:
    """The same class of connections; the socket of each is added to the list."""

    class Watched(connection):  # type: ignore[misc]  # http and https have classes of their own
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    return Watched
