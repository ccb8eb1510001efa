"""The tables of people who asked what is kept about them, and of those whom SendPulse is still to be asked to forget."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from plugin.storage.db.claim_columns import claim_columns, due_index
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.tables import metadata


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _shop() -> Column[int]:
    return Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False)


data_requests = Table(
    "data_requests",
    metadata,
    _id(),
    _shop(),
    Column("number", Text, nullable=False),  # the platform's own, "" without one
    Column("received_at", Moment, nullable=False),
    Column("person", LargeBinary, nullable=False),  # sealed `Person`
    Column("fetched_at", Moment),  # when the merchant took along what is kept
    Index("ix_data_requests_shop_id_received_at", "shop_id", "received_at"),
    sqlite_autoincrement=True,
)

sendpulse_erasures = Table(
    "sendpulse_erasures",
    metadata,
    _id(),
    _shop(),
    Column("asked_at", Moment, nullable=False),
    Column("person", LargeBinary),  # sealed addresses; empty once nothing more is to do
    Column("state", Text, nullable=False),  # an `ErasureState`
    Column("reason", Text, nullable=False, server_default=""),
    Column("fix", Text, nullable=False, server_default=""),
    Column("finished_at", Moment),
    *claim_columns(),
    Index("ix_sendpulse_erasures_shop_id_asked_at", "shop_id", "asked_at"),
    due_index("sendpulse_erasures"),
    sqlite_autoincrement=True,
)

SEALED = (data_requests.c.person, sendpulse_erasures.c.person)
"""Every column here that only `Crypto.open` can read."""
