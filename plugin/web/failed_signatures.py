"""Who sends webhooks with wrong signatures is soon answered 429 or 503, and no genuine store with them.

Shopify's own addresses are shared by all of its shops, and behind one proxy all stores have one address. So an address
that delivers good signatures is never limited; and from one that is, what names a shop that has the app is checked all
the same, which costs a hash: only what no check could make good is answered unread.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from plugin.address_limits import REMEMBERED, AddressLimit
from plugin.domain.errors import TooMany

GOOD_FOR: Final = timedelta(days=1)


class FailedSignatures:
    """The failures of each address, and which addresses deliver good signatures."""

    def __init__(self, *, per_minute: int, remembered: int = REMEMBERED) -> None:
        self._limit = AddressLimit(most=per_minute, within=timedelta(minutes=1), remembered=remembered)
        self._good: OrderedDict[str, datetime] = OrderedDict()  #: addresses, and when they were good last
        self._remembered = remembered

    def refusal(self, source: str, *, answer: int, now: datetime) -> TooMany | None:
        """What is said of one more failure of this address; None while it may fail.

        `answer` is the status after which the platform sends a webhook again: a genuine one may be among them.
        """
        wait = None if self._is_good(source, now) else self._limit.wait(source, now)
        return TooMany("Too many webhooks with wrong signatures came from there.", answer=answer, after=wait) if wait else None

    def failed(self, source: str, *, now: datetime) -> None:
        self._limit.count(source, now)

    def passed(self, source: str, *, now: datetime) -> None:
        self._good[source] = now
        self._good.move_to_end(source)
        while len(self._good) > self._remembered:
            self._good.popitem(last=False)

    def _is_good(self, source: str, now: datetime) -> bool:
        seen = self._good.get(source)
        return seen is not None and now - seen < GOOD_FOR
