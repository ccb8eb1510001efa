"""Audit lines say what was done in words for machines, seal who did it, and hang together in a chain for each shop."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CHAINED = "OLD.number IS NOT NULL"
CHANGES = " OR ".join(
    f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in ("id", "shop_id", "at", "who", "what", "number", "deed", "seal")
)
# Retention moves the head first; what a deleted shop leaves goes with it.
KEPT = """EXISTS (SELECT 1 FROM shops WHERE shops.id = OLD.shop_id) AND OLD.number > COALESCE(
    (SELECT pruned FROM audit_heads WHERE audit_heads.shop_id = OLD.shop_id), 0)"""
REFUSED = "the audit is only added to"


def upgrade() -> None:
    op.add_column("audit", sa.Column("number", BIG))
    op.add_column("audit", sa.Column("deed", sa.Text(), nullable=False, server_default=""))
    op.add_column("audit", sa.Column("content", sa.LargeBinary()))
    op.add_column("audit", sa.Column("seal", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_audit_shop_id_number", "audit", ["shop_id", "number"], unique=True)
    op.create_table(
        "audit_heads",
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("pruned", BIG, nullable=False),
        sa.Column("pruned_seal", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name="fk_audit_heads_shop_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("shop_id", name="pk_audit_heads"),
    )
    _refuse_changes_on_sqlite() if op.get_bind().dialect.name == "sqlite" else _refuse_changes_on_postgresql()


def _refuse_changes_on_sqlite() -> None:
    changes = CHANGES.replace("IS DISTINCT FROM", "IS NOT")
    for event, condition in (("UPDATE", f"{CHAINED} AND ({changes})"), ("DELETE", f"{CHAINED} AND {KEPT}")):
        op.execute(
            f"CREATE TRIGGER audit_{event.lower()} BEFORE {event} ON audit WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
        )


def _refuse_changes_on_postgresql() -> None:
    op.execute(f"""
        CREATE FUNCTION audit_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {CHAINED} THEN
                IF TG_OP = 'UPDATE' THEN
                    IF {CHANGES} THEN RAISE EXCEPTION '{REFUSED}'; END IF;
                ELSIF {KEPT} THEN
                    RAISE EXCEPTION '{REFUSED}';
                END IF;
            END IF;
            IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
            RETURN OLD;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER audit_unchanged BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_unchanged()
    """)
