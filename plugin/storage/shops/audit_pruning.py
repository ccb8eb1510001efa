"""Deleting the oldest lines of an audit so that the rest can still be checked."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select

from plugin.storage.db.audit_tables import audit
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops.audit import locked_head, store_head


def delete_oldest(database: Database, crypto: Crypto, shop_id: int, *, before: datetime, limit: int) -> int:
    """Delete lines from the front of the chain that are older; the head keeps the last one's seal. Answers how many."""
    first = select(audit.c.number, audit.c.seal, audit.c.at).where(audit.c.shop_id == shop_id, audit.c.number.is_not(None))
    first = first.order_by(audit.c.number).limit(limit)
    if not any(row.at < before for row in database.read_once(first.limit(1))):
        return 0
    with database.write() as connection:
        head = locked_head(connection, shop_id)
        if head is None:
            return 0
        old = []
        for row in connection.execute(first):
            if row.at >= before:
                break
            old.append(row)
        if not old:
            return 0
        store_head(connection, crypto, replace(head, pruned=old[-1].number, pruned_seal=old[-1].seal))
        through = (audit.c.shop_id == shop_id) & (audit.c.number <= old[-1].number)
        return connection.execute(delete(audit).where(through)).rowcount
