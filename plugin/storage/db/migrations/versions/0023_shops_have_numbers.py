"""A shop has its platform's own number, by which a body tells whose it is."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("shops", sa.Column("number", sa.Text, nullable=False, server_default=""))
    op.create_index("ix_shops_platform_number", "shops", ["platform", "number"])
