"""What a store's platform does not let this app do, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "store_refusals",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("duty", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_final", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("fix", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_store_refusals_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "duty", name="pk_store_refusals"),
    )
