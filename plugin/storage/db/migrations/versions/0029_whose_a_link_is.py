"""A short link says whose it is, so that it is found and erased after the events it was made for.

Links of before say nothing until they are used again; they are opened when somebody looks for a person.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("links", sa.Column("people", sa.Text))
    op.create_index("ix_links_shop_id_people", "links", ["shop_id", "people"])
