"""A shop that removes the app, wherever its shops are kept."""

from datetime import datetime

from plugin.ports import Shops
from plugin.storage.shops.shops import SqlShops, leave
from tests.support.builders import NOON
from tests.support.fakes import FakeShops


def uninstall(shops: Shops, shop_id: int, *, now: datetime = NOON) -> None:
    """Do what the notice of it does, without a webhook that brings the notice."""
    if isinstance(shops, SqlShops):
        with shops._changing() as connection:
            leave(connection, shops._crypto, shop_id, now=now)
    else:
        assert isinstance(shops, FakeShops)
        shops.leave(shop_id, now=now)
