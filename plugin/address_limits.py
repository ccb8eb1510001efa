"""How often somebody may do something, by the address they come from: in this process, in bounded memory."""

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Lock
from typing import Final

REMEMBERED: Final = 20_000  #: keys; the one that was quiet for longest makes room
WHOLE_HOME: Final = 64  #: bits of an IPv6 address that one subscriber shares, RFC 6177


class AddressLimit:
    """So many within a time, and then one after another at that rate (GCRA): a key needs one moment of memory."""

    def __init__(self, *, most: int, within: timedelta, remembered: int = REMEMBERED) -> None:
        self._within, self._interval, self._remembered = within, within / most, remembered
        self._free_at: OrderedDict[str, datetime] = OrderedDict()  #: when a key would have all its allowance again
        self._guard = Lock()

    def wait(self, key: str, now: datetime) -> timedelta | None:
        """How long the next one of this key has to wait; None when it may come now."""
        with self._guard:
            wait = self._debt(key, now) + self._interval - self._within
        return wait if wait > timedelta(0) else None

    def count(self, key: str, now: datetime) -> None:
        """It did it once more."""
        with self._guard:
            # Never more than the whole: also not after a clock was set back, or by those that were under way together.
            self._free_at[key] = now + min(self._debt(key, now) + self._interval, self._within)
            self._free_at.move_to_end(key)
            while len(self._free_at) > self._remembered:
                self._free_at.popitem(last=False)

    def _debt(self, key: str, now: datetime) -> timedelta:
        return min(max(self._free_at.get(key, now) - now, timedelta(0)), self._within)


def source_of(address: str | None) -> str:
    """What counts as one address: an IPv4 address, or the network of one IPv6 subscriber."""
    try:
        found: IPv4Address | IPv6Address = ip_address((address or "").partition("%")[0])
    except ValueError:  # a Unix socket has none
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(found) if found.version == 4 else str(ip_network((found, WHOLE_HOME), strict=False))
