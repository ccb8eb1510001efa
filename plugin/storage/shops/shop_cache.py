"""Shops that were looked up a moment ago: a busy shop is read once in two seconds, not once a webhook."""

import time
from collections.abc import Callable

from plugin.ports import Installation

# What another process does (an uninstall, a new installation, keys that were renewed) is seen after this at the
# latest; what this process does, at once. A webhook accepted in between does no harm: whatever leaves reads the shop
# itself, and a row of a shop that was deleted is refused by its foreign key.
SECONDS = 2.0
SECONDS_UNKNOWN = 1.0  #: a shop that was not there may be installing this very moment
MOST = 10_000  #: addresses; strangers can ask for as many as they like

Address = tuple[str, str]  #: platform and address


class ShopCache:
    """What `look_up` answered lately, by address."""

    def __init__(self, *, seconds_now: Callable[[], float] = time.monotonic) -> None:
        self._now = seconds_now
        self._found: dict[Address, tuple[float, Installation | None]] = {}

    def find(self, address: Address, look_up: Callable[[], Installation | None]) -> Installation | None:
        """The shop, asking for it when it is not known or was not asked for lately."""
        now = self._now()
        until, known = self._found.get(address, (now, None))
        if now < until:
            return known
        if len(self._found) >= MOST:
            self.forget()
        found = self._found  # `forget` puts another in its place, so an answer from before it is not kept
        installation = look_up()
        found[address] = now + (SECONDS if installation else SECONDS_UNKNOWN), installation
        return installation

    def forget(self) -> None:
        """Ask for every shop anew: one of them was changed."""
        self._found = {}
