"""Deliveries of carts that wait to be sent, and why they are not."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, Update, exists, select, update

from plugin.domain.delivery import State
from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import NO_LETTER
from plugin.pipeline.hold import why_no_reminder
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.claim_columns import CLOSED
from plugin.storage.db.columns import Id
from plugin.storage.queue.cart_marks import Name
from plugin.storage.queue.seen import SeenSnapshot
from plugin.storage.shops.shops import ShopContext

CARTS = tuple(kind.value for kind, traits in KINDS.items() if traits.is_cart)
COMPUTED = frozenset(kind.value for kind, traits in KINDS.items() if traits.is_computed)

_deliveries, _events, _purchases = tables.deliveries, tables.events, tables.purchases


def skip_of_baskets(connection: Connection, names: Iterable[Name]) -> None:
    """Skip what waits of these baskets: they were bought."""
    _SKIP_CARTS_OF_BASKETS.run(connection, [{"its_shop": shop_id, "hash": hash} for shop_id, hash in sorted(names)])


def skip_bought(connection: Connection, delivery_ids: Sequence[int]) -> None:
    """Skip carts that were on their way when they were bought, and would be sent again."""
    connection.execute(_SKIP_BOUGHT_CARTS, {"ids": delivery_ids})


def skip_pointless(
    connection: Connection,
    rows: Sequence[RowMapping],
    contexts: Mapping[int, ShopContext | Misconfigured],
    seen: SeenSnapshot,
    *,
    now: datetime,
) -> Sequence[RowMapping]:
    """Look at the people behind these deliveries once more; close the reminders that say nothing any more, answer the rest.

    A reminder may have waited for days: for an account that was paused, or that had much to take.
    """
    reminders = [row for row in rows if row["kind"] in COMPUTED]
    if not reminders:
        return rows
    found = select(_events.c.id, _events.c.body).where(AnyOf(_events.c.id, "ids"))
    bodies = {row.id: row.body for row in connection.execute(found, {"ids": [row["event_id"] for row in reminders]})}
    closed = set()
    for row in reminders:
        if code := _why_pointless(row, bodies[row["event_id"]], contexts[row["shop_id"]], seen, now):
            values = _skipped(code) | {"finished_at": now}
            connection.execute(update(_deliveries).where(_deliveries.c.id == row["id"]).values(values))
            closed.add(row["id"])
    return [row for row in rows if row["id"] not in closed]


def _why_pointless(
    row: RowMapping, body: bytes, context: ShopContext | Misconfigured, seen: SeenSnapshot, now: datetime
) -> ReasonCode | None:
    if isinstance(context, Misconfigured):
        return None
    route = context.settings.table.routes.get(EventKind(row["kind"]))
    try:
        event = seen.crypto.open_event(body)
    except Misconfigured:  # what cannot be read is not sent either, and the worker says so
        return None
    if route is None:
        return None
    return why_no_reminder(event, row["shop_id"], route, seen, event_id=row["event_id"], now=now)


def _skipped(code: ReasonCode) -> dict[str, Any]:
    return CLOSED | {"state": State.SKIPPED.value, "reason_code": code.value, "reason": NO_LETTER[code]}


def _skip(*chosen: ColumnElement[bool]) -> Update:
    columns = _deliveries.c
    waits = (columns.due_at.is_not(None), columns.state == State.WAITING.value, AnyOf(columns.kind, "carts", CARTS))
    return update(_deliveries).where(*chosen, *waits).values(_skipped(ReasonCode.BOUGHT))


_IS_BOUGHT = exists().where(_purchases.c.shop_id == _deliveries.c.shop_id, _purchases.c.hash == _deliveries.c.basket)
_SKIP_CARTS_OF_BASKETS = BulkUpdate(
    {"its_shop": Id, "hash": Text()},
    lambda cells: _skip(_deliveries.c.shop_id == cells["its_shop"], _deliveries.c.basket == cells["hash"]),
)
_SKIP_BOUGHT_CARTS = _skip(AnyOf(_deliveries.c.id, "ids"), _IS_BOUGHT)
