"""Somebody who wants to be served meanwhile: health and a store's signed webhook, each on a connection of its own."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from plugin.domain.shop import Shop
from tests.support.many_shops import paid

PATIENCE = 60.0


@dataclass
class Asker:
    """Asks, and remembers how long each answer took and what it was."""

    port: int
    shop: Shop
    number: int = 0
    waits: list[float] = field(default_factory=list)  #: seconds
    statuses: list[int] = field(default_factory=list)  #: 0 where the connection broke

    def ask(self) -> None:
        """Both once."""
        self.number += 1
        webhook = paid(self.shop, self.number)
        self._time("GET", "/livez")
        self._time("POST", "/webhooks/shopify", webhook.body, dict(webhook.headers))

    def _time(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        began = time.monotonic()
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            self.statuses.append(connection.getresponse().status)
        except (OSError, http.client.HTTPException):
            self.statuses.append(0)
        finally:
            connection.close()
        self.waits.append(time.monotonic() - began)
