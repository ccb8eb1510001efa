"""How people stand with marketing, and what each event's buyer said of it, to be counted without opening an event.

Events of before are not counted: the new index has none of them, so that making it is a look at the table and no more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("at", MOMENT),
        sa.Column("customer_hash", sa.Text, nullable=False, server_default=""),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_consents_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", "hash", "channel", name="pk_consents"),
    )
    op.create_index("ix_consents_shop_id_customer_hash", "consents", ["shop_id", "customer_hash"])
    op.create_index("ix_consents_shop_id_told_at", "consents", ["shop_id", "told_at"])
    op.add_column("events", sa.Column("consent", sa.Text))
    is_noted = sa.text("consent IS NOT NULL")
    op.create_index(
        "ix_events_shop_id_kind_created_at_consent",
        "events",
        ["shop_id", "kind", "created_at", "consent"],
        postgresql_where=is_noted,
        sqlite_where=is_noted,
    )
