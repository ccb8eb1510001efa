"""New events that the worker which read their webhook plans at once: it knows them already, and need not claim them again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, select, tuple_, update

from plugin.domain.event import StoreEvent
from plugin.ports import StoredEvent
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import Moment
from plugin.storage.queue import leases
from plugin.storage.queue.unsent_carts import CARTS
from plugin.storage.shops.shops import ShopContext, SqlShops

_events = tables.events


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEvent(StoredEvent):
    """An event with the fence it was claimed at."""

    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that was stored a moment ago, in the same transaction."""

    id: int
    shop_id: int
    webhook_id: int
    event: StoreEvent


def claim_new(
    connection: Connection, shops: SqlShops, new: Sequence[NewEvent], *, now: datetime, lease: timedelta
) -> Mapping[int, Sequence[StoredEvent]]:
    """Lease those of these events that `SqlEvents.claim` would find next, by webhook.

    Not what the transaction changed after it was stored, nor what waits for something older, nor what is of a shop that is
    suspended or cannot be read: the rest is claimed as ever.
    """
    suspended = shops.suspended.ids()
    wanted = {one.id: one for one in new if one.shop_id not in suspended}
    if not wanted:
        return {}
    contexts = shops.contexts(connection, {one.shop_id for one in wanted.values()})
    its = {
        "ids": [id for id, one in wanted.items() if isinstance(contexts.get(one.shop_id), ShopContext)],
        "until": now + lease,
    }
    found: dict[int, list[StoredEvent]] = defaultdict(list)
    for id in connection.execute(_LEASE_UNTOUCHED, its | {"now": now}).scalars():
        one = wanted[id]
        context = contexts[one.shop_id]
        assert isinstance(context, ShopContext)
        claimed = ClaimedEvent(
            id=id, shop=context.shop, settings=context.settings, access=context.access, event=one.event, created_at=now,
            tries=1, fence=1,
        )  # fmt: skip
        found[one.webhook_id].append(claimed)
    return found


def nothing_older_is_open() -> ColumnElement[bool]:
    """Nothing of an event's basket that happened earlier is still to be prepared: it would arrive after this one.

    An order waits for no cart: the purchase skips it, wherever it is.
    """
    older = _events.alias("older")
    in_its_basket = (older.c.shop_id == _events.c.shop_id) & (older.c.basket == _events.c.basket) & (_events.c.basket != "")
    is_older = tuple_(older.c.happened_at, older.c.id) < tuple_(_events.c.happened_at, _events.c.id)
    matters = older.c.kind.not_in(CARTS) | _events.c.kind.in_(CARTS)
    return ~select(older.c.id).where(in_its_basket, older.c.due_at.is_not(None), is_older, matters).exists()


_LEASE_UNTOUCHED = (
    update(_events)
    .where(AnyOf(_events.c.id, "ids"), _events.c.fence == 0, leases.is_due(_events), nothing_older_is_open())
    .values(lease_until=bindparam("until", type_=Moment()), fence=1, tries=1)
    .returning(_events.c.id)
)
