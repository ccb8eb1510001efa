"""What of a basket must be prepared earlier is found among the events that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

OPEN = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    # Events of the version before have none, and go their way as they did.
    op.add_column("events", sa.Column("basket", sa.Text, nullable=False, server_default=""))
    columns = ["shop_id", "basket", "happened_at"]
    op.create_index("ix_events_shop_id_basket_happened_at", "events", columns, postgresql_where=OPEN, sqlite_where=OPEN)
