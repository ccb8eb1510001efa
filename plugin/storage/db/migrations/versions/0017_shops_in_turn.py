"""What is due of webhooks and events is found shop by shop, in place of by its age over all shops."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    is_open = sa.text("due_at IS NOT NULL")
    for table in ("webhooks", "events"):
        columns = ["shop_id", "due_at", "id"]
        op.create_index(f"ix_{table}_shop_id_due_at_id", table, columns, postgresql_where=is_open, sqlite_where=is_open)
        op.drop_index(f"ix_{table}_due_at", table_name=table)
