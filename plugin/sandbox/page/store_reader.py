"""Reads from the app's own database what became of a webhook; writes nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.states import EventState, WebhookState
from plugin.ports import DeliveryFilter, LoggedDelivery
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.crypto import index_key
from plugin.storage.queue.event_rows import object_key

_webhooks, _events, _deliveries, _timers = tables.webhooks, tables.events, tables.deliveries, tables.timers

NEWEST = 400  #: deliveries looked through for one page


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDelivery:
    """A delivery as the log shows it, with the body that leaves."""

    logged: LoggedDelivery
    body: Mapping[str, Any]  #: empty when nothing is to be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEvent:
    """A store event, and what was decided about it."""

    event: StoreEvent
    state: EventState
    timer_due_at: datetime | None  #: when its cart will be called abandoned
    deliveries: Sequence[SeenDelivery]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenWebhook:
    """A stored webhook, and what the app made of it."""

    state: WebhookState
    reason: str
    fix: str
    events: Sequence[SeenEvent]


class StoreReader:
    """Looks into one store of the app."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def webhook(self, shop_id: int, key: str, *, cart: str = "") -> SeenWebhook | None:
        """What is known of the webhook with this key; with `cart`, also of the cart's abandonment."""
        with self._store.database.read() as connection:
            row = self._row(connection, shop_id, key)
            if row is None:
                return None
            rows = self._events(connection, shop_id, row["id"], cart)
            ids = [found["id"] for found in rows]
            bodies, timers = self._bodies(connection, ids), self._timers(connection, ids)
        logged = self._store.log.list(DeliveryFilter(shop_id=shop_id, limit=NEWEST))
        events = [self._event(found, logged, bodies, timers) for found in rows]
        return SeenWebhook(state=WebhookState(row["state"]), reason=row["reason"], fix=row["fix"], events=events)

    def _row(self, connection: Connection, shop_id: int, key: str) -> RowMapping | None:
        query = select(_webhooks).where(_webhooks.c.shop_id == shop_id, _webhooks.c.key == index_key(key))
        return connection.execute(query).mappings().one_or_none()

    def _events(self, connection: Connection, shop_id: int, webhook_id: int, cart: str) -> Sequence[RowMapping]:
        cart_key = object_key(self._store.crypto, shop_id, EventKind.CART_ABANDONED, cart)
        is_abandonment = and_(_events.c.kind == EventKind.CART_ABANDONED.value, _events.c.object_id == cart_key)
        is_wanted = _events.c.webhook_id == webhook_id
        query = select(_events).where(_events.c.shop_id == shop_id, or_(is_wanted, is_abandonment) if cart else is_wanted)
        return connection.execute(query.order_by(_events.c.id)).mappings().all()

    def _bodies(self, connection: Connection, event_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        query = select(_deliveries.c.id, _deliveries.c.letter).where(_deliveries.c.event_id.in_(event_ids))
        sealed = {id: letter for id, letter in connection.execute(query) if letter}
        return {id: self._body(letter) for id, letter in sealed.items()}

    def _body(self, letter: bytes) -> Mapping[str, Any]:
        body: Mapping[str, Any] = json.loads(self._store.crypto.open_json(letter)["body"])
        return body

    def _timers(self, connection: Connection, event_ids: Sequence[int]) -> dict[int, datetime]:
        query = select(_timers.c.event_id, _timers.c.due_at).where(_timers.c.event_id.in_(event_ids))
        return {event_id: due_at for event_id, due_at in connection.execute(query) if due_at}

    def _event(
        self,
        row: RowMapping,
        logged: Sequence[LoggedDelivery],
        bodies: Mapping[int, Mapping[str, Any]],
        timers: Mapping[int, datetime],
    ) -> SeenEvent:
        own = [one for one in logged if one.event_id == row["id"]]
        return SeenEvent(
            event=self._store.crypto.open_event(row["body"]),
            state=EventState(row["state"]),
            timer_due_at=timers.get(row["id"]),
            deliveries=[SeenDelivery(logged=one, body=bodies.get(one.id, {})) for one in reversed(own)],
        )
