"""The tables, named after the things the plugin talks about.

What workers claim carries the columns of `claim_columns`.
"""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text

from plugin.storage.db.claim_columns import claim_columns, due_index, open_index, turn_index
from plugin.storage.db.columns import Id, Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


SUSPENDED = text("suspended_at IS NOT NULL")
SYNC_PENDING = text("settle_at IS NOT NULL")
CONSENT_NOTED = text("consent IS NOT NULL")
HAS_BODY = text("body IS NOT NULL")


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _shop() -> Column[int]:
    return Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


shops = Table(
    "shops",
    metadata,
    _id(),
    Column("platform", Text, nullable=False),
    Column("address", Text, nullable=False),
    *(_text(name) for name in ("name", "link", "locale", "timezone", "currency", "number")),
    Column("access", LargeBinary),  # sealed JSON; empty after the shop left
    Column("installed_at", Moment, nullable=False),
    Column("left_at", Moment),
    Column("access_lease_until", Moment),  # somebody changes the access until then
    Column("suspended_at", Moment),  # since when the operator lets nothing be sent
    Column("full_at", Moment),  # when a webhook of it was turned away last, because too much of it waits
    Column("settle_at", Moment),  # when the platform is told what changed; empty when it knows
    UniqueConstraint("platform", "address"),
    Index("ix_shops_platform_number", "platform", "number"),
    Index("ix_shops_suspended_at", "suspended_at", postgresql_where=SUSPENDED, sqlite_where=SUSPENDED),
    Index("ix_shops_settle_at", "settle_at", postgresql_where=SYNC_PENDING, sqlite_where=SYNC_PENDING),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    _id(),
    _shop(),
    Column("version", Integer, nullable=False),
    Column("document", LargeBinary, nullable=False),  # sealed JSON: it holds event URLs and credentials
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("shop_id", "version"),
    sqlite_autoincrement=True,
)

webhooks = Table(
    "webhooks",
    metadata,
    _id(),
    _shop(),
    Column("key", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("triggered_at", Moment),
    Column("finished_at", Moment),
    Column("state", Text, nullable=False),
    _text("reason_code"),  # a `ReasonCode`; empty in rows of before there were codes
    _text("reason"),
    _text("fix"),
    Column("body", LargeBinary),  # sealed; empty once it says nothing that is not kept elsewhere
    *claim_columns(),
    UniqueConstraint("shop_id", "key"),
    Index("ix_webhooks_state", "state"),
    turn_index("webhooks"),
    open_index("webhooks", "shop_id", "received_at"),  # what of a shop is unread
    Index(  # what a shop's bodies take up, and those that are searched for a person
        "ix_webhooks_shop_id_state_id", "shop_id", "state", "id", postgresql_where=HAS_BODY, sqlite_where=HAS_BODY
    ),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    _id(),
    _shop(),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed StoreEvent
    _text("email_hash"),
    _text("phone_hash"),
    _text("locale"),
    _text("object_id"),
    Column("webhook_id", Id),  # where it came from; empty for those we made
    _text("basket"),  # keyed hash, as in deliveries: these events are prepared one after another
    *claim_columns(),
    Column("emptied_at", Moment),  # since then only its key and state are kept: it cannot be sent again
    Column("consent", Text),  # a `Consent`; empty without a contact, and in rows of before this was noted
    Column("people", Text),  # short hashes of every name of its person; null in rows of before this was noted
    UniqueConstraint("shop_id", "key"),
    Index("ix_events_shop_id_email_hash", "shop_id", "email_hash"),
    Index("ix_events_shop_id_phone_hash", "shop_id", "phone_hash"),
    Index("ix_events_shop_id_object_id", "shop_id", "object_id"),
    Index("ix_events_shop_id_people", "shop_id", "people"),  # what a person is looked for in, without a look at the rows
    Index("ix_events_state", "state"),
    Index(
        "ix_events_shop_id_kind_created_at_consent", "shop_id", "kind", "created_at", "consent",
        postgresql_where=CONSENT_NOTED, sqlite_where=CONSENT_NOTED,
    ),
    turn_index("events"),
    open_index("events", "shop_id", "basket", "happened_at"),  # what of a basket must be prepared earlier
    sqlite_autoincrement=True,
)  # fmt: skip

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _shop(),
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("part", Integer, nullable=False),
    _text("destination"),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),  # since it was last sent anew
    Column("automation_id", Id),
    _text("locale"),
    _text("flow_match"),  # a `FlowMatch`
    _text("rule"),
    _text("reason_code"),
    _text("reason"),
    _text("fix"),
    _text("partial"),  # what could not be found for it in time
    _text("send"),
    Column("letter", LargeBinary),  # sealed: the body and where it goes; empty when nothing was to be sent
    _text("basket"),  # keyed hash of the basket's first name, or of the customer: these deliveries belong together
    Column("happened_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("finished_at", Moment),
    *claim_columns(),
    Column("on_uncertain", Text, nullable=False, server_default="repeat"),
    Column("denied_at", Moment),  # since when it waits for the merchant to act
    UniqueConstraint("event_id", "part", "shop_id"),
    Index("ix_deliveries_shop_id_id", "shop_id", "id"),
    Index("ix_deliveries_shop_id_state_id", "shop_id", "state", "id"),
    open_index("deliveries", "destination", "due_at", "happened_at", "id"),  # the next one of a destination
    open_index("deliveries", "shop_id", "basket", "destination", "happened_at"),  # what of a basket must leave earlier
    sqlite_autoincrement=True,
)

