"""Whether the merchant must act for an account or only for one event: since when each waits for that, and what was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("denied_at", MOMENT))
    op.add_column("destinations", sa.Column("delivered_at", MOMENT))
