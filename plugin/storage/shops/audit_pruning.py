"""Deleting the oldest lines of an audit so that the rest can still be checked."""

from datetime import datetime
from itertools import takewhile

from sqlalchemy import delete, select

from plugin.storage.db.audit_tables import audit
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops.audit import is_sealed, locked_head, store_head


def delete_oldest(database: Database, crypto: Crypto, shop_id: int, *, before: datetime, limit: int) -> int:
    """Delete lines from the front of the chain that are older; the head keeps the last one's seal. Answers how many.

    Whoever has no key cannot have lines deleted by making them look old: the last of them must be as it was written.
    """
    chained = (audit.c.shop_id == shop_id) & audit.c.number.is_not(None)
    first = select(audit).where(chained).order_by(audit.c.number).limit(limit)
    if not any(row.at < before for row in database.read_once(first.limit(1))):
        return 0
    with database.write() as connection:
        head = locked_head(connection, crypto, shop_id)
        if head is None:
            return 0
        rows = connection.execute(first).mappings().all()
        old = list(takewhile(lambda row: row["at"] < before, rows))
        seals = [head.pruned_seal, *(row["seal"] for row in old)]
        last = next((row for row, seal in reversed(list(zip(old, seals, strict=False))) if is_sealed(crypto, row, seal)), None)
        if last is None:
            return 0
        store_head(connection, crypto, head.pruned_to(last["number"], last["seal"]))
        return connection.execute(delete(audit).where(chained, audit.c.number <= last["number"])).rowcount
