"""`ports.Log`: the log as a merchant searches it, one delivery's story, and sending again what matches."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from plugin.domain.contact import masked_email
from plugin.domain.event import StoreEvent
from plugin.ports import DeliveryFilter, LogPage, MatchCount, ReplayStep
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.log.log_rows import listed, told
from plugin.storage.log.replay import replay
from plugin.storage.log.search import Search
from plugin.storage.log.search_terms import SearchTerms
from plugin.storage.queue.forwarding import Forwarding
from plugin.storage.shops import audit

COUNTED_AT_ONCE = 10_000
COUNTING_SECONDS = 1.0  #: in all; then the number is said to be a least one

_events, _deliveries, _webhooks = tables.events, tables.deliveries, tables.webhooks


class SqlLog:
    """`ports.Log` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, forwarding: Forwarding) -> None:
        self._database, self._crypto, self._forwarding = database, crypto, forwarding
        self._search = Search(crypto, SearchTerms(database, crypto))

    def page(self, filter: DeliveryFilter) -> LogPage:
        with self._database.read() as connection:
            found = self._search.look(connection, filter)
            rows = told(connection, filter.shop_id, found.ids)
            faces = self._faces(connection, filter.shop_id, found.ids)
        return LogPage(rows=[{**row, **faces[row["id"]]} for row in rows], older=found.older, is_cut=found.is_cut)

    def list(self, filter: DeliveryFilter) -> Sequence[Mapping[str, Any]]:
        with self._database.read() as connection:
            return listed(connection, filter)

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

    def story(self, shop_id: int, delivery_id: int) -> Mapping[str, Any] | None:
        with self._database.read() as connection:
            rows = told(connection, shop_id, (delivery_id,))
            if not rows:
                return None
            faces = self._faces(connection, shop_id, (delivery_id,))
            return {**rows[0], **faces[delivery_id], **_beginning(connection, shop_id, delivery_id)}

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
            return replay(connection, filter, forward=self._forwarding.some, now=now)

    def send_again(self, filter: DeliveryFilter, *, who: str, now: datetime) -> ReplayStep:
        with self._database.read() as connection:
            found = self._search.look(connection, filter)
        if not found.ids:
            return ReplayStep(number=0, older=found.older)
        chosen = DeliveryFilter(shop_id=filter.shop_id, state=filter.state, ids=tuple(found.ids), limit=len(found.ids))
        with self._database.write() as connection:
            number = replay(connection, chosen, forward=self._forwarding.some, who=who, now=now)
        return ReplayStep(number=number, older=found.older)

    def _faces(self, connection: Connection, shop_id: int, ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        """By delivery, how a merchant recognises it: a masked buyer, the order's number, the first product."""
        query = select(_deliveries.c.id, _events.c.body, _events.c.emptied_at).join(_events)
        rows = connection.execute(query.where(_deliveries.c.shop_id == shop_id, _deliveries.c.id.in_(ids))).all()
        return {id: _face(None if emptied_at else self._crypto.open_event(body)) for id, body, emptied_at in rows}


def _face(event: StoreEvent | None) -> Mapping[str, str]:
    contact, basket = (event.contact, event.basket) if event else (None, None)
    return {
        "buyer": masked_email(contact.email or "") or ("…" + contact.phone[-3:] if contact.phone else "") if contact else "",
        "order": basket.order_number if basket else "",
        "product": basket.products[0].name if basket and basket.products else "",
    }


def _beginning(connection: Connection, shop_id: int, delivery_id: int) -> Mapping[str, Any]:
    """What came before it was planned."""
    query = select(
        _events.c.created_at.label("translated_at"), _events.c.emptied_at.is_not(None).label("is_emptied"),
        _webhooks.c.topic, _webhooks.c.received_at, _deliveries.c.letter.is_not(None).label("has_body"),
        _deliveries.c.part, _deliveries.c.send,
    ).select_from(_deliveries).join(_events)  # fmt: skip
    query = query.outerjoin(_webhooks, _webhooks.c.id == _events.c.webhook_id)
    row = connection.execute(query.where(_deliveries.c.shop_id == shop_id, _deliveries.c.id == delivery_id)).mappings().one()
    times = {name: row[name].isoformat() if row[name] else None for name in ("translated_at", "received_at")}
    return {**row, **times, "topic": row["topic"] or ""}
