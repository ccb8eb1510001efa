"""The tables the log and its statistics are read from; nothing here is needed to send."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from plugin.storage.db.claim_columns import claim_columns, due_index
from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.tables import metadata


def _shop() -> Column[int]:
    return Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True)


def _span() -> tuple[Column[int], ...]:
    """The first and the last delivery of something, so that its rows are found without an index of their own."""
    return Column("first_id", Id, nullable=False), Column("last_id", Id, nullable=False)


delivery_words = Table(
    "delivery_words",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("word", BigInteger, primary_key=True, autoincrement=False),  # keyed hash of what the log is searched for
    Column("delivery_id", ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_delivery_words_delivery_id", "delivery_id"),
    sqlite_with_rowid=False,
)

product_names = Table(
    "product_names",
    metadata,
    _shop(),
    Column("product", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # as it is compared: folded; a product has one in each language
    Column("seen_at", Moment, nullable=False),  # to the day
    Index("ix_product_names_shop_id_seen_at", "shop_id", "seen_at"),
)

hours = Table(
    "hours",
    metadata,
    _shop(),
    Column("hour", Moment, primary_key=True),
    *_span(),
    Column("due_at", Moment),  # when it is counted (again); empty when nothing in it can change by itself
    Column("is_whole", Integer, nullable=False, server_default="0"),  # 1 once it was counted with all that was planned in it
    Index("ix_hours_due_at", "due_at"),
)

hour_counts = Table(
    "hour_counts",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("hour", Moment, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("locale", Text, primary_key=True),
    Column("flow", Id, primary_key=True, autoincrement=False),  # 0 where none was chosen
    Column("state", Text, primary_key=True),
    Column("is_matched", Integer, primary_key=True, autoincrement=False),  # 0 when no flow fitted the language
    Column("delay", Integer, primary_key=True, autoincrement=False),  # bucket of domain/delays.py; -1 while not delivered
    Column("count", Integer, nullable=False),
    Column("gone", Integer, nullable=False),  # of these, those that retention has deleted since
    *_span(),
    ForeignKeyConstraint(["shop_id", "hour"], ["hours.shop_id", "hours.hour"], ondelete="CASCADE"),
)

walks = Table(
    "walks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", Id, nullable=False),  # the last id that was looked at
)

standing = Table(
    "standing",
    metadata,
    Column("what", Text, primary_key=True),  # a table
    Column("state", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("counted_at", Moment, nullable=False),
)

resends = Table(
    "resends",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False),  # running, done or stopped
    Column("request", LargeBinary),  # sealed JSON: what was asked for, and who asked; empty once it is over
    Column("remaining", Text, nullable=False),  # JSON: the states still to be sent again, each with the id it goes on below
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("total", Integer),  # empty when there were more than were counted
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    *claim_columns(),
    UniqueConstraint("shop_id"),  # one at a time; the next one takes the place of one that is over
    due_index("resends"),
    sqlite_autoincrement=True,
)

SEALED = (resends.c.request,)
"""Beside `tables.SEALED`."""
