"""What was told of an order before anybody knew whose it is, completed once a webhook names the buyer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, FromClause, RowMapping, Select, Text, and_, bindparam, or_, select, update

from plugin.domain.delivery import State
from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.kinds import KINDS, Family
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import EventState
from plugin.storage.db import hour_marks, tables
from plugin.storage.db.bulk import BulkSelect, Cells
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.queue.event_rows import event_facts
from plugin.storage.queue.forwarding import decide_again

WAITS: Final = timedelta(hours=48)  #: an order's event without a buyer; after that it is news to nobody

_events, _deliveries = tables.events, tables.deliveries


def complete(
    connection: Connection, crypto: Crypto, named: Sequence[tuple[int, Buyer]], *, now: datetime
) -> list[tuple[int, list[StoreEvent]]]:
    """Let what was told of these shops' orders to nobody be decided anew with their buyers; the events as they are now."""
    orders = {(shop_id, index_key(buyer.order_id)): buyer for shop_id, buyer in named}
    asked = [{"shop_id": shop_id, "object_id": object_id} for shop_id, object_id in sorted(orders)]
    found = _SELECT_WITHOUT_BUYER.run(connection, asked, {"since": now - WAITS})
    if not found:
        return []
    # One after another, in the same order everywhere: hardly any order has something to complete.
    its: dict[tuple[int, str], list[RowMapping]] = defaultdict(list)
    for row in found:
        its[row["shop_id"], row["object_id"]].append(row)
    return [
        (shop_id, _complete(connection, crypto, shop_id, orders[shop_id, object_id], rows, now))
        for (shop_id, object_id), rows in its.items()
    ]


def _complete(
    connection: Connection, crypto: Crypto, shop_id: int, buyer: Buyer, rows: Sequence[RowMapping], now: datetime
) -> list[StoreEvent]:
    """What a worker has just claimed is taken from it: it would be skipped for want of an address."""
    completed = [(row, buyer.completes(crypto.open_event(row["body"]))) for row in rows]
    for row, event in completed:
        facts = event_facts(crypto, shop_id, event)
        connection.execute(_UPDATE, facts | {"its_shop": shop_id, "its_id": row["id"]})
    decide_again(connection, shop_id, [(row["delivery_id"] or 0, row["id"]) for row in rows], now)
    if planned := [row["planned_at"] for row in rows if row["planned_at"]]:
        hour_marks.mark(connection, shop_id, planned, now=now)
    return [event for _, event in completed]


_IS_SKIPPED = and_(
    _events.c.state == EventState.SKIPPED.value,
    _deliveries.c.state == State.SKIPPED.value,
    _deliveries.c.reason_code == ReasonCode.NO_CONTACT.value,
)


def _select_without_buyer(said: FromClause, cells: Cells) -> Select[Any]:
    is_its = and_(_events.c.shop_id == cells["shop_id"], _events.c.object_id == cells["object_id"])
    told = and_(_deliveries.c.event_id == _events.c.id, _deliveries.c.shop_id == _events.c.shop_id)
    delivery = (_deliveries.c.id.label("delivery_id"), _deliveries.c.created_at.label("planned_at"))
    return (
        select(_events.c.shop_id, _events.c.object_id, _events.c.id, _events.c.body, *delivery)
        .select_from(said.join(_events, is_its).outerjoin(_deliveries, told))
        .where(
            _events.c.kind.in_([kind.value for kind, traits in KINDS.items() if traits.family is Family.ORDER]),
            _events.c.email_hash == "",
            _events.c.phone_hash == "",
            _events.c.emptied_at.is_(None),
            _events.c.created_at >= bindparam("since"),
            or_(_events.c.state == EventState.NEW.value, _IS_SKIPPED),
        )
        .order_by(_events.c.id)
        .with_for_update(of=_events)
    )


_SELECT_WITHOUT_BUYER = BulkSelect({"shop_id": Id, "object_id": Text()}, _select_without_buyer)
# The fence grows, so that a worker that is about to skip one no longer can.
_UPDATE = (
    update(_events)
    .where(_events.c.shop_id == bindparam("its_shop"), _events.c.id == bindparam("its_id"))
    .values(fence=_events.c.fence + 1)
)
