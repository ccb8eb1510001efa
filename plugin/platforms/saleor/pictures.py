"""The pictures of products: absolute addresses that a mail program far from the shop can open."""

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urljoin, urlsplit

from plugin.domain.payload import Payload
from plugin.domain.shop import Shop
from plugin.domain.wording import worded

from .addresses import origin

_PRIVATE_NAMES: Final = (".localhost", ".local", ".internal", ".home.arpa")
# Not `is_private`: that has the blocks kept for documentation in it too, which are nobody's network.
_PRIVATE_NETWORKS: Final = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "::/127", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


def picture(line: Payload, shop: Shop) -> str:
    """The address of a line's picture, else of its product's; "" where none can be opened."""
    return next((url for url in _addresses(line, shop) if is_reachable(url)), "")


def missing_pictures(lines: Iterable[Payload], shop: Shop) -> str:
    """What to say of the products whose pictures exist, but nowhere a buyer could see them; "" when there are none."""
    hidden = sum(bool(_addresses(line, shop)) and not picture(line, shop) for line in lines)
    if not hidden:
        return ""
    return worded(
        "No picture for %(hidden)s of the products: your Saleor gave an address that cannot be reached from the "
        "internet. Ask whoever runs your Saleor to set its public address.",
        hidden=hidden,
    )


def is_reachable(url: str) -> bool:
    """Whether somebody on the internet could open this address, as far as its text tells."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not _is_private(host)


def _addresses(line: Payload, shop: Shop) -> list[str]:
    """Absolute, and in the order of their fitness: a relative one is at the shop's own API."""
    home = f"{origin(shop.address)}/"
    things = (line, line.object("variant").object("product"))
    return [_joined(home, url) for thing in things if (url := thing.object("thumbnail").text("url"))]


def _joined(home: str, url: str) -> str:
    try:
        return urljoin(home, url)
    except ValueError:
        return url


def _is_private(host: str) -> bool:
    try:
        ip = ip_address(host.partition("%")[0])
    except ValueError:
        # A name without a dot is known in one network only (`localhost`, `api`); one that ends in a number is an IP
        # address in some odd spelling (127.1).
        last = host.rpartition(".")[2]
        return "." not in host or host.endswith(_PRIVATE_NAMES) or bool(re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last))
    ip = (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip
    return any(ip in block for block in _PRIVATE_NETWORKS)
