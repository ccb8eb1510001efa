"""What a store tells us that changes what is kept, obeyed within the transaction that closes its webhook."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from plugin.domain.notice import (
    BasketEnded,
    ConsentChanged,
    Notice,
    PersonAsks,
    PersonToForget,
    ProductsChanged,
    ScopesChanged,
    ShopChanged,
    ShopLeft,
    ShopToForget,
)
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import EndTimers, StoredWebhook
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.privacy.erasure import Erasure
from plugin.storage.queue.timer_rows import TimerRows
from plugin.storage.shops import audit, shops
from plugin.storage.shops.catalogue import forget_products
from plugin.storage.shops.consents import SqlConsents


class Notices:
    """Obeys every kind of notice. The caller holds the shop's row."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._crypto = crypto
        self._timers, self._people = TimerRows(database, crypto), Erasure(database, crypto)
        self._consents = SqlConsents(database, crypto)

    def unread(self, shop_id: int, notices: Iterable[Notice]) -> Collection[int]:
        """The webhooks no event was made of that name people to forget. Searched before the transaction, for it takes long."""
        people = [notice for notice in notices if isinstance(notice, PersonToForget)]
        return {webhook_id for person in people for webhook_id in self._people.unread(shop_id, person)}

    def obey(
        self, connection: Connection, webhook: StoredWebhook, notice: Notice, *, unread: Collection[int], now: datetime
    ) -> None:
        shop_id = webhook.shop.id
        match notice:
            case BasketEnded():
                ended = EndTimers(keys=notice.keys, at=webhook.sent_at, code=ReasonCode.CHECKOUT_CLOSED)
                self._timers.end(connection, shop_id, ended, now=now)
            case ConsentChanged():
                self._consents.note(connection, shop_id, notice, now=now)
            case ProductsChanged():
                forget_products(connection, shop_id, notice.product_ids)
            case ShopChanged():
                shops.change(connection, shop_id, asdict(notice))
            case ScopesChanged():
                self._note_scopes(connection, shop_id, notice.scopes)
            case ShopLeft():
                shops.leave(connection, shop_id, now=now)
            case ShopToForget():
                shops.forget(connection, shop_id)
            case PersonToForget():
                self._forget_person(connection, shop_id, notice, unread, now)
            case PersonAsks():
                self._note_question(connection, shop_id, notice, now)

    def _note_scopes(self, connection: Connection, shop_id: int, scopes: Iterable[str]) -> None:
        is_shop = tables.shops.c.id == shop_id
        sealed = connection.execute(select(tables.shops.c.access).where(is_shop)).scalar()
        if sealed:  # a shop that left has no access that could grow or shrink
            access = self._crypto.open_json(sealed) | {"scopes": list(scopes)}
            connection.execute(update(tables.shops).where(is_shop).values(access=self._crypto.seal_json(access)))

    def _forget_person(
        self, connection: Connection, shop_id: int, notice: PersonToForget, unread: Collection[int], now: datetime
    ) -> None:
        count = self._people.forget(connection, shop_id, notice, unread=unread, now=now)
        what = f"Deleted what was stored about a person, as the store asked. Events: {count}."
        audit.note(connection, shop_id, who="the store", what=what, now=now)

    def _note_question(self, connection: Connection, shop_id: int, notice: PersonAsks, now: datetime) -> None:
        query = select(func.count()).select_from(tables.events)
        count = connection.execute(query.where(self._people.is_about(shop_id, notice))).scalar_one()
        request = notice.request_id or "without a number"
        what = f"A person asked the store what is kept about them (request {request}). Events: {count}."
        audit.note(connection, shop_id, who="the store", what=what, now=now)
