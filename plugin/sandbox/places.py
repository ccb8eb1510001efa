"""Where each part of the sandbox listens."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from plugin.config import Settings
from plugin.domain.errors import Misconfigured

PARTS = (
    "the app",
    "the sandbox page",
    "the pretend SendPulse's events",
    "its REST API",
    "the pretend Shopify",
    "the pretend Saleor",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One host, six ports in a row."""

    host: str
    port: int

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """The app's port and the five after it; raises `Misconfigured` when one is taken."""
        places = cls(host=settings.host, port=settings.port)
        if settings.port + len(PARTS) - 1 > 65535:
            raise Misconfigured(
                f"PORT: {settings.port} leaves no room for the {len(PARTS) - 1} ports after it; choose a lower one."
            )
        for number, part in enumerate(PARTS):
            places._check_free(settings.port + number, part)
        return places

    def _check_free(self, port: int, part: str) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, port))
            except OSError as error:
                raise Misconfigured(
                    f"Port {port} is needed for {part} and cannot be used ({error.strerror}). The sandbox takes PORT and "
                    f"the five after it: stop what listens there, or choose others, such as PORT={self.port + 100} make run."
                ) from error

    def url(self, number: int) -> str:
        """How the parts reach each other, and a browser on this machine reaches them."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 read, not bound
        return f"http://{host}:{self.port + number}"

    @property
    def app(self) -> str:
        return self.url(0)

    @property
    def page(self) -> str:
        return self.url(1)

    @property
    def events(self) -> str:
        return self.url(2)

    @property
    def api(self) -> str:
        return self.url(3)

    @property
    def shopify(self) -> str:
        return self.url(4)

    @property
    def saleor(self) -> str:
        return self.url(5)

    def environ(self) -> Mapping[str, str]:
        """What makes the app call the pretend ones instead of the real."""
        return {
            "PLUGIN_SANDBOX": "1",
            "HOST": self.host,
            "PORT": str(self.port),
            "PUBLIC_URL": self.app,
            "SENDPULSE_EVENTS_URL": self.events,
            "SENDPULSE_API_URL": self.api,
            "SHOPIFY_ADMIN_URL": f"{self.shopify}/{{shop}}",
            "SALEOR_ALLOWED_URLS": f"^{re.escape(self.saleor)}/graphql/$",
        }
