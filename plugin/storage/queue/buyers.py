"""What was told of an order before anybody knew whose it is, completed once a webhook names the buyer."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from plugin.domain.delivery import State
from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.kinds import KINDS, Family
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import EventState
from plugin.storage.db import hour_marks, tables
from plugin.storage.db.crypto import Crypto, index_key
from plugin.storage.queue.event_rows import event_facts
from plugin.storage.queue.forwarding import decide_again

WAITS: Final = timedelta(hours=48)  #: an order's event without a buyer; after that it is news to nobody

_events, _deliveries = tables.events, tables.deliveries


def complete(connection: Connection, crypto: Crypto, shop_id: int, buyer: Buyer, *, now: datetime) -> list[StoreEvent]:
    """Let what was told of this order to nobody be decided anew with its buyer; the events as they are now.

    What a worker has just claimed is taken from it: it would be skipped for want of an address.
    """
    its = {"its_shop": shop_id, "its_object": index_key(buyer.order_id), "since": now - WAITS}
    rows = connection.execute(_SELECT_WITHOUT_BUYER, its).all()
    if not rows:
        return []
    completed = [(row, buyer.completes(crypto.open_event(row.body))) for row in rows]
    for row, event in completed:
        facts = event_facts(crypto, shop_id, event)
        connection.execute(_UPDATE, facts | {"its_shop": shop_id, "its_id": row.id})
    decide_again(connection, shop_id, [(row.delivery_id or 0, row.id) for row in rows], now)
    if planned := [row.planned_at for row in rows if row.planned_at]:
        hour_marks.mark(connection, shop_id, planned, now=now)
    return [event for _, event in completed]


_IS_SKIPPED = and_(
    _events.c.state == EventState.SKIPPED.value,
    _deliveries.c.state == State.SKIPPED.value,
    _deliveries.c.reason_code == ReasonCode.NO_CONTACT.value,
)
_SELECT_WITHOUT_BUYER = (
    select(_events.c.id, _events.c.body, _deliveries.c.id.label("delivery_id"), _deliveries.c.created_at.label("planned_at"))
    .outerjoin(_deliveries, and_(_deliveries.c.event_id == _events.c.id, _deliveries.c.shop_id == _events.c.shop_id))
    .where(
        _events.c.shop_id == bindparam("its_shop"),
        _events.c.object_id == bindparam("its_object"),
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
# The fence grows, so that a worker that is about to skip one no longer can.
_UPDATE = (
    update(_events)
    .where(_events.c.shop_id == bindparam("its_shop"), _events.c.id == bindparam("its_id"))
    .values(fence=_events.c.fence + 1)
)
