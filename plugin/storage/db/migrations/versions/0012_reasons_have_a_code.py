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
    for table, name in (
        ("deliveries", "flow_match"),
        ("deliveries", "reason_code"),
        ("webhooks", "reason_code"),
        ("attempts", "reason_code"),
    ):
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    # A flow's own name stands behind the arrow or in brackets, so it is never taken for these words.
    for match, is_it in (
        ("default", deliveries.c.rule.like("%: no flow fits → your default flow%")),
        ("none", deliveries.c.rule.like("%: no flow fits → sent without a flow%")),
        ("none", sa.and_(deliveries.c.rule == "", deliveries.c.reason.like("No flow %"))),
    ):
        op.execute(deliveries.update().where(is_it).values(flow_match=match))
    is_forgotten = sa.and_(webhooks.c.state == "waiting", webhooks.c.reason == FORGOTTEN)
    op.execute(webhooks.update().where(is_forgotten).values(reason_code="forgotten"))
