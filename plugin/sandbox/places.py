"""Where each part of the sandbox listens."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from plugin.config import Settings
from plugin.domain.errors import Misconfigured
from plugin.sandbox.pretend_store import PretendStore
from plugin.sandbox.stores import discover

OWN_PARTS: Final = ("the app", "the sandbox page", "the pretend SendPulse's events", "its REST API")
# A port alone makes no other site: the stores have another name, so that a frame of the app in their admin is cross-site
# as it is in a real one, without its cookies and with storage of its own.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 read, not bound
OTHER_NAME = {"127.0.0.1": "localhost", "[::1]": "localhost", "localhost": "127.0.0.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One host, and ports in a row: the sandbox's own parts, then those of each store."""

    host: str
    port: int
    stores: Mapping[str, PretendStore] = field(default_factory=discover)

    @classmethod
    def of(cls, settings: Settings) -> "Places":
        """The app's port and those after it; raises `Misconfigured` when one is taken."""
        places = cls(host=settings.host, port=settings.port)
        after = len(places.parts) - 1
        if settings.port + after > 65535:
            raise Misconfigured(f"PORT: {settings.port} leaves no room for the {after} ports after it; choose a lower one.")
        for number, part in enumerate(places.parts):
            places._check_free(settings.port + number, part)
        return places

    @property
    def parts(self) -> tuple[str, ...]:
        """What listens at each port, from the first on."""
        return (*OWN_PARTS, *(part for store in self.stores.values() for part in store.parts))

    def _check_free(self, port: int, part: str) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, port))
            except OSError as error:
                raise Misconfigured(
                    f"Port {port} is needed for {part} and cannot be used ({error.strerror}). The sandbox takes PORT and "
                    f"the {len(self.parts) - 1} after it: stop what listens there, or choose others, "
                    f"such as PORT={self.port + 100} make run."
                ) from error

    def url(self, number: int) -> str:
        """How the parts reach each other, and a browser on this machine reaches them."""
        return f"http://{self._name}:{self.port + number}"

    @property
    def _name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.host not in LOOPBACK else self.host
        return LOOPBACK.get(host, host)

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

    def store_ports(self, name: str) -> Sequence[int]:
        """Those of this store's parts, in their order."""
        counts = [len(store.parts) for store in self.stores.values()]
        begins = dict(zip(self.stores, accumulate(counts, initial=self.port + len(OWN_PARTS)), strict=False))
        return range(begins[name], begins[name] + len(self.stores[name].parts))

    def store_urls(self, name: str) -> tuple[str, ...]:
        """Where this store's parts are, as a browser on this machine reaches them."""
        host = OTHER_NAME.get(self._name, self._name)
        return tuple(f"http://{host}:{port}" for port in self.store_ports(name))

    def environ(self) -> Mapping[str, str]:
        """What makes the app call the pretend ones instead of the real."""
        stores = [store.environ(self.store_urls(name)) for name, store in self.stores.items()]
        return {
            **{variable: value for environ in stores for variable, value in environ.items()},
            "PLUGIN_SANDBOX": "1",
            "HOST": self.host,
            "PORT": str(self.port),
            "PUBLIC_URL": self.app,
            "SENDPULSE_EVENTS_URL": self.events,
            "SENDPULSE_API_URL": self.api,
        }
