"""Sending many again is a job of its shop, which goes on when a worker dies and can be stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "resends",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", sa.LargeBinary()),
        sa.Column("remaining", sa.Text(), nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("lease_until", MOMENT),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_resends_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_resends"),
        sa.UniqueConstraint("shop_id", name="uq_resends_shop_id"),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("due_at IS NOT NULL")
    op.create_index("ix_resends_due_at", "resends", ["due_at", "id"], postgresql_where=is_open, sqlite_where=is_open)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE resends ALTER COLUMN request SET STATISTICS 0")
