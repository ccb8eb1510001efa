"""What is remembered of baskets and people, by keyed hashes: what was bought, what is over, who was reminded."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, func, or_, select

from plugin.storage.db import cart_tables, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database

_purchases, _marks = tables.purchases, cart_tables.cart_marks


class Mark(StrEnum):
    """What is remembered under a name."""

    OVER = "over"  #: the basket was emptied or deleted, or its wait ended; what changes later is news again
    REMINDED = "reminded"  #: a reminder of this basket, or to this person, was planned


class CartMarks:
    """Reads and writes them within a caller's transaction."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._crypto = crypto
        bought = database.insert(_purchases)
        self._note_bought = bought.on_conflict_do_update(
            index_elements=["shop_id", "hash"],
            set_={"bought_at": bought.excluded.bought_at},
            where=_purchases.c.bought_at < bought.excluded.bought_at,
        )
        marked = database.insert(_marks)
        self._note = marked.on_conflict_do_update(
            index_elements=["shop_id", "hash", "mark"],
            set_={"at": marked.excluded.at, "event_id": marked.excluded.event_id},
            where=_marks.c.at <= marked.excluded.at,
        )

    def hashes(self, shop_id: int, names: Iterable[str]) -> list[str]:
        return [self._crypto.hash_person(shop_id, name) for name in dict.fromkeys(names)]

    def bought(self, connection: Connection, shop_id: int, hashes: Sequence[str], *, at: datetime) -> None:
        if hashes:  # sorted, so that two transactions never wait for each other
            rows = [{"shop_id": shop_id, "hash": hash, "bought_at": at} for hash in sorted(set(hashes))]
            connection.execute(self._note_bought, rows)

    def note(
        self, connection: Connection, shop_id: int, hashes: Sequence[str], mark: Mark, *, at: datetime, event_id: int | None
    ) -> None:
        if hashes:
            shared = {"shop_id": shop_id, "mark": mark.value, "at": at, "event_id": event_id}
            connection.execute(self._note, [shared | {"hash": hash} for hash in sorted(set(hashes))])

    def bought_at(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> datetime | None:
        """The last purchase under any of these names."""
        return connection.execute(_SELECT_LAST_PURCHASE, {"its_shop": shop_id, "hashes": hashes}).scalar()

    def last(
        self, connection: Connection, shop_id: int, hashes: Sequence[str], mark: Mark, *, besides: int = 0
    ) -> datetime | None:
        """The last such mark under any of these names, not counting what this event left."""
        its = {"its_shop": shop_id, "hashes": hashes, "its_mark": mark.value, "besides": besides}
        return connection.execute(_SELECT_LAST_MARK, its).scalar()


_SELECT_LAST_PURCHASE = select(func.max(_purchases.c.bought_at)).where(
    _purchases.c.shop_id == bindparam("its_shop"), AnyOf(_purchases.c.hash, "hashes")
)
_SELECT_LAST_MARK = select(func.max(_marks.c.at)).where(
    _marks.c.shop_id == bindparam("its_shop"),
    AnyOf(_marks.c.hash, "hashes"),
    _marks.c.mark == bindparam("its_mark"),
    or_(_marks.c.event_id.is_(None), _marks.c.event_id != bindparam("besides")),
)
