"""What several shops share as one destination, as a version of before wrote it, goes over to destinations of their own.

While both versions run, the older goes on writing and sending what they share; whatever is left of it is moved here.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Text, bindparam, cast, select, update

from plugin.domain.delivery import State
from plugin.domain.destination import Health
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkInsert, types_of
from plugin.storage.db.engine import Database
from plugin.storage.queue.destinations import HEALTHY, own_key, ready_at
from plugin.storage.shops.shops import ShopContext, SqlShops

BATCH = 500  #: deliveries moved in one transaction

_destinations, _deliveries = tables.destinations, tables.deliveries


class SharedDestinations:
    """Parts them, in small steps beside the traffic."""

    def __init__(self, database: Database, shops: SqlShops) -> None:
        self._database, self._shops = database, shops

    def part(self, *, now: datetime) -> int:
        """Move the next deliveries; how many those were."""
        with self._database.read() as connection:
            if connection.execute(_SELECT_SHARED).first() is None:
                return 0
        with self._database.write() as connection:
            shared = connection.execute(_SELECT_SHARED.with_for_update(skip_locked=True)).mappings().first()
            return self._part(connection, shared, now) if shared else 0

    def _part(self, connection: Connection, shared: RowMapping, now: datetime) -> int:
        waiting = connection.execute(_SELECT_OLDEST_FOR_UPDATE, {"its_key": shared["key"], "limit": BATCH}).all()
        if not waiting:
            return 0
        is_sole = len(connection.execute(_SELECT_TWO_SHOPS, {"its_key": shared["key"]}).all()) == 1
        shop_ids = {row.shop_id for row in waiting}
        _INSERT.run(connection, list(self._own(connection, shared, shop_ids, now, is_sole=is_sole)))
        connection.execute(_MOVE, {"ids": [row.id for row in waiting]})
        # Nobody is to send what is left here before what is older than it.
        emptied = HEALTHY | {"ready_at": None}
        connection.execute(update(_destinations).where(_destinations.c.key == shared["key"]).values(emptied))
        return len(waiting)

    def _own(
        self, connection: Connection, shared: RowMapping, shop_ids: Collection[int], now: datetime, *, is_sole: bool
    ) -> Iterator[dict[str, Any]]:
        """The row each shop gets. Its health is the one there was, unless another shop may be what it comes from."""
        contexts = self._shops.contexts(connection, shop_ids)
        next_at = max(now, shared["next_at"])
        for shop_id in sorted(shop_ids):
            context = contexts.get(shop_id)
            rate = context.settings.account.rate_per_second if isinstance(context, ShopContext) else shared["rate"]
            health = (
                {name: shared[name] for name in (*HEALTHY, "delivered_at")} if is_sole else HEALTHY | {"delivered_at": None}
            )
            is_disabled = health["health"] == Health.DISABLED.value
            yield health | {
                "key": own_key(shop_id, shared["key"]), "shop_id": shop_id, "next_at": next_at, "rate": rate,
                "ready_at": None if is_disabled else max(next_at, health["paused_until"] or next_at),
            }  # fmt: skip


_WAITS = (_deliveries.c.due_at.is_not(None), _deliveries.c.state == State.WAITING.value)
_SELECT_SHARED = (
    select(_destinations)
    .where(_destinations.c.shop_id.is_(None), _destinations.c.lease_until.is_(None))
    .where(select(_deliveries.c.id).where(_deliveries.c.destination == _destinations.c.key, *_WAITS).exists())
    .limit(1)
)
_IS_ITS = _deliveries.c.destination == bindparam("its_key")
_SELECT_OLDEST_FOR_UPDATE = (
    select(_deliveries.c.id, _deliveries.c.shop_id)
    .where(_IS_ITS, *_WAITS)
    .order_by(_deliveries.c.happened_at, _deliveries.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_SELECT_TWO_SHOPS = select(_deliveries.c.shop_id).where(_IS_ITS, _deliveries.c.due_at.is_not(None)).distinct().limit(2)
_MOVE = (
    update(_deliveries)
    .where(AnyOf(_deliveries.c.id, "ids"))
    .values(destination=cast(_deliveries.c.shop_id, Text) + "/" + _deliveries.c.destination)
)
_INSERT = BulkInsert(
    _destinations,
    types_of(_destinations, "key", "shop_id", "rate", "next_at", "ready_at", "delivered_at", *HEALTHY),
    lambda insert: insert.on_conflict_do_update(index_elements=["key"], set_={"ready_at": ready_at(insert.excluded.next_at)}),
    order=("key",),
)