destinations = Table(
    "destinations",
    metadata,
    Column("key", Text, primary_key=True),  # a SendPulse account of one shop
    Column("shop_id", Id),  # empty in rows of before: those several shops may share, until what waits has moved away
    Column("rate", Float, nullable=False),  # events a second
    Column("next_at", Moment, nullable=False),  # GCRA: nothing leaves earlier
    Column("ready_at", Moment),  # when it should be looked at; empty when nothing waits for it, or it is disabled
    Column("lease_until", Moment),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("health", Text, nullable=False, server_default="closed"),
    _text("recent"),
    Column("paused_until", Moment),
    Column("probes", Integer, nullable=False, server_default="0"),
    Column("failing_since", Moment),
    _text("reason"),
    _text("fix"),
    Column("delivered_at", Moment),  # when it last took an event
    Index("ix_destinations_ready_at", "ready_at"),
)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("shop_id", Id, nullable=False),
    Column("delivery_id", ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    _text("verdict"),
    Column("status", Integer),
    _text("reason_code"),
    _text("reason"),
    _text("fix"),
    _text("answer"),
    UniqueConstraint("delivery_id", "number"),
    sqlite_autoincrement=True,
)

timers = Table(
    "timers",
    metadata,
    _id(),
    _shop(),
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("happened_at", Moment, nullable=False),  # the newest change that is known
    *claim_columns(),
    Column("begun_at", Moment),  # when the store made the basket; empty in rows of before this was noted
    Column("not_before", Moment),  # it rings no sooner, however short its wait is
    Column("asked_at", Moment),  # when the store was first asked about it in vain
    Index("ix_timers_shop_id", "shop_id"),
    Index("ix_timers_event_id", "event_id"),
    due_index("timers"),
    sqlite_autoincrement=True,
)

timer_keys = Table(
    "timer_keys",
    metadata,
    Column("shop_id", Id, primary_key=True, autoincrement=False),
    Column("hash", Text, primary_key=True),
    Column("timer_id", ForeignKey("timers.id", ondelete="CASCADE"), nullable=False),
    Index("ix_timer_keys_timer_id", "timer_id"),
)

purchases = Table(
    "purchases",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, primary_key=True),
    Column("bought_at", Moment, nullable=False),
    Index("ix_purchases_shop_id_bought_at", "shop_id", "bought_at"),
)

products = Table(
    "products",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("facts", Text, nullable=False),  # JSON of texts, as the shop window shows them
    Column("fetched_at", Moment, nullable=False),
    Index("ix_products_shop_id_fetched_at", "shop_id", "fetched_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("account", Text, primary_key=True),  # keyed hash
    Column("token", LargeBinary),  # sealed
    Column("expires_at", Moment),
    Column("lock_until", Moment),
    Index("ix_tokens_expires_at", "expires_at"),
)

links = Table(
    "links",
    metadata,
    Column("token", Text, primary_key=True),
    _shop(),
    Column("address", LargeBinary, nullable=False),  # sealed
    Column("address_hash", Text, nullable=False),
    Column("used_at", Moment),  # when it was last put into a delivery, to the day
    Column("people", Text),  # hashes of the names of whose it is, "" for everybody's; null in rows of before this was noted
    UniqueConstraint("shop_id", "address_hash"),
    Index("ix_links_shop_id_used_at", "shop_id", "used_at"),
    Index("ix_links_shop_id_people", "shop_id", "people"),  # what a person is looked for in, without a look at the rows
)

SEALED = (
    shops.c.access,
    settings.c.document,
    webhooks.c.body,
    events.c.body,
    deliveries.c.letter,
    tokens.c.token,
    links.c.address,
)
"""Every column only `Crypto.open` can read."""
