"""`ports.Log`: the log as a merchant searches it, one delivery's story, and sending again what matches."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from plugin.domain.audit import OPERATOR, Deed
from plugin.domain.contact import masked_contact
from plugin.domain.routing import Send
from plugin.ports import DeliveryFilter, DeliveryStory, LoggedDelivery, LogPage, LogRow, MatchCount, ReplayStep
from plugin.ports.log import COUNTING_SECONDS
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.log.log_rows import delivery_fields, logged_deliveries, matches
from plugin.storage.log.replay import replay
from plugin.storage.log.search import Search, can_be_stored
from plugin.storage.log.search_terms import SearchTerms
from plugin.storage.log.walk import steps
from plugin.storage.queue.forwarding import Forwarding
from plugin.storage.shops import audit
from plugin.turns import in_turns

ROWS_AT_ONCE = 50  #: read in a few milliseconds, in which a process with SQLite answers nobody else

_events, _deliveries, _webhooks = tables.events, tables.deliveries, tables.webhooks


class SqlLog:
    """`ports.Log` on our tables."""

    def __init__(self, database: Database, crypto: Crypto, forwarding: Forwarding) -> None:
        self._database, self._crypto, self._forwarding = database, crypto, forwarding
        self._search = Search(crypto, SearchTerms(crypto))

    def page(self, filter: DeliveryFilter) -> LogPage:
        with self._database.read() as connection:
            found = self._search.look(connection, filter)
            fields = _row_fields(connection, self._crypto, filter.shop_id, found.ids)
        return LogPage(rows=[LogRow(**each) for each in fields], older=found.older, is_cut=found.is_cut)

    def everything(self, filter: DeliveryFilter) -> Iterator[LogRow | None]:
        for ids in steps(self._database, self._search, filter):
            yield None
            for start in range(0, len(ids), ROWS_AT_ONCE):
                yield from self._rows(filter.shop_id, ids[start : start + ROWS_AT_ONCE])

    def count_all(self, filter: DeliveryFilter) -> Iterator[int]:
        return (len(ids) for ids in steps(self._database, self._search, filter))

    def list(self, filter: DeliveryFilter) -> Sequence[LoggedDelivery]:
        with self._database.read() as connection:
            return logged_deliveries(connection, filter)

    def count(self, filter: DeliveryFilter, *, most: int, seconds: float = COUNTING_SECONDS) -> MatchCount:
        until, number = time.monotonic() + seconds, 0
        for parts in in_turns(self.count_all(filter)):
            number += sum(parts)
            if number >= most or time.monotonic() > until:
                return MatchCount(number=number, is_all=False)
        return MatchCount(number=number, is_all=True)

    def oldest(self, filter: DeliveryFilter) -> datetime | None:
        if filter.search.strip() or not can_be_stored(filter):
            return None
        query = select(_deliveries.c.created_at).where(matches(filter)).order_by(_deliveries.c.id).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def story(self, shop_id: int, delivery_id: int) -> DeliveryStory | None:
        with self._database.read() as connection:
            fields = _row_fields(connection, self._crypto, shop_id, (delivery_id,))
            return DeliveryStory(**fields[0], **_origin(connection, shop_id, delivery_id)) if fields else None

    def sent_body(self, shop_id: int, delivery_id: int, *, who: str, now: datetime, address: str = "") -> str | None:
        query = select(_deliveries.c.letter).where(_deliveries.c.shop_id == shop_id, _deliveries.c.id == delivery_id)
        with self._database.write() as connection:
            letter = connection.execute(query).scalar()
            if letter is None:
                return None
            facts, deed = {"delivery": delivery_id}, Deed.BODY_VIEWED
            audit.note(connection, self._crypto, shop_id, deed, who=who, address=address, facts=facts, now=now)
        return str(self._crypto.open_json(letter)["body"])

    def _rows(self, shop_id: int, ids: Sequence[int]) -> Iterator[LogRow]:
        """What is still there of these; nothing is read and no connection held any more when the first is answered."""
        with self._database.read() as connection:
            found = delivery_fields(connection, shop_id, ids)
            bodies = _bodies(connection, shop_id, [fields["id"] for fields in found])
        for fields in found:
            yield LogRow(**(fields | _recognisable_by(self._crypto, bodies.get(fields["id"]))))

    def replay(self, filter: DeliveryFilter, *, now: datetime, who: str = OPERATOR) -> int:
        with self._database.write() as connection:
            return replay(connection, self._crypto, filter, forward=self._forwarding.some, who=who, now=now)

    def send_again(self, filter: DeliveryFilter, *, who: str, now: datetime, address: str = "") -> ReplayStep:
        with self._database.read() as connection:
            found = self._search.look(connection, filter)
        if not found.ids:
            return ReplayStep(number=0, older=found.older)
        chosen = DeliveryFilter(shop_id=filter.shop_id, state=filter.state, ids=tuple(found.ids), limit=len(found.ids))
        with self._database.write() as connection:
            forward = self._forwarding.some
            number = replay(connection, self._crypto, chosen, forward=forward, who=who, address=address, now=now)
        return ReplayStep(number=number, older=found.older)


def _row_fields(connection: Connection, crypto: Crypto, shop_id: int, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These deliveries, each as the fields of a `LogRow`."""
    found = delivery_fields(connection, shop_id, ids)
    # Only of those that are there: an id from an address may be larger than SQLite takes for a number.
    bodies = _bodies(connection, shop_id, [fields["id"] for fields in found])
    return [fields | _recognisable_by(crypto, bodies.get(fields["id"])) for fields in found]


def _bodies(connection: Connection, shop_id: int, ids: Sequence[int]) -> dict[int, bytes]:
    """The sealed events of these deliveries, of which are not emptied, by delivery."""
    rows = connection.execute(_SELECT_BODIES, {"its_shop": shop_id, "ids": ids})
    return {id: body for id, body, emptied_at in rows if not emptied_at}


def _recognisable_by(crypto: Crypto, body: bytes | None) -> dict[str, str]:
    """How a merchant recognises a delivery of this event: a masked buyer, the order's number, the first product."""
    event = crypto.open_event(body) if body is not None else None
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


_SELECT_BODIES = (
    select(_deliveries.c.id, _events.c.body, _events.c.emptied_at)
    .join(_events)
    .where(_deliveries.c.shop_id == bindparam("its_shop"), AnyOf(_deliveries.c.id, "ids"))
)
