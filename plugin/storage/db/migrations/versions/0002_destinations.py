"""Destinations: SendPulse accounts with their pace and health; what waits is claimed through them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("rate", sa.Float, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("ready_at", MOMENT),
        sa.Column("lease_until", MOMENT),
        sa.Column("fence", sa.Integer, server_default="0", nullable=False),
        sa.Column("health", sa.Text, server_default="closed", nullable=False),
        _text("recent"),
        sa.Column("paused_until", MOMENT),
        sa.Column("probes", sa.Integer, server_default="0", nullable=False),
        sa.Column("failing_since", MOMENT),
        _text("reason"),
        _text("fix"),
        sa.PrimaryKeyConstraint("key", name="pk_destinations"),
    )
    op.create_index("ix_destinations_ready_at", "destinations", ["ready_at"])
    op.add_column("deliveries", sa.Column("on_uncertain", sa.Text, server_default="repeat", nullable=False))
    _index_open("deliveries", "destination", "due_at", "happened_at", "id")
    _index_open("deliveries", "shop_id", "basket", "happened_at")
    op.execute(
        "INSERT INTO destinations (key, rate, next_at, ready_at)"
        " SELECT destination, 8, min(created_at), min(due_at) FROM deliveries"
        " WHERE destination <> '' GROUP BY destination"
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, server_default="", nullable=False)


def _index_open(table: str, *columns: str) -> None:
    is_open = sa.text("due_at IS NOT NULL")
    name = f"ix_{table}_{'_'.join(columns)}"
    op.create_index(name, table, list(columns), postgresql_where=is_open, sqlite_where=is_open)
