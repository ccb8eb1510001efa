"""What several shops share as one destination, as a version of before wrote it, goes over to destinations of their own.

While both versions run, the older goes on writing and sending what they share; whatever is left of it is moved here. This
version sends nothing from there, and nothing of a basket of which something older is still there.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Text, bindparam, case, cast, delete, exists, select, update

from plugin.domain.delivery import State
from plugin.domain.destination import Health
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkInsert, types_of
from plugin.storage.db.engine import Database
from plugin.storage.queue.delivery_endings import mark_uncertain
from plugin.storage.queue.destinations import HEALTHY, own_key, ready_at
from plugin.storage.shops.shops import ShopContext, SqlShops

BATCH: Final = 500  #: deliveries moved in one transaction
KEYS: Final = 100  #: destinations looked at in one step

_destinations, _deliveries = tables.destinations, tables.deliveries


class SharedDestinations:
    """Parts them, in small steps beside the traffic."""

    def __init__(self, database: Database, shops: SqlShops) -> None:
        self._database, self._shops = database, shops
        self._after = ""
        self.are_there = True  #: as far as this process knows

    def part(self, *, now: datetime) -> bool:
        """Move the next deliveries; False when nothing is shared any more."""
        keys = [row.key for row in self._database.read_once(_SELECT_SHARED, {"after": self._after})]
        self.are_there = bool(keys or self._after)
        self._after = keys[-1] if len(keys) == KEYS else ""
        for key in keys:
            with self._database.write() as connection:
                shared = connection.execute(_SELECT_ONE_FOR_UPDATE, {"its_key": key}).mappings().first()
                if shared:
                    self._part(connection, shared, now)
        return self.are_there

    def _part(self, connection: Connection, shared: RowMapping, now: datetime) -> None:
        key, is_leased = shared["key"], shared["lease_until"] is not None and shared["lease_until"] > now
        if not is_leased and shared["lease_until"] is not None:  # whoever sent from there is dead
            mark_uncertain(connection, [key], now)
            connection.execute(_END_LEASE, {"its_key": key})
        waiting = connection.execute(_SELECT_OLDEST_FOR_UPDATE, {"its_key": key, "limit": BATCH}).all()
        if waiting:
            is_sole = len(connection.execute(_SELECT_TWO_SHOPS, {"its_key": key}).all()) == 1
            next_at = max(now, shared["next_at"])
            if is_leased:  # what is being sent is not in its pace yet
                next_at += timedelta(seconds=1 / shared["rate"])
            shop_ids = {row.shop_id for row in waiting}
            _INSERT.run(connection, list(self._own(connection, shared, shop_ids, next_at, is_sole=is_sole)))
            connection.execute(_MOVE, {"ids": [row.id for row in waiting]})
            # Nobody is to send what is left here before what is older than it.
            emptied = HEALTHY | {"ready_at": None}
            connection.execute(update(_destinations).where(_destinations.c.key == key).values(emptied))
        elif not is_leased:
            connection.execute(_DELETE_EMPTY, {"its_key": key})

    def _own(
        self, connection: Connection, shared: RowMapping, shop_ids: Collection[int], next_at: datetime, *, is_sole: bool
    ) -> Iterator[dict[str, Any]]:
        """The row each shop gets. Its health is the one there was, unless another shop may be what it comes from."""
        contexts = self._shops.contexts(connection, shop_ids)
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


_IS_IT, _IS_ITS = _destinations.c.key == bindparam("its_key"), _deliveries.c.destination == bindparam("its_key")
_IS_SHARED = _destinations.c.shop_id.is_(None)
_IS_OPEN = _deliveries.c.due_at.is_not(None)
_sent = _deliveries.alias("sent")
_SELECT_SHARED = (
    select(_destinations.c.key)
    .where(_IS_SHARED, _destinations.c.key > bindparam("after"))
    .order_by(_destinations.c.key)
    .limit(KEYS)
)
_SELECT_ONE_FOR_UPDATE = select(_destinations).where(_IS_IT, _IS_SHARED).with_for_update(skip_locked=True)
_END_LEASE = update(_destinations).where(_IS_IT).values(lease_until=None)
# Of its basket something is being sent: what follows it waits for the answer.
_IS_BEHIND = exists().where(
    _sent.c.shop_id == _deliveries.c.shop_id, _sent.c.basket == _deliveries.c.basket, _sent.c.basket != "",
    _sent.c.destination == _deliveries.c.destination, _sent.c.due_at.is_not(None), _sent.c.state == State.SENDING.value,
)  # fmt: skip
_SELECT_OLDEST_FOR_UPDATE = (
    select(_deliveries.c.id, _deliveries.c.shop_id)
    .where(_IS_ITS, _IS_OPEN, _deliveries.c.state == State.WAITING.value, ~_IS_BEHIND)
    .order_by(_deliveries.c.happened_at, _deliveries.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=_deliveries)
)
_DELETE_EMPTY = delete(_destinations).where(_IS_IT, _IS_SHARED, ~select(_deliveries.c.id).where(_IS_ITS, _IS_OPEN).exists())
_SELECT_TWO_SHOPS = select(_deliveries.c.shop_id).where(_IS_ITS, _IS_OPEN).distinct().limit(2)
_MOVE = (
    update(_deliveries)
    .where(AnyOf(_deliveries.c.id, "ids"))
    .values(destination=cast(_deliveries.c.shop_id, Text) + "/" + _deliveries.c.destination)
)
_INSERT = BulkInsert(
    _destinations,
    types_of(_destinations, "key", "shop_id", "rate", "next_at", "ready_at", "delivered_at", *HEALTHY),
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "next_at": case(
                (_destinations.c.next_at < insert.excluded.next_at, insert.excluded.next_at), else_=_destinations.c.next_at
            ),
            "ready_at": ready_at(insert.excluded.next_at),
        },
    ),
    order=("key",),
)
