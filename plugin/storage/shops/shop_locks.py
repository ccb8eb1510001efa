"""A shop's lock: who takes it runs beside nobody else who does; taken before any other row, it ends with the transaction.

A group of many shops first takes those that are free and keeps theirs, so that nobody waits for one shop while he holds
others: two workers whose groups share shops would else hold each other up by all that either does meanwhile.
"""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection, select

from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.engine import Database

TRIES: Final = 6  #: the last waits for shops that are never free
PAUSE_SECONDS: Final = 0.01  #: before the second: about what a group takes; doubled each time

_shops = tables.shops


class OfAShop(Protocol):
    """Something to keep."""

    @property
    def shop_id(self) -> int:
        """Whose it is."""

    @property
    def needs_lock(self) -> bool:
        """Whether it must not be kept beside another of its shop that needs the lock, too."""


Thing = TypeVar("Thing", bound=OfAShop)


def lock(connection: Connection, shop_id: int) -> None:
    """Let no other transaction that locks this shop run beside this one."""
    _wait_for(connection, (shop_id,))


def keep_by_shop(database: Database, group: Sequence[Thing], keep: Callable[[Connection, Sequence[Thing]], None]) -> None:
    """Keep the group in as few transactions as others' locks allow, mostly in one; what is of one shop, in one.

    Where a transaction fails, those before it are kept.
    """
    for number in range(TRIES):
        if number:
            time.sleep(PAUSE_SECONDS * 2 ** (number - 1))
        take = _wait_for if number + 1 == TRIES else _take_free
        with database.write() as connection:
            wanted = {one.shop_id for one in group if one.needs_lock}
            taken_by_others = wanted - take(connection, wanted) if wanted else set[int]()
            if now := [one for one in group if one.shop_id not in taken_by_others]:
                keep(connection, now)
        group = [one for one in group if one.shop_id in taken_by_others]
        if not group:
            return


def _take_free(connection: Connection, shop_ids: Collection[int]) -> set[int]:
    """Lock those of these that nobody has: on SQLite, which has one writer, all. A shop that is gone is not among them."""
    query = _OF_THESE.with_for_update(key_share=True, skip_locked=True)
    return set(connection.execute(query, {"ids": sorted(shop_ids)}).scalars())


def _wait_for(connection: Connection, shop_ids: Collection[int]) -> set[int]:
    """Lock them all, in the same order everywhere, so that two transactions never wait for each other."""
    connection.execute(_OF_THESE.with_for_update(key_share=True), {"ids": sorted(shop_ids)})
    return set(shop_ids)


_OF_THESE = select(_shops.c.id).where(AnyOf(_shops.c.id, "ids")).order_by(_shops.c.id)
