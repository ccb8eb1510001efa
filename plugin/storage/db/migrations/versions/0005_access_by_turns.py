"""A shop's access is renewed by one process at a time, and its platform is told what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
UNSETTLED = sa.text("settle_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("shops", sa.Column("access_lease_until", MOMENT))
    op.add_column("shops", sa.Column("settle_at", MOMENT))
    op.create_index("ix_shops_settle_at", "shops", ["settle_at"], postgresql_where=UNSETTLED, sqlite_where=UNSETTLED)
