"""Every shop's audit has a sealed beginning and end from now on, so that one without is somebody's doing.

Lines of before there were chains are taken into them as they are.
"""

import json
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from alembic import context, op

revision = "0027"
down_revision = "0026"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

AUDIT = sa.table(
    "audit", sa.column("id", BIG), sa.column("shop_id", BIG), sa.column("at", MOMENT), sa.column("who", sa.Text()),
    sa.column("what", sa.Text()), sa.column("number", BIG), sa.column("deed", sa.Text()),
    sa.column("content", sa.LargeBinary()), sa.column("seal", sa.Text()),
)  # fmt: skip
HEADS = sa.table(
    "audit_heads", sa.column("shop_id", BIG), sa.column("number", BIG), sa.column("seal", sa.Text()),
    sa.column("pruned", BIG), sa.column("pruned_seal", sa.Text()), sa.column("proof", sa.Text()),
)  # fmt: skip
# A numbered line without a head is no line of before: its head was lost.
HAVE_NO_CHAIN = sa.text(
    "SELECT id FROM shops WHERE NOT EXISTS (SELECT 1 FROM audit_heads WHERE shop_id = shops.id)"
    " AND NOT EXISTS (SELECT 1 FROM audit WHERE shop_id = shops.id AND number IS NOT NULL) ORDER BY id"
)


class Keys(Protocol):
    def seal(self, content: bytes) -> bytes: ...

    def sign_audit(self, parts: list[str | int]) -> str: ...


def upgrade() -> None:
    op.add_column("audit_heads", sa.Column("break_number", BIG))  # which also keeps everybody else from beginning a chain
    connection = op.get_bind()
    for shop_id in connection.execute(HAVE_NO_CHAIN).scalars().all():
        _begin_chain(connection, context.config.attributes["keys"](), shop_id)


def _begin_chain(connection: sa.Connection, keys: Keys, shop_id: int) -> None:
    number, seal = 0, ""
    earlier = sa.select(AUDIT).where(AUDIT.c.shop_id == shop_id).order_by(AUDIT.c.id)
    for number, row in enumerate(connection.execute(earlier).mappings().all(), start=1):
        seal = _seal(keys, {**row, "number": number}, "", seal)
        connection.execute(sa.update(AUDIT).where(AUDIT.c.id == row["id"]).values(number=number, seal=seal))
    content = json.dumps({"address": "", "facts": {"carried": number}, "who": "operator"}, separators=(",", ":"))
    line = {"shop_id": shop_id, "at": datetime.now(UTC), "who": "", "what": "", "number": number + 1, "deed": "audit_began"}
    seal = _seal(keys, line, content, seal)
    connection.execute(sa.insert(AUDIT).values(line | {"content": keys.seal(content.encode()), "seal": seal}))
    head: dict[str, Any] = {"shop_id": shop_id, "number": number + 1, "seal": seal, "pruned": 0, "pruned_seal": ""}
    connection.execute(sa.insert(HEADS).values(head | {"proof": keys.sign_audit(["head", *head.values()])}))


def _seal(keys: Keys, line: dict[str, Any], content: str, before: str) -> str:
    at = line["at"].replace(tzinfo=UTC) if line["at"].tzinfo is None else line["at"].astimezone(UTC)
    said = [at.isoformat(timespec="microseconds"), line["deed"], line["who"], line["what"], content]
    return keys.sign_audit(["line", line["shop_id"], line["number"], *said, before])
