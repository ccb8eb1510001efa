"""What waits and what was sent: every table of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Written out here, not taken from the code: a migration must do the same for ever.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_shops()
    _create_settings()
    _create_audit()
    _create_webhooks()
    _create_events()
    _create_deliveries()
    _create_attempts()
    _create_timers()
    _create_timer_keys()
    _create_purchases()
    _create_products()
    _create_tokens()
    _create_links()


def _id() -> sa.Column[int]:
    return sa.Column("id", ID, autoincrement=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, server_default="", nullable=False)


def _lease() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("due_at", MOMENT),
        sa.Column("lease_until", MOMENT),
        sa.Column("fence", sa.Integer, server_default="0", nullable=False),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
    )


def _belongs_to(table: str, column: str, owner: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _index_due(table: str) -> None:
    is_open = sa.text("due_at IS NOT NULL")
    op.create_index(f"ix_{table}_due_at", table, ["due_at", "id"], postgresql_where=is_open, sqlite_where=is_open)


def _create_shops() -> None:
    op.create_table(
        "shops",
        _id(),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        _text("name"),
        _text("link"),
        _text("locale"),
        _text("timezone"),
        _text("currency"),
        sa.Column("access", sa.LargeBinary),
        sa.Column("installed_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_shops"),
        sa.UniqueConstraint("platform", "address", name="uq_shops_platform_address"),
        sqlite_autoincrement=True,
    )


def _create_settings() -> None:
    op.create_table(
        "settings",
        _id(),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _belongs_to("settings", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("id", name="pk_settings"),
        sa.UniqueConstraint("shop_id", "version", name="uq_settings_shop_id_version"),
        sqlite_autoincrement=True,
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        _id(),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        _belongs_to("audit", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_shop_id_at", "audit", ["shop_id", "at"])


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        _id(),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("triggered_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("state", sa.Text, nullable=False),
        _text("reason"),
        _text("fix"),
        sa.Column("body", sa.LargeBinary),
        *_lease(),
        _belongs_to("webhooks", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sa.UniqueConstraint("shop_id", "key", name="uq_webhooks_shop_id_key"),
        sqlite_autoincrement=True,
    )
    _index_due("webhooks")
    op.create_index("ix_webhooks_state", "webhooks", ["state"])


def _create_events() -> None:
    op.create_table(
        "events",
        _id(),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        _text("email_hash"),
        _text("phone_hash"),
        _text("locale"),
        _text("object_id"),
        sa.Column("webhook_id", ID),
        *_lease(),
        _belongs_to("events", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("shop_id", "key", name="uq_events_shop_id_key"),
        sqlite_autoincrement=True,
    )
    _index_due("events")
    op.create_index("ix_events_shop_id_email_hash", "events", ["shop_id", "email_hash"])
    op.create_index("ix_events_shop_id_object_id", "events", ["shop_id", "object_id"])
    op.create_index("ix_events_shop_id_phone_hash", "events", ["shop_id", "phone_hash"])
    op.create_index("ix_events_state", "events", ["state"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        _id(),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        _text("destination"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("automation_id", ID),
        _text("locale"),
        _text("rule"),
        _text("reason"),
        _text("fix"),
        _text("send"),
        sa.Column("letter", sa.LargeBinary),
        _text("basket"),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        *_lease(),
        _belongs_to("deliveries", "event_id", "events"),
        _belongs_to("deliveries", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("event_id", "part", "shop_id", name="uq_deliveries_event_id_part_shop_id"),
        sqlite_autoincrement=True,
    )
    _index_due("deliveries")
    op.create_index("ix_deliveries_shop_id_id", "deliveries", ["shop_id", "id"])
    op.create_index("ix_deliveries_shop_id_state_id", "deliveries", ["shop_id", "state", "id"])
    op.create_index("ix_deliveries_state", "deliveries", ["state"])


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        _id(),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("delivery_id", ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        _text("verdict"),
        sa.Column("status", sa.Integer),
        _text("reason"),
        _text("fix"),
        _text("answer"),
        _belongs_to("attempts", "delivery_id", "deliveries"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("delivery_id", "number", name="uq_attempts_delivery_id_number"),
        sqlite_autoincrement=True,
    )


def _create_timers() -> None:
    op.create_table(
        "timers",
        _id(),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        *_lease(),
        _belongs_to("timers", "event_id", "events"),
        _belongs_to("timers", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
        sqlite_autoincrement=True,
    )
    _index_due("timers")
    op.create_index("ix_timers_event_id", "timers", ["event_id"])
    op.create_index("ix_timers_shop_id", "timers", ["shop_id"])


def _create_timer_keys() -> None:
    op.create_table(
        "timer_keys",
        sa.Column("shop_id", ID, autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("timer_id", ID, nullable=False),
        _belongs_to("timer_keys", "timer_id", "timers"),
        sa.PrimaryKeyConstraint("shop_id", "hash", name="pk_timer_keys"),
    )
    op.create_index("ix_timer_keys_timer_id", "timer_keys", ["timer_id"])


def _create_purchases() -> None:
    op.create_table(
        "purchases",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("bought_at", MOMENT, nullable=False),
        _belongs_to("purchases", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("shop_id", "hash", name="pk_purchases"),
    )


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        _belongs_to("products", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("shop_id", "key", name="pk_products"),
    )
    op.create_index("ix_products_shop_id_fetched_at", "products", ["shop_id", "fetched_at"])


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("token", sa.LargeBinary),
        sa.Column("expires_at", MOMENT),
        sa.Column("lock_until", MOMENT),
        sa.PrimaryKeyConstraint("account", name="pk_tokens"),
    )


def _create_links() -> None:
    op.create_table(
        "links",
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("shop_id", ID, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("address_hash", sa.Text, nullable=False),
        _belongs_to("links", "shop_id", "shops"),
        sa.PrimaryKeyConstraint("token", name="pk_links"),
        sa.UniqueConstraint("shop_id", "address_hash", name="uq_links_shop_id_address_hash"),
    )
