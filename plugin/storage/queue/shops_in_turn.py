"""Claims work from the shops in turn, so that no shop's backlog stands before another's."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Row,
    RowMapping,
    Select,
    Table,
    bindparam,
    func,
    literal,
    select,
    true,
    update,
)

from plugin.domain.share import WHOLE, Share
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkSelect, Cells, Types
from plugin.storage.db.columns import Id
from plugin.storage.db.engine import Database, Rows
from plugin.storage.queue import leases

MOST_BYTES: Final = 4_000_000  #: of sealed bodies in one claim, if it is of more than one: what is read is held in memory
WALKED: Final = 256  #: shops with open work one statement looks at

_TOLD = ("id", "shop_id", "due_at", "lease_until", "fence", "tries")  #: of a row, before its body is read


class ShopsInTurn:
    """Goes from shop to shop, as far as a claim reaches; the next claim goes on from there.

    Its table has an index of what is open by shop and due time, so that a shop costs two look-ups however much of it waits.
    """

    def __init__(self, database: Database, table: Table, *chosen: ColumnElement[bool]) -> None:
        """`chosen`: what a row must satisfy besides being due."""
        self._database, self._table = database, table
        self._walk = _walk(table, chosen)
        types: Types = {"shop_id": Id}
        self._oldest = BulkSelect(types, _oldest(table, chosen), on_sqlite=_oldest_on_sqlite(table, chosen))
        taken = {"lease_until": bindparam("until"), "fence": table.c.fence + 1, "tries": table.c.tries + 1}
        self._lease = update(table).where(AnyOf(table.c.id, "ids")).values(taken).returning(*table.c)
        self._after = 0  #: the shop the last claim ended with

    @contextmanager
    def taking(
        self, *, limit: int, now: datetime, lease: timedelta, share: Share = WHOLE
    ) -> Iterator[tuple[Connection, Sequence[Mapping[str, Any]]]]:
        """A transaction and what was leased in it, of no shop more than its share: rows as they stood before, oldest first."""
        shop_ids = self._due(limit, now, share)
        if not shop_ids:  # whoever is idle begins no transaction, and spares SQLite's one writer the question
            with self._database.read() as connection:
                yield connection, ()
            return
        with self._database.write() as connection:
            yield connection, self._take(connection, shop_ids, limit, now, lease, share)

    def _due(self, limit: int, now: datetime, share: Share) -> Sequence[int]:
        """The next shops with something that is due, as many as the limit; those that have their share are passed by."""
        passing = set(share.passing)
        found: list[int] = []
        for row in self._from_the_last_on(now):
            if len(found) == limit:
                break
            if row.is_due and row.shop_id not in passing:
                found.append(row.shop_id)
        return found

    def _from_the_last_on(self, now: datetime) -> Iterator[Row[*tuple[Any, ...]]]:
        """The shops with open work: those behind the one the last claim ended with, then the others."""
        everyone = self._walked(now)
        if len(everyone) < WALKED:  # mostly one look finds them all
            yield from sorted(everyone, key=lambda row: (row.shop_id <= self._after, row.shop_id))
            return
        for after, last in ((self._after, None), (0, self._after)):
            rows = everyone
            while len(rows) == WALKED and (last is None or after < last):
                rows = self._walked(now, after, last)
                yield from rows
                after = rows[-1].shop_id if rows else after

    def _walked(self, now: datetime, after: int = 0, last: int | None = None) -> Rows:
        return self._database.read_once(self._walk, {"after": after, "last": last, "walked": WALKED, "now": now})

    def _take(
        self, connection: Connection, shop_ids: Sequence[int], limit: int, now: datetime, lease: timedelta, share: Share
    ) -> Sequence[Mapping[str, Any]]:
        """The oldest of these shops' work, the same share of each."""
        self._after = shop_ids[-1]  # whatever is found: another worker may just have all of it
        its = {"now": now, "share": min(ceil(limit / len(shop_ids)), share.most)}
        found = self._oldest.run(connection, [{"shop_id": shop_id} for shop_id in shop_ids], its)
        theirs = share.cut(_in_turn(found), lambda row: row["shop_id"])[:limit]
        told = {row["id"]: row for row in leases.up_to_first_suspect(_affordable(theirs))}
        if not told:
            return ()
        leased = connection.execute(self._lease, {"ids": list(told), "until": now + lease}).mappings()
        rows = [{**row, **{name: told[row["id"]][name] for name in _TOLD}} for row in leased]
        return sorted(rows, key=lambda row: (row["due_at"], row["id"]))


def _in_turn(rows: Sequence[RowMapping]) -> list[RowMapping]:
    """The oldest of each shop, then the next oldest."""
    rank, before = {}, Counter[int]()
    for row in sorted(rows, key=lambda row: (row["due_at"], row["id"])):
        rank[row["id"]] = (before[row["shop_id"]], row["due_at"], row["id"])
        before[row["shop_id"]] += 1
    return sorted(rows, key=lambda row: rank[row["id"]])


def _affordable(rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
    """As many as may be held in memory together, one at least."""
    size = 0
    for number, row in enumerate(rows):
        size += row["size"] or 0
        if number and size > MOST_BYTES:
            return rows[:number]
    return rows


def _walk(table: Table, chosen: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """The shops with open work after one of them, in the order of their numbers, and whether something is due.

    Each is found by the index from the one before, however much of it waits.
    """
    is_open = table.c.due_at.is_not(None)
    within = is_open & ((bindparam("last", type_=Id).is_(None)) | (table.c.shop_id <= bindparam("last", type_=Id)))

    def first_after(shop_id: ColumnElement[Any]) -> Any:
        return select(func.min(table.c.shop_id)).where(within, table.c.shop_id > shop_id).scalar_subquery()

    first = select(first_after(bindparam("after", type_=Id)).label("shop_id"), literal(1, Integer).label("number"))
    walk = first.cte("walk", recursive=True)
    next_one = select(first_after(walk.c.shop_id), walk.c.number + 1)
    walk = walk.union_all(next_one.where(walk.c.shop_id.is_not(None), walk.c.number < bindparam("walked", type_=Integer)))
    is_due = select(table.c.id).where(table.c.shop_id == walk.c.shop_id, leases.is_due(table), *chosen).exists()
    return select(walk.c.shop_id, is_due.label("is_due")).where(walk.c.shop_id.is_not(None)).order_by(walk.c.number)


def _oldest(table: Table, chosen: Sequence[ColumnElement[bool]]) -> Any:
    def build(said: FromClause, cells: Cells) -> Select[Any]:
        """The oldest of each of these shops, without what others have locked."""
        columns = [*(table.c[name] for name in _TOLD), func.octet_length(table.c.body).label("size")]
        rows = leases.oldest_due(table, columns, *chosen, table.c.shop_id == cells["shop_id"]).limit(bindparam("share"))
        found = rows.with_for_update(skip_locked=True, of=table).correlate(said).lateral("found")
        return select(*found.c).select_from(said.join(found, true()))

    return build


def _oldest_on_sqlite(table: Table, chosen: Sequence[ColumnElement[bool]]) -> Any:
    def build(said: FromClause, cells: Cells) -> Select[Any]:
        """The same by the rows' numbers: SQLite has no LATERAL."""
        rows = leases.oldest_due(table, [table.c.id], *chosen, table.c.shop_id == cells["shop_id"]).limit(bindparam("share"))
        found = table.alias("found")
        columns = [*(found.c[name] for name in _TOLD), func.length(found.c.body).label("size")]
        return select(*columns).select_from(said.join(found, found.c.id.in_(rows.correlate(said))))

    return build
