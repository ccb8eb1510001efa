"""The shops' public keys: kept with their access, fetched again when a signature does not fit them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from plugin import clock
from plugin.domain.errors import Misconfigured, TryAgain
from plugin.ports import Installation, Shops

from .signature import usable_keys

PAUSE = timedelta(minutes=1)  #: junk signatures make us ask a shop no more often


class KeySets:
    """Keys by shop. A Saleor has one key and changes it without overlap, so a stranger's key may be its new one."""

    def __init__(self, fetch: Callable[[str], Mapping[str, Any]], *, now: Callable[[], datetime] = clock.now) -> None:
        self._fetch, self._now = fetch, now
        self._asked_at: dict[int, datetime] = {}  #: by shop, in this process

    def stored(self, installation: Installation) -> Mapping[str, Any] | None:
        """What was stored with the shop's access; None without a usable key."""
        key_set = installation.access.get("jwks")
        return key_set if isinstance(key_set, Mapping) and usable_keys(key_set) else None

    def fresh(self, installation: Installation, shops: Shops) -> Mapping[str, Any] | None:
        """The keys the shop publishes now, stored; None within a minute of the last question or without an answer."""
        shop, now = installation.shop, self._now()
        if now - self._asked_at.get(shop.id, now - PAUSE) < PAUSE:
            return None
        self._asked_at[shop.id] = now
        try:
            key_set = self._fetch(shop.address)
        except (TryAgain, Misconfigured):
            return None
        if not usable_keys(key_set):
            return None
        if installation.is_active:
            shops.renew(shop.id, {"jwks": key_set})
        return key_set
