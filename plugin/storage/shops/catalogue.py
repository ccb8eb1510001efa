"""Products looked up before: a bounded number a shop, the oldest forgotten first."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, and_, delete, select

from plugin.storage.db import tables
from plugin.storage.db.bulk import BulkSelect
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import index_key
from plugin.storage.db.engine import Database
from plugin.storage.db.group_commit import GroupCommit

MOST_PRODUCTS = 5_000  #: a shop, and `SLACK` more for each process
SLACK = 200  #: products this process stores of a shop before it looks for old ones: that look passes by all the others
PATIENCE_SECONDS = 15.0  #: of whoever prepares an event
MOST_FORGOTTEN = 1_000  #: at once

_products = tables.products


class SqlCatalogue:
    """`ports.Catalogue` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read = GroupCommit(self._read_together, patience_seconds=PATIENCE_SECONDS)
        self._unchecked: dict[int, int] = {}  #: by shop: how many were stored since old ones were looked for

    def read(self, shop_id: int, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        wanted = {index_key(key): key for key in keys}
        if not wanted:
            return {}
        facts = self._read({(shop_id, key) for key in wanted})
        return {wanted[key]: json.loads(text) for key, text in facts.items()}

    def _read_together(self, group: Sequence[Collection[tuple[int, str]]]) -> list[dict[str, str]]:
        """For each of these questions, what is kept, by key."""
        wanted = sorted({product for products in group for product in products})
        rows = _SELECT_FACTS.look(self._database, [{"shop_id": shop_id, "key": key} for shop_id, key in wanted])
        found = {(row["shop_id"], row["key"]): row["facts"] for row in rows}
        return [{product[1]: found[product] for product in products if product in found} for products in group]

    def write(self, shop_id: int, found: Mapping[str, Mapping[str, str]], *, now: datetime) -> None:
        if not found:
            return
        rows = [
            {"shop_id": shop_id, "key": index_key(key), "facts": json.dumps(facts, ensure_ascii=False), "fetched_at": now}
            for key, facts in sorted(found.items())  # the same order everywhere: PostgreSQL need not break a deadlock
        ]
        statement = self._database.insert(_products).values(rows)
        newer = {name: statement.excluded[name] for name in ("facts", "fetched_at")}
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["shop_id", "key"], set_=newer))
            if self._is_to_forget(shop_id, len(rows)):
                _forget_oldest(connection, shop_id)

    def _is_to_forget(self, shop_id: int, stored: int) -> bool:
        """With the first that this process stores of a shop, and after each `SLACK`."""
        unchecked = self._unchecked.get(shop_id, SLACK) + stored
        self._unchecked[shop_id] = 0 if unchecked > SLACK else unchecked
        return unchecked > SLACK


_SELECT_FACTS = BulkSelect(
    {"shop_id": Id, "key": Text()},
    lambda said, cells: select(_products.c.shop_id, _products.c.key, _products.c.facts).select_from(
        said.join(_products, and_(_products.c.shop_id == cells["shop_id"], _products.c.key == cells["key"]))
    ),
)


def forget_products(connection: Connection, shop_id: int, product_ids: Iterable[str]) -> None:
    """Forget these products, under every key that begins with `product:<id>`."""
    for product_id in product_ids:
        start = f"product:{product_id}"
        query = select(_products.c.key).where(_products.c.shop_id == shop_id)
        keys = connection.execute(query.where(_products.c.key.startswith(start, autoescape=True))).scalars()
        # product:1 must not take product:12 with it
        theirs = [key for key in keys if not key[len(start) :][:1].isalnum()]
        connection.execute(delete(_products).where(_products.c.shop_id == shop_id, _products.c.key.in_(theirs)))


def forget_shop_facts(connection: Connection, shop_id: int) -> None:
    """Forget what was looked up of the shop itself, under keys that begin with `shop:`."""
    is_theirs = (_products.c.shop_id == shop_id) & _products.c.key.startswith("shop:", autoescape=True)
    connection.execute(delete(_products).where(is_theirs))


def _forget_oldest(connection: Connection, shop_id: int) -> None:
    query = select(_products.c.key).where(_products.c.shop_id == shop_id)
    beyond = query.order_by(_products.c.fetched_at.desc(), _products.c.key).offset(MOST_PRODUCTS).limit(MOST_FORGOTTEN)
    keys = connection.execute(beyond).scalars().all()
    if keys:
        connection.execute(delete(_products).where(_products.c.shop_id == shop_id, _products.c.key.in_(keys)))
