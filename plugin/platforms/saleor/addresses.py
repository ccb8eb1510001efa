"""Which Saleor API addresses this app will ever call: anybody may announce one, so none is believed."""

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from plugin.domain.errors import Misconfigured, TryAgain

from .places import Places

Resolve = Callable[[str, int], Iterable[str]]

# A process looks up so many names at a time, whoever asks (`LOOK_UPS` at the door, ten in a worker): names that anybody may
# announce, and whose servers never answer, must leave some of them to SendPulse's.  https://www.gevent.org/dns.html
MOST_LOOK_UPS = 4  #: of shops that have the app
OF_STRANGERS = 16  #: of those that announce themselves; one for each address they come from
MOST_KNOWN = 1_000  #: names whose addresses are remembered
LOOK_UP_SECONDS = 5.0  #: a name waits for its turn, at most

LONGEST = 200  #: characters of an address; also the column width Saleor itself uses for such addresses

# One strict grammar instead of a forgiving parser: what urlsplit, requests and a browser might read
# differently (user info, backslashes, escapes, fragments, letters that only look like ASCII) fits nowhere.
_API_URL = re.compile(
    r"(?P<scheme>(?i:https?))://"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/(?!\.\.?/)[A-Za-z0-9._~-]+)*/graphql)/?",
    re.ASCII,
)
_DEFAULT_PORTS = {"https": "443", "http": "80"}

# Addresses that lead into IPv4 networks by another road, or to nobody, but that Python 3.11 calls
# global: 6to4 (RFC 3056), its relays (RFC 7526) and the newer documentation block (RFC 9637).
_TUNNEL_NETWORKS = tuple(ip_network(block) for block in ("2002::/16", "3fff::/20", "192.88.99.0/24"))
_GLOBAL_UNICAST = ip_network("2000::/3")  # all of IPv6 that is routed on the internet, RFC 4291 2.4

_PRIVATE = "The address leads into a private network. Its operator can allow it in SALEOR_ALLOWED_URLS."
_HOW_TO = "Write the shop's API address, such as https://shop.example.com/graphql/."


def clean(text: str) -> str:
    """The address as it is stored and compared; asks nobody. Raises `Misconfigured` for anything else."""
    match = _API_URL.fullmatch(text) if len(text) <= LONGEST else None
    if not match:
        raise Misconfigured(f"This is not the address of a Saleor API. {_HOW_TO}")
    scheme, host, port = match["scheme"].lower(), _host(match["host"]), match["port"]
    if port and not 0 < int(port) < 65536:
        raise Misconfigured(f"The port {port} does not exist. {_HOW_TO}")
    is_usual = not port or port.lstrip("0") == _DEFAULT_PORTS[scheme]
    return f"{scheme}://{host}{'' if is_usual else f':{int(port)}'}{match['path']}/"


def _host(text: str) -> str:
    """In lower case; an IPv6 address in its one short spelling."""
    if not text.startswith("["):
        return text.lower()
    try:
        return f"[{IPv6Address(text[1:-1])}]"
    except ValueError as error:
        raise Misconfigured(f"Between the brackets stands no IPv6 address. {_HOW_TO}") from error


def origin(address: str) -> str:
    """Scheme, host and port of a cleaned address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def is_public(text: str) -> bool:
    """Whether this IP address is somebody's on the internet, and not a road into a private network."""
    ip = ip_address(text)
    if ip.version == 6 and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in block for block in _TUNNEL_NETWORKS)


def resolved(host: str, port: int) -> list[str]:
    """Every IP address the name has now."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Misconfigured(f"The name {host} is not known on the internet. {_HOW_TO}") from error
    return [str(answer[4][0]) for answer in answers]


class Excluded(Misconfigured):
    """An address that is refused as it is written: saying so tells nothing of what stands behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """The operator's rule about addresses, asked when a shop installs and again before every call."""

    patterns: tuple[Any, ...] = ()  #: of re2; empty: any https address on the public internet
    resolve: Resolve = resolved
    source: str = ""  #: the address a stranger comes from
    look_ups: Places = field(default_factory=lambda: Places(MOST_LOOK_UPS, of_one=MOST_LOOK_UPS), compare=False, repr=False)
    known: dict[str, list[str]] = field(default_factory=dict, compare=False, repr=False)  #: where names led when last asked

    def for_strangers(self) -> "AddressPolicy":
        """The same rule, with look-ups of its own: whoever announces names cannot keep those of known shops waiting."""
        return replace(self, look_ups=Places(OF_STRANGERS, of_one=1), known={})

    def asked_from(self, source: str) -> "AddressPolicy":
        """The same rule and look-ups, for a stranger who comes from this address."""
        return replace(self, source=source)

    def exclude(self, address: str) -> None:
        """Raises `Excluded` for an address that is refused as it is written; asks nobody."""
        url = clean(address)
        if self.patterns:
            if any(pattern.fullmatch(url) for pattern in self.patterns):
                return
            raise Excluded("This Saleor may not use this app until its operator adds the address to SALEOR_ALLOWED_URLS.")
        parts = urlsplit(url)
        if parts.scheme != "https":
            raise Excluded(f"The address must begin with https://. {_HOW_TO}")
        literal = _literal(parts.hostname or "")
        if literal and not is_public(str(literal)):
            raise Excluded(_PRIVATE)

    def admit(self, address: str) -> str | None:
        """The IP address to connect to; None where the operator vouches for the name.

        Raises `Misconfigured`, or `TryAgain` where the name cannot be looked up now.
        """
        self.exclude(address)
        if self.patterns:
            return None
        parts = urlsplit(clean(address))
        literal = _literal(parts.hostname or "")
        found = [str(literal)] if literal else self._looked_up(parts.hostname or "", parts.port or 443)
        if not found or not all(is_public(ip) for ip in found):
            raise Misconfigured(_PRIVATE)
        return min(found, key=lambda ip: ip_address(ip).version)  # many machines have no way out over IPv6

    def _looked_up(self, host: str, port: int) -> list[str]:
        """Where the name leads now; where it led when all look-ups wait for the servers of other names."""
        known = self.known.get(host)
        with self.look_ups.place(self.source, seconds=0 if known else LOOK_UP_SECONDS) as is_in:
            if not is_in and known:
                return known
            if not is_in:
                raise TryAgain(f"The name {host} could not be looked up in time.")
            found = [_without_zone(ip) for ip in self.resolve(host, port)]
        if len(self.known) >= MOST_KNOWN:
            self.known.clear()
        self.known[host] = found
        return found


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address a host is written as. Decimal, octal, hexadecimal and short spellings are refused."""
    last = host.rpartition(".")[2]
    if ":" not in host and not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        return None
    try:
        return ip_address(host)
    except ValueError as error:
        raise Excluded(f"The address has a number for a name. {_HOW_TO}") from error


def _without_zone(ip: str) -> str:
    return ip.partition("%")[0]
