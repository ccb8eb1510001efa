"""The words a delivery is found by: its order's number and its products. People are found by their events' hashes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from plugin.domain.event import StoreEvent
from plugin.domain.routing import MOST_LINES
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.db.engine import Database
from plugin.storage.db.log_tables import delivery_words, product_names

MOST_NAMES = 50  #: products one search looks for
REMEMBERED = 20_000  #: names one process knows to be stored

_names = product_names


class SearchTerms:
    """Writes them within a caller's transaction, and finds what a search text stands for."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._stored: set[tuple[int, str, str, datetime]] = set()

    def write(
        self, connection: Connection, shop_id: int, event: StoreEvent, delivery_ids: Sequence[int], *, now: datetime
    ) -> None:
        """Let these new deliveries of an event be found."""
        words = sorted(self._of(shop_id, event))
        rows = [{"shop_id": shop_id, "word": word, "delivery_id": id} for id in delivery_ids for word in words]
        if rows:
            connection.execute(insert(delivery_words), rows)
            self._write_names(connection, shop_id, event, now)

    def meant_by(self, connection: Connection, shop_id: int, text: str) -> list[int]:
        """The words this text may stand for: an order's number, a product's number, or part of a product's name."""
        name = folded(text)
        contains = _names.c.name.contains(name, autoescape=True)
        query = select(_names.c.product).where(_names.c.shop_id == shop_id, contains)
        newest = query.group_by(_names.c.product).limit(MOST_NAMES)
        products = connection.execute(newest).scalars().all() if len(name) > 1 else ()
        keys = [f"order:{order_number(text)}", f"product:{name}", *(f"product:{product}" for product in products)]
        return [self._crypto.hash_word(shop_id, key) for key in dict.fromkeys(keys)]

    def _of(self, shop_id: int, event: StoreEvent) -> set[int]:
        number = order_number(event.basket.order_number) if event.basket else ""
        keys = [f"order:{number}"] if number else []
        # What has no number in the store is found by its whole name only: it may be made for one buyer.
        keys += [f"product:{folded(product.id or product.name)}" for product in event.products[:MOST_LINES]]
        return {self._crypto.hash_word(shop_id, key) for key in keys}

    def _write_names(self, connection: Connection, shop_id: int, event: StoreEvent, now: datetime) -> None:
        """Note what the products are called, once a day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        named = [product for product in event.products[:MOST_LINES] if product.id and product.name]
        seen = {(shop_id, index_key(folded(product.id)), folded(product.name)[:255], day) for product in named}
        if not (new := seen - self._stored):
            return
        rows = [dict(zip(("shop_id", "product", "name", "seen_at"), one, strict=True)) for one in sorted(new)]
        statement = self._database.insert(_names).values(rows)
        later: dict[str, Any] = {"seen_at": statement.excluded.seen_at}
        keys, is_later = ["shop_id", "product", "name"], _names.c.seen_at < statement.excluded.seen_at
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=later, where=is_later))
        if len(self._stored) > REMEMBERED:
            self._stored.clear()
        self._stored |= new


def folded(text: str) -> str:
    """As texts are compared: without regard to case and blanks."""
    return " ".join(text.casefold().split())


def order_number(text: str) -> str:
    """With or without its #: merchants write both."""
    return folded(text).removeprefix("#").strip()
