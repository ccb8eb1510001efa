"""Audit lines: who changed or looked at what in a shop. They name no person."""

from datetime import datetime

from sqlalchemy import Connection, insert

from plugin.storage.db import tables


def note(connection: Connection, shop_id: int, *, who: str, what: str, now: datetime) -> None:
    """Write an audit line within the caller's transaction."""
    connection.execute(insert(tables.audit).values(shop_id=shop_id, who=who, what=what, at=now))
