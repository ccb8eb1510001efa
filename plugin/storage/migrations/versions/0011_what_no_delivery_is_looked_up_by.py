"""Two indexes of the deliveries that serve no question, though each attempt writes to them four times."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for name in ("ix_deliveries_state", "ix_deliveries_due_at"):
        op.drop_index(name, table_name="deliveries")
