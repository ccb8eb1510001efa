"""Two indexes of the deliveries go: no question was asked of them, and every change of a delivery was written there, too."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for name in ("ix_deliveries_state", "ix_deliveries_due_at"):
        op.drop_index(name, table_name="deliveries")
