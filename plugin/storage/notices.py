"""What a store tells us that changes what is kept, obeyed within the transaction that closes its webhook."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, select, update

from plugin.domain.audit import STORE, Deed, Facts
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
from plugin.storage.privacy.people import SqlPeople
from plugin.storage.privacy.requests import note_request
from plugin.storage.queue.inbox import Prepared
from plugin.storage.queue.timer_rows import TimerRows
from plugin.storage.shops import audit, shops
from plugin.storage.shops.catalogue import forget_products, forget_shop_facts
from plugin.storage.shops.consents import SqlConsents


class Notices:
    """Obeys every kind of notice. The caller holds the shop's row."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._crypto = crypto
        self._timers, self._people = TimerRows(database, crypto), SqlPeople(database, crypto)
        self._consents = SqlConsents(database, crypto)

    def prepare(self, shop_id: int, notices: Sequence[Notice], *, meanwhile: Callable[[], None]) -> Sequence[Prepared]:
        """Find who is to be forgotten, or asks, before the transaction; let nothing come of what is unread of the former."""
        return [self._prepared(shop_id, notice, meanwhile) for notice in notices]

    def _prepared(self, shop_id: int, notice: Notice, meanwhile: Callable[[], None]) -> Prepared:
        if isinstance(notice, PersonToForget):
            found, _ = self._people.found(shop_id, notice, meanwhile=meanwhile)
            return lambda connection, _, now: self._people.forget(connection, shop_id, found, who=STORE, now=now)
        if isinstance(notice, PersonAsks):
            count = self._people.events_of(shop_id, notice, meanwhile=meanwhile)
            return lambda connection, _, now: self._note_question(connection, shop_id, notice, count, now)
        return lambda connection, webhook, now: self.obey(connection, webhook, notice, now=now)

    def obey(self, connection: Connection, webhook: StoredWebhook, notice: Notice, *, now: datetime) -> None:
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
                forget_shop_facts(connection, shop_id)
            case ScopesChanged():
                self._note_scopes(connection, shop_id, notice.scopes)
                shops.request_sync(connection, (shop_id,), now=now)
                forget_shop_facts(connection, shop_id)
            case ShopLeft():
                shops.leave(connection, self._crypto, shop_id, now=now)
            case ShopToForget():
                shops.forget(connection, self._crypto, shop_id)
            case PersonToForget() | PersonAsks():
                raise TypeError(f"{type(notice).__name__} is obeyed as it was prepared")

    def _note_scopes(self, connection: Connection, shop_id: int, scopes: Iterable[str]) -> None:
        is_shop = tables.shops.c.id == shop_id
        sealed = connection.execute(select(tables.shops.c.access).where(is_shop)).scalar()
        if sealed:  # a shop that left has no access that could grow or shrink
            access = self._crypto.open_json(sealed) | {"scopes": list(scopes)}
            connection.execute(update(tables.shops).where(is_shop).values(access=self._crypto.seal_json(access)))

    def _note_question(self, connection: Connection, shop_id: int, notice: PersonAsks, count: int, now: datetime) -> None:
        note_request(connection, self._crypto, shop_id, notice, now=now)
        facts: Facts = {"events": count, "request": notice.request_id}
        audit.note(connection, self._crypto, shop_id, Deed.PERSON_ASKED, who=STORE, facts=facts, now=now)
