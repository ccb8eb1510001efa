"""Who sends webhooks with wrong signatures is soon answered unread, and no genuine store with them.

Shopify's own addresses are shared by all of its shops, and behind one proxy all stores have one address. So an address
that delivers good signatures is never limited; and what names a shop whose signatures were good elsewhere is counted for
itself, apart from all that strangers make up.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from plugin.address_limits import REMEMBERED, AddressLimit
from plugin.domain.errors import TooMany

GOOD_FOR: Final = timedelta(days=1)
UNKNOWN: Final = ""  #: every shop that never delivered anything good here


class FailedSignatures:
    """The failures of each address, and which addresses and shops deliver good signatures."""

    def __init__(self, *, per_minute: int, remembered: int = REMEMBERED) -> None:
        self._limit = AddressLimit(most=per_minute, within=timedelta(minutes=1), remembered=remembered)
        self._good: OrderedDict[str, datetime] = OrderedDict()  #: addresses and shops, and when they were good last
        self._remembered = remembered

    def check(self, source: str, shop: str, *, answer: int, now: datetime) -> None:
        """Raises `TooMany` when this address has failed too often; asked before anything of a request is read.

        `answer` is the status after which the platform sends a webhook again: a genuine one may be among them.
        """
        if self._is_good(f"from {source}", now):
            return
        wait = self._limit.wait(self._key(source, shop, now), now)
        if wait:
            raise TooMany("Too many webhooks with wrong signatures came from there.", answer=answer, after=wait)

    def failed(self, source: str, shop: str, *, now: datetime) -> None:
        self._limit.count(self._key(source, shop, now), now)

    def passed(self, source: str, shop: str, *, now: datetime) -> None:
        for key in (f"from {source}", f"shop {shop}"):
            self._good[key] = now
            self._good.move_to_end(key)
        while len(self._good) > self._remembered:
            self._good.popitem(last=False)

    def _key(self, source: str, shop: str, now: datetime) -> str:
        return f"{source} {shop if self._is_good(f'shop {shop}', now) else UNKNOWN}"

    def _is_good(self, key: str, now: datetime) -> bool:
        seen = self._good.get(key)
        return seen is not None and now - seen < GOOD_FOR
