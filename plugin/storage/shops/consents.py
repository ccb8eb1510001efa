"""How people stand with marketing: the newest that a store told, under keyed hashes of every name it gave."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Table, Text, bindparam, delete, or_, select

from plugin.domain.contact import Channel, PersonConsent, Standing, person_names
from plugin.domain.notice import ConsentChanged
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import Moment
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
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


class SqlConsents:
    """`ports.Consents` on our table."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        noted = database.insert(consents)
        newer = {name: noted.excluded[name] for name in ("standing", "at", "customer_hash", "told_at")}
        self._note = noted.on_conflict_do_update(
            index_elements=["shop_id", "hash", "channel"],
            set_=newer,
            where=or_(_columns.at.is_(None), _columns.at <= noted.excluded.at),
        )

    def read(self, shop_id: int, names: Iterable[str], channel: Channel) -> PersonConsent | None:
        hashes = [self._crypto.hash_person(shop_id, name) for name in names]
        if not hashes:
            return None
        its = {"its_shop": shop_id, "its_channel": channel.value, "hashes": hashes}
        newest = self._database.read_once(_SELECT_NEWEST, its)
        return next((PersonConsent(standing=Standing(row.standing), at=row.at) for row in newest), None)

    def note(self, connection: Connection, shop_id: int, told: ConsentChanged, *, now: datetime) -> None:
        """Keep it under each of the person's names, unless a newer one is kept."""
        names = person_names(customer_id=told.customer_id, emails=[told.email], phones=[told.phone])
        customer = self._crypto.hash_person(shop_id, f"customer:{told.customer_id}") if told.customer_id else ""
        shared: dict[str, Any] = {"shop_id": shop_id, "channel": told.channel.value, "customer_hash": customer, "told_at": now}
        shared |= {"standing": told.person.standing.value, "at": told.person.at}
        rows = [shared | {"hash": self._crypto.hash_person(shop_id, name)} for name in names]
        if rows:
            connection.execute(self._note, rows)


def forget_consents(connection: Connection, shop_id: int, hashes: Iterable[str]) -> None:
    """Delete what is kept under these hashes, and under any other name of the same customers."""
    of_shop, named = _columns.shop_id == shop_id, _columns.hash.in_([hash for hash in hashes if hash])
    query = select(_columns.customer_hash).where(of_shop, named, _columns.customer_hash != "")
    customers = connection.execute(query).scalars().all()
    connection.execute(delete(consents).where(of_shop, or_(named, _columns.customer_hash.in_(customers))))


_SELECT_NEWEST = (
    select(_columns.standing, _columns.at)
    .where(_columns.shop_id == bindparam("its_shop"), _columns.channel == bindparam("its_channel"))
    .where(AnyOf(_columns.hash, "hashes"))
    .order_by(_columns.at.desc().nulls_last())
    .limit(1)
)
