"""A destination belongs to one shop. What shops share as one is parted by the worker, beside the traffic."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
    # Where nothing waits there is nothing to part, and nobody would ever find out that it works again.
    op.execute(
        "UPDATE destinations SET health = 'closed', recent = '', paused_until = NULL, probes = 0, failing_since = NULL,"
        " reason = '', fix = '' WHERE health <> 'closed' AND NOT EXISTS"
        " (SELECT 1 FROM deliveries WHERE destination = destinations.key AND due_at IS NOT NULL)"
    )
