"""The bodies a shop's webhooks still have are found by their state, without a look at those that have none."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    has_body = sa.text("body IS NOT NULL")
    columns = ["shop_id", "state", "id"]
    op.create_index("ix_webhooks_shop_id_state_id", "webhooks", columns, postgresql_where=has_body, sqlite_where=has_body)
