"""What ends the wait of a cart: its basket, its people, what was said of them before; and whether any worker was alive.

Timers of before keep their names: what the new columns lack is taken from their event.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("begun_at", "not_before", "asked_at"):
        op.add_column("timers", sa.Column(name, MOMENT))
    op.create_table(
        "timer_people",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("timer_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["timer_id"], ["timers.id"], name="fk_timer_people_timer_id_timers", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "hash", "timer_id", name="pk_timer_people"),
    )
    op.create_index("ix_timer_people_timer_id", "timer_people", ["timer_id"])
    op.create_table(
        "cart_marks",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event_id", ID),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_cart_marks_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "hash", "mark", name="pk_cart_marks"),
    )
    op.create_index("ix_cart_marks_shop_id_at", "cart_marks", ["shop_id", "at"])
    op.create_table(
        "worker_beats",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("back_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_worker_beats"),
    )
    is_open = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_webhooks_shop_id_received_at",
        "webhooks",
        ["shop_id", "received_at"],
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
