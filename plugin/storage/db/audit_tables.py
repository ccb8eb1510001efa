"""The audit's tables: lines nobody changes, and where each shop's chain of them begins and ends."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.tables import metadata

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),  # empty since the content is sealed
    Column("what", Text, nullable=False),  # the same
    Column("number", Id),  # 1, 2, 3 … in each shop; empty in lines an older version wrote beside the chain
    Column("deed", Text, nullable=False, server_default=""),
    Column("content", LargeBinary),  # sealed JSON: who, from which address, and facts
    Column("seal", Text, nullable=False, server_default=""),  # keyed hash of the line and the seal before it
    Index("ix_audit_shop_id_at", "shop_id", "at"),
    Index("ix_audit_shop_id_number", "shop_id", "number", unique=True),
    sqlite_autoincrement=True,
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Id, nullable=False),  # of the newest line
    Column("seal", Text, nullable=False),  # the newest line's
    Column("pruned", Id, nullable=False),  # the number of the last line that retention has deleted
    Column("pruned_seal", Text, nullable=False),  # that line's: the first that is kept follows it
    Column("proof", Text, nullable=False),  # keyed hash of this row
    Column("break_number", Id),  # of the line that says that this row was lost or changed; empty where that never was
)

SEALED = (audit.c.content,)
"""Beside `tables.SEALED`."""
