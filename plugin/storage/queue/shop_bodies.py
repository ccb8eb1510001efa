"""The bodies a shop's webhooks still have: counted some at a time, and let go where they take up too much."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from time import sleep
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from plugin.domain.states import WebhookState
from plugin.storage.db import tables
from plugin.storage.db.columns import Id
from plugin.storage.db.engine import Database
from plugin.storage.queue import webhook_endings

AT_ONCE: Final = 2_000  #: rows counted in one look
EMPTIED_AT_ONCE: Final = 100  #: rows in one transaction: some milliseconds of SQLite's one writer
REST_SECONDS: Final = 0.01  #: between two looks

_webhooks = tables.webhooks


@dataclass(frozen=True, slots=True)
class Bodies:
    """What a shop has, as far as it was counted."""

    waiting: int = 0  #: webhooks nobody has read yet
    size: int = 0  #: bytes of all bodies, as they are stored


class ShopBodies:
    """Counts and lets go what one shop has, by an index."""

    def __init__(self, database: Database, *, is_closing: Callable[[], bool]) -> None:
        self._database, self._is_closing = database, is_closing

    def count(self, shop_id: int) -> Iterator[Bodies]:
        """What there is, more and more of it, what waits first."""
        waiting = size = 0
        for state in sorted(WebhookState, key=lambda state: state is not WebhookState.WAITING):
            for number, more in self._sums(shop_id, state):
                waiting, size = waiting + number * (state is WebhookState.WAITING), size + more
                yield Bodies(waiting, size)

    def let_go(self, shop_id: int, size: int) -> int:
        """Empty the oldest webhooks that were read, until so many bytes are free; how many are.

        Their events hold all that is sent. What failed goes last, for somebody may still look into it.
        """
        freed = 0
        for state in (WebhookState.SKIPPED, WebhookState.TRANSLATED, WebhookState.FAILED):
            after = 0
            while freed < size and not self._is_closing():
                its = {"its_shop": shop_id, "its_state": state.value, "after": after, "at_once": EMPTIED_AT_ONCE}
                rows = self._database.read_once(_SELECT, its)
                if not rows:
                    break
                sizes = list(accumulate(row.size for row in rows))
                enough = bisect_left(sizes, size - freed) + 1
                with self._database.write() as connection:
                    webhook_endings.empty(connection, [row.id for row in rows[:enough]])
                freed, after = freed + sizes[:enough][-1], rows[-1].id
                sleep(REST_SECONDS)
        return freed

    def _sums(self, shop_id: int, state: WebhookState) -> Iterator[tuple[int, int]]:
        """The number and the bytes of the next ones, look by look."""
        after, number = 0, AT_ONCE
        while number == AT_ONCE and not self._is_closing():
            its = {"its_shop": shop_id, "its_state": state.value, "after": after, "at_once": AT_ONCE}
            [(number, size, after)] = self._database.read_once(_SUM, its)
            yield number, int(size or 0)
            sleep(REST_SECONDS if number == AT_ONCE else 0)


_SELECT: Any = (
    select(_webhooks.c.id, func.length(_webhooks.c.body).label("size"))
    .where(
        _webhooks.c.shop_id == bindparam("its_shop"),
        _webhooks.c.state == bindparam("its_state"),
        _webhooks.c.body.is_not(None),
        _webhooks.c.id > bindparam("after", type_=Id),
    )
    .order_by(_webhooks.c.id)
    .limit(bindparam("at_once"))
)
_some = _SELECT.subquery("some")
_SUM = select(func.count(), func.sum(_some.c.size), func.max(_some.c.id))
