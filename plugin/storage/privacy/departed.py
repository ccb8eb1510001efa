"""Deleting shops that uninstalled the app long ago: what there may be much of in small steps, the shop itself last."""

from datetime import datetime

from sqlalchemy import Column, Connection, delete, select

from plugin.storage.db import cart_tables, tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.shops.consents import consents
from plugin.storage.shops.shops import forget

ROWS = 500  #: of one table, deleted in one transaction
FAMILIES = 50  #: events, which take their deliveries and attempts with them

_shops = tables.shops

_MUCH: tuple[tuple[Column[object], int], ...] = (
    (tables.webhooks.c.id, ROWS),
    (tables.events.c.id, FAMILIES),
    (consents.c.hash, ROWS),
    (tables.purchases.c.hash, ROWS),
    (cart_tables.cart_marks.c.hash, ROWS),
    (tables.links.c.token, ROWS),
    (tables.products.c.key, ROWS),
)


def delete_departed(database: Database, crypto: Crypto, *, before: datetime) -> int:
    """Delete the next rows of one of them; how many."""
    has_left = _shops.c.left_at <= before
    found = database.read_once(select(_shops.c.id).where(has_left).order_by(_shops.c.left_at).limit(1))
    for (shop_id,) in found:
        with database.write() as connection:
            # Locked and looked at again: it may come back at this very moment, and then keeps what is still there.
            chosen = select(_shops.c.id).where(_shops.c.id == shop_id, has_left).with_for_update()
            if connection.execute(chosen).first():
                return _delete_some(connection, crypto, shop_id)
    return 0


def _delete_some(connection: Connection, crypto: Crypto, shop_id: int) -> int:
    for key, limit in _MUCH:
        of_shop = key.table.c.shop_id == shop_id
        some = select(key).where(of_shop).limit(limit)
        if rows := connection.execute(delete(key.table).where(of_shop, key.in_(some))).rowcount:
            return rows
    forget(connection, crypto, shop_id)
    return 1
