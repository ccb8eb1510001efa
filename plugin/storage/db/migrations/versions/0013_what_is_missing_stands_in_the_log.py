"""What could not be found for a delivery in time, so that the log can say why a letter has no picture."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("partial", sa.Text(), nullable=False, server_default=""))
