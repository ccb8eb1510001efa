"""`ports.Log`: the log as a merchant searches it, one delivery's story, and sending again what matches."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from plugin.domain.contact import masked_contact
from plugin.domain.event import StoreEvent
from plugin.domain.routing import Send
from plugin.ports import DeliveryFilter, DeliveryStory, LoggedDelivery, LogPage, LogRow, MatchCount, ReplayStep
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.log.log_rows import delivery_fields, logged_deliveries
from plugin.storage.log.replay import replay
from plugin.storage.log.search import Search
from plugin.storage.log.search_terms import SearchTerms
from plugin.storage.queue.forwarding import Forwarding
from plugin.storage.shops import audit

COUNTED_AT_ONCE = 10_000
COUNTING_SECONDS = 1.0  #: in all; then the number is a lower bound

_events, _deliveries, _webhooks = tables.events, tables.deliveries, tables.webhooks


class SqlLog:
    """`ports.Log` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, forwarding: Forwarding) -> None:
        self._database, self._crypto, self._forwarding = database, crypto, forwarding
        self._search = Search(crypto, SearchTerms(database, crypto))

    def page(self, filter: DeliveryFilter) -> LogPage:
        with self._database.read() as connection:
            found = self._search.look(connection, filter)
            fields = _row_fields(connection, self._crypto, filter.shop_id, found.ids)
        return LogPage(rows=[LogRow(**each) for each in fields], older=found.older, is_cut=found.is_cut)

    def list(self, filter: DeliveryFilter) -> Sequence[LoggedDelivery]:
        with self._database.read() as connection:
            return logged_deliveries(connection, filter)

    def count(self, filter: DeliveryFilter, *, most: int) -> MatchCount:
        until, number = time.monotonic() + COUNTING_SECONDS, 0
        asked = replace(filter, limit=COUNTED_AT_ONCE)
        while number < most and (left := until - time.monotonic()) > 0:
            with self._database.read() as connection:
                found = self._search.look(connection, asked, patience=left)
            number += len(found.ids)
            if found.older is None:
                return MatchCount(number=number, is_all=True)
            asked = replace(asked, before_id=found.older)
        return MatchCount(number=number, is_all=False)

    def story(self, shop_id: int, delivery_id: int) -> DeliveryStory | None:
        with self._database.read() as connection:
            fields = _row_fields(connection, self._crypto, shop_id, (delivery_id,))
            return DeliveryStory(**fields[0], **_origin(connection, shop_id, delivery_id)) if fields else None

    def sent_body(self, shop_id: int, delivery_id: int, *, who: str, now: datetime) -> str | None:
        query = select(_deliveries.c.letter).where(_deliveries.c.shop_id == shop_id, _deliveries.c.id == delivery_id)
        with self._database.write() as connection:
            letter = connection.execute(query).scalar()
            if letter is None:
                return None
            audit.note(connection, shop_id, who=who, what=f"Looked at the body of delivery {delivery_id}.", now=now)
        return str(self._crypto.open_json(letter)["body"])

    def replay(self, filter: DeliveryFilter, *, now: datetime) -> int:
        with self._database.write() as connection:
            return replay(connection, self._crypto, filter, forward=self._forwarding.some, now=now)

    def send_again(self, filter: DeliveryFilter, *, who: str, now: datetime) -> ReplayStep:
        with self._database.read() as connection:
            found = self._search.look(connection, filter)
        if not found.ids:
            return ReplayStep(number=0, older=found.older)
        chosen = DeliveryFilter(shop_id=filter.shop_id, state=filter.state, ids=tuple(found.ids), limit=len(found.ids))
        with self._database.write() as connection:
            number = replay(connection, self._crypto, chosen, forward=self._forwarding.some, who=who, now=now)
        return ReplayStep(number=number, older=found.older)


def _row_fields(connection: Connection, crypto: Crypto, shop_id: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These deliveries, each as the fields of a `LogRow`."""
    found = delivery_fields(connection, shop_id, ids)
    query = select(_deliveries.c.id, _events.c.body, _events.c.emptied_at).join(_events)
    # Only of those that are there: an id from an address may be larger than SQLite takes for a number.
    is_found = _deliveries.c.id.in_([fields["id"] for fields in found])
    rows = connection.execute(query.where(_deliveries.c.shop_id == shop_id, is_found)).all()
    events = {id: None if emptied_at else crypto.open_event(body) for id, body, emptied_at in rows}
    return [fields | _recognisable_by(events.get(fields["id"])) for fields in found]


def _recognisable_by(event: StoreEvent | None) -> dict[str, str]:
    """How a merchant recognises a delivery of this event: a masked buyer, the order's number, the first product."""
    contact, basket = (event.contact, event.basket) if event else (None, None)
    return {
        "buyer": masked_contact(contact),
        "order_number": basket.order_number if basket else "",
        "product": basket.products[0].name if basket and basket.products else "",
    }


def _origin(connection: Connection, shop_id: int, delivery_id: int) -> dict[str, Any]:
    """Where a delivery came from, and what is left of it: the fields a `DeliveryStory` has beyond a `LogRow`."""
    query = select(
        _events.c.created_at, _events.c.emptied_at, _webhooks.c.topic, _webhooks.c.received_at,
        _deliveries.c.letter.is_not(None).label("has_body"), _deliveries.c.send,
    ).select_from(_deliveries).join(_events)  # fmt: skip
    query = query.outerjoin(_webhooks, _webhooks.c.id == _events.c.webhook_id)
    row = connection.execute(query.where(_deliveries.c.shop_id == shop_id, _deliveries.c.id == delivery_id)).one()
    return {
        "topic": row.topic or "", "received_at": row.received_at, "translated_at": row.created_at,
        "send": Send(row.send) if row.send else None, "has_body": row.has_body, "is_emptied": row.emptied_at is not None,
    }  # fmt: skip
