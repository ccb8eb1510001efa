"""What clearing away needs to know: when a link was last used, which events are emptied, and the oldest of each shop."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("events", sa.Column("emptied_at", MOMENT))
    op.add_column("links", sa.Column("used_at", MOMENT))
    op.execute("UPDATE links SET used_at = CURRENT_TIMESTAMP")  # nobody knows better; UTC on both databases
    op.create_index("ix_links_shop_id_used_at", "links", ["shop_id", "used_at"])
    op.create_index("ix_purchases_shop_id_bought_at", "purchases", ["shop_id", "bought_at"])
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"])
