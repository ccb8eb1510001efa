"""How people stand with marketing: the newest that a store told, under keyed hashes of every name it gave."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, ForeignKey, Index, RowMapping, Table, Text, and_, or_, select

from plugin.domain.contact import Channel, PersonConsent, Standing, person_names
from plugin.domain.notice import ConsentChanged
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkInsert, BulkSelect, Types
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.group_commit import GroupCommit
from plugin.storage.db.tables import metadata

consents = Table(
    "consents",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, primary_key=True),  # of one name: the customer's number, or an address
    Column("channel", Text, primary_key=True),
    Column("standing", Text, nullable=False),
    Column("at", Moment),  # since when; empty where the store does not say
    Column("customer_hash", Text, nullable=False, server_default=""),  # rows of one customer go together
    Column("told_at", Moment, nullable=False),
    Index("ix_consents_shop_id_customer_hash", "shop_id", "customer_hash"),
    Index("ix_consents_shop_id_told_at", "shop_id", "told_at"),
)
_columns = consents.c
Key = tuple[int, str, str]
"""A shop, the hash of a name in it, and a channel."""

PATIENCE_SECONDS = 15.0  #: of whoever prepares an event


class SqlConsents:
    """`ports.Consents` on our table."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._read = GroupCommit(self._read_together, patience_seconds=PATIENCE_SECONDS)

    def read(self, shop_id: int, names: Iterable[str], channel: Channel) -> PersonConsent | None:
        rows = [(shop_id, self._crypto.hash_person(shop_id, name), channel.value) for name in names]
        return self._read(rows) if rows else None

    def _read_together(self, group: Sequence[Sequence[Key]]) -> list[PersonConsent | None]:
        """For each of these people, what is kept under any of their names and is the newest."""
        wanted = sorted({key for rows in group for key in rows})
        found = {
            (row["shop_id"], row["hash"], row["channel"]): row
            for row in _SELECT.look(self._database, [dict(zip(_KEY, key, strict=True)) for key in wanted])
        }
        newest = [max((found[key] for key in rows if key in found), key=_age, default=None) for rows in group]
        return [PersonConsent(standing=Standing(row["standing"]), at=row["at"]) if row else None for row in newest]

    def note(self, connection: Connection, shop_id: int, told: ConsentChanged, *, now: datetime) -> None:
        """Keep it under each of the person's names, unless a newer one is kept."""
        names = person_names(customer_id=told.customer_id, emails=[told.email], phones=[told.phone])
        customer = self._crypto.hash_person(shop_id, f"customer:{told.customer_id}") if told.customer_id else ""
        shared: dict[str, Any] = {"shop_id": shop_id, "channel": told.channel.value, "customer_hash": customer, "told_at": now}
        shared |= {"standing": told.person.standing.value, "at": told.person.at}
        rows = [shared | {"hash": self._crypto.hash_person(shop_id, name)} for name in names]
        _NOTE.run(connection, rows)


def consents_of(shop_id: int, hashes: Collection[str], customers: Collection[str]) -> ColumnElement[bool]:
    """What is kept under these hashes of no other customer, and under any name of these customers."""
    of_shop, of_customers = _columns.shop_id == shop_id, AnyOf(_columns.customer_hash, "customers", customers)
    is_no_others = or_(_columns.customer_hash == "", of_customers)
    # The shop is said in each, so that an index serves each.
    return or_(of_shop & AnyOf(_columns.hash, "hashes", hashes) & is_no_others, of_shop & of_customers)


_NOTE = BulkInsert(
    consents,
    {column.name: column.type for column in consents.columns},
    lambda insert: insert.on_conflict_do_update(
        index_elements=["shop_id", "hash", "channel"],
        set_={name: insert.excluded[name] for name in ("standing", "at", "customer_hash", "told_at")},
        where=or_(_columns.at.is_(None), _columns.at <= insert.excluded.at),
    ),
    order=("shop_id", "hash", "channel"),
)
_KEY: Types = {"shop_id": Id, "hash": Text(), "channel": Text()}
_SELECT = BulkSelect(
    _KEY,
    lambda said, cells: select(*_columns).select_from(
        said.join(consents, and_(*(_columns[name] == cells[name] for name in _KEY)))
    ),
)


def _age(row: RowMapping) -> tuple[bool, datetime | None]:
    """What is newer is more; the least is what nobody dated."""
    return row["at"] is not None, row["at"]
