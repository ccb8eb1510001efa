"""What the log and its statistics are read from: words to search for, product names, and deliveries counted by the hour."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_words()
    _create_hours()
    op.create_table(
        "walks",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", ID, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_walks"),
    )


def _create_words() -> None:
    op.create_table(
        "delivery_words",
        sa.Column("shop_id", ID, nullable=False, autoincrement=False),
        sa.Column("word", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("delivery_id", ID, nullable=False),
        _belongs_to("delivery_words", "delivery_id", "deliveries"),
        sa.PrimaryKeyConstraint("shop_id", "word", "delivery_id", name="pk_delivery_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_delivery_words_delivery_id", "delivery_words", ["delivery_id"])
    op.create_table(
        "product_names",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("product", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        _belongs_to("product_names", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("shop_id", "product", "name", name="pk_product_names"),
    )
    op.create_index("ix_product_names_shop_id_seen_at", "product_names", ["shop_id", "seen_at"])


def _create_hours() -> None:
    op.create_table(
        "hours",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("is_whole", sa.Integer, server_default="0", nullable=False),
        _belongs_to("hours", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("shop_id", "hour", name="pk_hours"),
    )
    op.create_index("ix_hours_due_at", "hours", ["due_at"])
    key = ("shop_id", "hour", "kind", "locale", "flow", "state", "is_matched", "delay")
    op.create_table(
        "hour_counts",
        sa.Column("shop_id", ID, nullable=False, autoincrement=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("flow", ID, nullable=False, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("is_matched", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("delay", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("gone", sa.Integer, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id", "hour"], ["hours.shop_id", "hours.hour"], name="fk_hour_counts_shop_id_hour", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*key, name="pk_hour_counts"),
    )


def _belongs_to(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")
