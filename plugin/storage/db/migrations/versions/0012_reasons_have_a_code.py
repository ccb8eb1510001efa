"""Why something was not sent, and how its flow was chosen, as codes beside the sentences.

What figures and workers ask for is read from the sentences of older rows once, here: which deliveries found no flow, and
which webhooks were to be forgotten unread. The other old rows keep their sentences and have no code.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

FORGOTTEN = "The store asked to forget the person this was about before it was read."

deliveries = sa.table("deliveries", *map(sa.column, ("flow_match", "rule", "reason")))
webhooks = sa.table("webhooks", *map(sa.column, ("state", "reason_code", "reason")))


def upgrade() -> None:
    # Webhooks last: accepting them waits for this table alone, so for no look through the deliveries.
    _add_text("deliveries", "flow_match", "reason_code")
    # A flow's own name stands behind the arrow or in brackets, so it is never taken for these words.
    is_default = deliveries.c.rule.like("%: no flow fits → your default flow%")
    is_none = sa.or_(
        deliveries.c.rule.like("%: no flow fits → sent without a flow%"),
        sa.and_(deliveries.c.rule == "", deliveries.c.reason.like("No flow %")),
    )
    match = sa.case((is_default, "default"), else_="none")
    op.execute(deliveries.update().where(sa.or_(is_default, is_none)).values(flow_match=match))
    _add_text("attempts", "reason_code")
    _add_text("webhooks", "reason_code")
    is_forgotten = sa.and_(webhooks.c.state == "waiting", webhooks.c.reason == FORGOTTEN)
    op.execute(webhooks.update().where(is_forgotten).values(reason_code="forgotten"))


def _add_text(table: str, *names: str) -> None:
    for name in names:
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
