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
    "the pretend Saleor without the app",
)
# A port alone makes no other site: the stores have another name, so that a frame of the app in their admin is cross-site
# as it is in a real one, without its cookies and with storage of its own.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 read, not bound
OTHER_NAME = {"127.0.0.1": "localhost", "[::1]": "localhost", "localhost": "127.0.0.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One host, seven ports in a row."""

    host: str
    port: int

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """The app's port and the six after it; raises `Misconfigured` when one is taken."""
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
                    f"the {len(PARTS) - 1} after it: stop what listens there, or choose others, "
                    f"such as PORT={self.port + 100} make run."
                ) from error

    def url(self, number: int) -> str:
        """How the parts reach each other, and a browser on this machine reaches them."""
        return f"http://{self._name}:{self.port + number}"

    @property
    def _name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.host not in LOOPBACK else self.host
        return LOOPBACK.get(host, host)

    def _store(self, number: int) -> str:
        return f"http://{OTHER_NAME.get(self._name, self._name)}:{self.port + number}"

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
        return self._store(4)

    @property
    def saleor(self) -> str:
        return self._store(5)

    @property
    def saleor_newcomer(self) -> str:
        """A shop that has not installed the app yet."""
        return self._store(6)

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
            "SHOPIFY_APP_BRIDGE_URL": f"{self.shopify}/app-bridge.js",
            "SALEOR_ALLOWED_URLS": ",".join(f"^{re.escape(url)}/graphql/$" for url in (self.saleor, self.saleor_newcomer)),
        }
