"""What of a basket must leave earlier is found within its destination, however much waits there."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

OPEN = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    columns = ["shop_id", "basket", "destination", "happened_at"]
    name = "ix_deliveries_shop_id_basket_destination_happened_at"
    op.create_index(name, "deliveries", columns, postgresql_where=OPEN, sqlite_where=OPEN)
    op.drop_index("ix_deliveries_shop_id_basket_happened_at", "deliveries")
