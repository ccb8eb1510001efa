"""What a platform gave us to reach a shop: read as it is now, changed by one caller at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, or_, select, update

from plugin.ports import AccessLease
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database

_shops = tables.shops


class AccessColumn:
    """Reads and changes the sealed access in a shop's row."""

    def __init__(self, crypto: Crypto) -> None:
        self._crypto = crypto

    def read(self, connection: Connection, shop_id: int) -> dict[str, Any]:
        """The access as it is stored; nothing for a shop that left."""
        return self._opened(connection.execute(_select(shop_id)).scalar())

    def read_once(self, database: Database, shop_id: int) -> dict[str, Any]:
        """The same, asked outside a transaction."""
        return self._opened(next((row.access for row in database.read_once(_select(shop_id))), None))

    def change(self, connection: Connection, shop_id: int, changed: Mapping[str, Any]) -> None:
        """Store these words beside the others. The caller holds the shop's row."""
        access = {**self.read(connection, shop_id), **changed}
        connection.execute(update(_shops).where(_is_here(shop_id)).values(access=self._crypto.seal_json(access)))

    def lease(self, connection: Connection, shop_id: int, *, now: datetime, lease: timedelta) -> AccessLease | None:
        """The access, when nobody else has it."""
        until = now + lease
        is_free = or_(_shops.c.access_lease_until.is_(None), _shops.c.access_lease_until <= now)
        taken = update(_shops).where(_is_here(shop_id), is_free).values(access_lease_until=until)
        if not connection.execute(taken).rowcount:
            return None
        return AccessLease(shop_id=shop_id, access=self.read(connection, shop_id), until=until)

    def end_lease(self, connection: Connection, lease: AccessLease, changed: Mapping[str, Any]) -> bool:
        """Store what changed, unless the shop left, came back, or somebody else took over meanwhile."""
        is_ours = _is_here(lease.shop_id) & (_shops.c.access_lease_until == lease.until)
        if not connection.execute(update(_shops).where(is_ours).values(access_lease_until=None)).rowcount:
            return False
        if changed:
            self.change(connection, lease.shop_id, changed)
        return True

    def _opened(self, sealed: bytes | None) -> dict[str, Any]:
        return self._crypto.open_json(sealed) if sealed else {}


def _select(shop_id: int) -> Select[Any]:
    return select(_shops.c.access).where(_is_here(shop_id))


def _is_here(shop_id: int) -> ColumnElement[bool]:
    return (_shops.c.id == shop_id) & _shops.c.left_at.is_(None)
