"""The shops' public keys: kept with their access, fetched again when they are old or a signature does not fit them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from plugin import clock
from plugin.domain.errors import Misconfigured, TryAgain
from plugin.ports import Installation, Shops

from .signature import usable_keys

PAUSE = timedelta(minutes=1)  #: junk signatures make us ask a shop no more often
OLDEST = timedelta(hours=24)  #: keys that were fetched before are fetched again: their owner may have withdrawn them
LATER = timedelta(minutes=10)  #: until old keys are asked for again when the shop did not answer


class KeySets:
    """Keys by shop. A Saleor has one key and changes it without overlap, so a stranger's key may be its new one."""

    def __init__(self, fetch: Callable[[str], Mapping[str, Any]], *, now: Callable[[], datetime] = clock.now) -> None:
        self._fetch, self._now = fetch, now
        self._asked_at: dict[int, datetime] = {}  #: by shop, in this process

    def stored(self, installation: Installation) -> Mapping[str, Any] | None:
        """What was stored with the shop's access; None without a usable key."""
        key_set = installation.access.get("jwks")
        return key_set if isinstance(key_set, Mapping) and usable_keys(key_set) else None

    def current(self, installation: Installation, shops: Shops) -> Mapping[str, Any] | None:
        """What was stored, fetched again once a day; the old while that fails."""
        stored, fetched_at = self.stored(installation), installation.access.get("jwks_at")
        is_old = not fetched_at or self._now() - datetime.fromisoformat(str(fetched_at)) >= OLDEST
        return (self.fresh(installation, shops, pause=LATER) if stored and is_old else None) or stored

    def fresh(self, installation: Installation, shops: Shops, *, pause: timedelta = PAUSE) -> Mapping[str, Any] | None:
        """The keys the shop publishes now, stored; None so soon after the last question, or without an answer."""
        shop, now = installation.shop, self._now()
        if now - self._asked_at.get(shop.id, now - pause) < pause:
            return None
        self._asked_at[shop.id] = now
        try:
            key_set = self._fetch(shop.address)
        except (TryAgain, Misconfigured):
            return None
        if not usable_keys(key_set):
            return None
        if installation.is_active:
            shops.renew(shop.id, {"jwks": key_set, "jwks_at": now.isoformat()})
        return key_set
