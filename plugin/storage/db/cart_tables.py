"""The tables of carts that wait: whose they are, what ended them, and whether any worker was alive to let them ring."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from plugin.storage.db.columns import Id, Moment
from plugin.storage.db.tables import metadata

timer_people = Table(
    "timer_people",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("hash", Text, primary_key=True),  # keyed hash of a name of the cart's buyer, who may have several carts
    Column("timer_id", ForeignKey("timers.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_timer_people_timer_id", "timer_id"),
)

cart_marks = Table(
    "cart_marks",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, primary_key=True),  # keyed hash of a name of a basket or a person
    Column("mark", Text, primary_key=True),  # a `Mark`
    Column("at", Moment, nullable=False),
    Column("event_id", Id),  # the reminder that left it
    Index("ix_cart_marks_shop_id_at", "shop_id", "at"),
)

worker_beats = Table(
    "worker_beats",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: it counts that any worker is alive
    Column("at", Moment, nullable=False),
    Column("back_at", Moment),  # when one came back after a time without any
)
