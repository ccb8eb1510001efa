"""A shop can be suspended, and visits that were refused are counted by shop, hour and kind."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("shops", sa.Column("suspended_at", MOMENT))
    suspended = sa.text("suspended_at IS NOT NULL")
    op.create_index("ix_shops_suspended_at", "shops", ["suspended_at"], postgresql_where=suspended, sqlite_where=suspended)
    op.create_table(
        "refused_logins",
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_refused_logins_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "hour", "kind", "who", name="pk_refused_logins"),
    )
