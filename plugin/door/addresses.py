"""Whose request it is: the address of the client, and of those that count as one with it."""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from plugin.config import Network

Address = IPv4Address | IPv6Address

MOST_HOPS: Final = 32  #: nobody has more proxies; the rest of a longer header is not read
_SUBSCRIBER_BITS: Final = 64  #: RFC 6177: whoever has one IPv6 address has at least so many more


def address(text: str) -> Address | None:
    """What this text names, an IPv4 address in IPv6 clothes as itself; None when it is no address.

    A port or brackets around it are dropped, as some proxies write them into X-Forwarded-For.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def counted_as(client: Address) -> str:
    """The name under which an address has its share: itself, or all of the IPv6 network its owner certainly has."""
    if isinstance(client, IPv6Address):
        return str(ip_network((client, _SUBSCRIBER_BITS), strict=False))
    return str(client)


def is_among(client: Address, networks: Collection[Network]) -> bool:
    return any(client in network for network in networks)


def client_behind(peer: Address, forwarded: Iterable[str], trusted: Collection[Network]) -> Address:
    """The last hop that no trusted proxy is: each hop was written by the one after it, so only those to its right vouch.

    An entry that is no address ends the search: then it is the hop that wrote it.
    """
    hops = ",".join(forwarded).rsplit(",", MOST_HOPS)[-MOST_HOPS:]
    client = peer
    while is_among(client, trusted) and hops:
        before = address(hops.pop())
        if before is None:
            break
        client = before
    return client
