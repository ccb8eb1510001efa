"""How far each shop's setup guide has come in what its settings do not tell."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "guides",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("tested_at", MOMENT),
        sa.Column("dismissed_at", MOMENT),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_guides_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", name="pk_guides"),
    )
