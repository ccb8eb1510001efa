"""What is remembered of baskets and people, by keyed hashes: what was bought, what is over, who was reminded."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Text, and_, bindparam, func, or_, select

from plugin.storage.db import cart_tables, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkInsert, BulkSelect, Types
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.together import Found, Look

Name = tuple[int, str]
"""A shop, and the hash of a name in it."""

_purchases, _marks = tables.purchases, cart_tables.cart_marks


class Mark(StrEnum):
    """What is remembered under a name."""

    OVER = "over"  #: the basket was emptied or deleted, or its wait ended; what changes later is news again
    REMINDED = "reminded"  #: a reminder of this basket, or to this person, was planned


class CartMarks:
    """Reads and writes them within a caller's transaction."""

    def __init__(self, crypto: Crypto) -> None:
        self._crypto = crypto

    def hashes(self, shop_id: int, names: Iterable[str]) -> list[str]:
        return [self._crypto.hash_person(shop_id, name) for name in dict.fromkeys(names)]

    def bought(self, connection: Connection, moments: Mapping[Name, datetime]) -> None:
        """Under each of these names something was bought then; what is known to be later stays."""
        rows = [{"shop_id": shop_id, "hash": hash, "bought_at": at} for (shop_id, hash), at in sorted(moments.items())]
        _NOTE_BOUGHT.run(connection, rows)

    def note(
        self, connection: Connection, shop_id: int, hashes: Sequence[str], mark: Mark, *, at: datetime, event_id: int | None
    ) -> None:
        shared = {"shop_id": shop_id, "mark": mark.value, "at": at, "event_id": event_id}
        _NOTE.run(connection, [shared | {"hash": hash} for hash in sorted(set(hashes))])

    def bought_at(self, connection: Connection, shop_id: int, hashes: Sequence[str]) -> datetime | None:
        """The last purchase under any of these names."""
        return connection.execute(_SELECT_LAST_PURCHASE, {"its_shop": shop_id, "hashes": hashes}).scalar()

    def last(
        self, connection: Connection, shop_id: int, hashes: Sequence[str], mark: Mark, *, besides: int = 0
    ) -> datetime | None:
        """The last such mark under any of these names, not counting what this event left."""
        its = {"its_shop": shop_id, "hashes": hashes, "its_mark": mark.value, "besides": besides}
        return connection.execute(_SELECT_LAST_MARK, its).scalar()


def purchases_of(names: Collection[Name]) -> Look:
    """Asks when something was bought under each of these names."""
    return _SELECT_PURCHASES, _rows(names)


def ends_of(names: Collection[Name]) -> Look:
    """Asks up to which change the basket of each of these names is over."""
    return _SELECT_OVER, _rows(names)


def by_name(found: Found) -> dict[Name, datetime]:
    """What such a question found, without the names nothing was found for."""
    return {(row["shop_id"], row["hash"]): row["at"] for row in found}


def latest(found: Mapping[Name, datetime], shop_id: int, hashes: Iterable[str]) -> datetime | None:
    """The last of these moments under any of these names."""
    return max((found[name] for hash in hashes if (name := (shop_id, hash)) in found), default=None)


def _rows(names: Collection[Name]) -> list[dict[str, object]]:
    return [{"shop_id": shop_id, "hash": hash} for shop_id, hash in sorted(names)]


_NAME: Types = {"shop_id": Id, "hash": Text()}
_NOTE_BOUGHT = BulkInsert(
    _purchases,
    _NAME | {"bought_at": Moment()},
    lambda insert: insert.on_conflict_do_update(
        index_elements=["shop_id", "hash"],
        set_={"bought_at": insert.excluded.bought_at},
        where=_purchases.c.bought_at < insert.excluded.bought_at,
    ),
    order=("shop_id", "hash"),
)
_NOTE = BulkInsert(
    _marks,
    _NAME | {"mark": Text(), "at": Moment(), "event_id": Id},
    lambda insert: insert.on_conflict_do_update(
        index_elements=["shop_id", "hash", "mark"],
        set_={"at": insert.excluded.at, "event_id": insert.excluded.event_id},
        where=_marks.c.at <= insert.excluded.at,
    ),
    order=("shop_id", "hash"),
)
_SELECT_PURCHASES = BulkSelect(
    _NAME,
    lambda said, cells: select(_purchases.c.shop_id, _purchases.c.hash, _purchases.c.bought_at.label("at")).select_from(
        said.join(_purchases, and_(_purchases.c.shop_id == cells["shop_id"], _purchases.c.hash == cells["hash"]))
    ),
)
_SELECT_OVER = BulkSelect(
    _NAME,
    lambda said, cells: select(_marks.c.shop_id, _marks.c.hash, _marks.c.at).select_from(
        said.join(
            _marks,
            and_(
                _marks.c.shop_id == cells["shop_id"], _marks.c.hash == cells["hash"], _marks.c.mark == Mark.OVER.value
            ),
        )
    ),
)  # fmt: skip
_SELECT_LAST_PURCHASE = select(func.max(_purchases.c.bought_at)).where(
    _purchases.c.shop_id == bindparam("its_shop"), AnyOf(_purchases.c.hash, "hashes")
)
_SELECT_LAST_MARK = select(func.max(_marks.c.at)).where(
    _marks.c.shop_id == bindparam("its_shop"),
    AnyOf(_marks.c.hash, "hashes"),
    _marks.c.mark == bindparam("its_mark"),
    or_(_marks.c.event_id.is_(None), _marks.c.event_id != bindparam("besides")),
)
