"""People are found by every name an event gives them; who asked what is kept, and whom SendPulse is to forget, is noted.

Events of before have no names noted: they are opened when somebody looks for a person, until they are old enough to go.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("events", sa.Column("people", sa.Text))
    op.create_index("ix_events_shop_id_people", "events", ["shop_id", "people"])
    _data_requests()
    _sendpulse_erasures()


def _data_requests() -> None:
    op.create_table(
        "data_requests",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("person", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", MOMENT),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_data_requests_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_data_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_data_requests_shop_id_received_at", "data_requests", ["shop_id", "received_at"])


def _sendpulse_erasures() -> None:
    op.create_table(
        "sendpulse_erasures",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("person", sa.LargeBinary),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("fix", sa.Text, nullable=False, server_default=""),
        sa.Column("finished_at", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.Column("lease_until", MOMENT),
        sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_sendpulse_erasures_shop_id_shops", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sendpulse_erasures"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sendpulse_erasures_shop_id_asked_at", "sendpulse_erasures", ["shop_id", "asked_at"])
    is_open = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_sendpulse_erasures_due_at",
        "sendpulse_erasures",
        ["due_at", "id"],
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
