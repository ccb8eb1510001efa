"""The words a delivery is found by: its order's number and its products. People are found by their events' hashes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from plugin.domain.event import StoreEvent
from plugin.domain.routing import MOST_LINES
from plugin.storage.db.bulk import BulkInsert, types_of
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.db.log_tables import delivery_words, product_names
from plugin.storage.db.together import Changes

MOST_NAMES = 50  #: products one search looks for
REMEMBERED = 20_000  #: names one process knows to be stored

_names = product_names
_INSERT_WORDS = BulkInsert(
    delivery_words,
    types_of(delivery_words),
    lambda insert: insert,
    order=("shop_id", "word", "delivery_id"),
)
_NOTE_NAMES = BulkInsert(
    _names,
    types_of(_names),
    lambda insert: insert.on_conflict_do_update(
        index_elements=["shop_id", "product", "name"],
        set_={"seen_at": insert.excluded.seen_at},
        where=_names.c.seen_at < insert.excluded.seen_at,
    ),
    order=("shop_id", "product", "name"),
)


class SearchTerms:
    """Writes them within a caller's transaction, and finds what a search text stands for."""

    def __init__(self, crypto: Crypto) -> None:
        self._crypto = crypto
        self._stored: set[tuple[int, str, str, datetime]] = set()

    def write(self, changes: Changes, new: Sequence[tuple[int, StoreEvent, Sequence[int]]], *, now: datetime) -> None:
        """Let the new deliveries of these shops' events be found."""
        words = [
            {"shop_id": shop_id, "word": word, "delivery_id": delivery_id}
            for shop_id, event, delivery_ids in new
            if delivery_ids
            for word in sorted(self._of(shop_id, event))
            for delivery_id in delivery_ids
        ]
        changes.add(_INSERT_WORDS, words)
        self._write_names(changes, [(shop_id, event) for shop_id, event, delivery_ids in new if delivery_ids], now)

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

    def _write_names(self, changes: Changes, events: Sequence[tuple[int, StoreEvent]], now: datetime) -> None:
        """Note what the products are called, once a day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        seen = {
            (shop_id, index_key(folded(product.id)), folded(product.name)[:255], day)
            for shop_id, event in events
            for product in event.products[:MOST_LINES]
            if product.id and product.name
        }
        if not (new := seen - self._stored):
            return
        rows = [dict(zip(("shop_id", "product", "name", "seen_at"), one, strict=True)) for one in sorted(new)]
        changes.add(_NOTE_NAMES, rows)
        if len(self._stored) > REMEMBERED:
            self._stored.clear()
        self._stored |= new


def folded(text: str) -> str:
    """As texts are compared: without regard to case and blanks."""
    return " ".join(text.casefold().split())


def order_number(text: str) -> str:
    """With or without its #: merchants write both."""
    return folded(text).removeprefix("#").strip()
