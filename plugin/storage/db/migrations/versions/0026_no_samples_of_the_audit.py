"""PostgreSQL's statistics keep no samples of what the audit's lines say, either; see 0020."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit ALTER COLUMN content TYPE BYTEA, ALTER COLUMN content SET STATISTICS 0")
