"""When a shop was turned away last, because too much of it waits to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("shops", sa.Column("full_at", sa.DateTime(timezone=True)))
