"""People who asked their store what is kept about them, until the merchant has had time to answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select

from plugin.domain.notice import PersonAsks
from plugin.domain.person import Holding, Person
from plugin.ports import DataRequest
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.people_tables import data_requests
from plugin.storage.privacy.identity import Identity
from plugin.storage.privacy.opening import Opening

_columns = data_requests.c


def note_request(connection: Connection, crypto: Crypto, shop_id: int, asks: PersonAsks, *, now: datetime) -> None:
    """Keep it sealed; the same request again is the same."""
    known = select(_columns.id).where(_columns.shop_id == shop_id, _columns.number == asks.request_id)
    if asks.request_id and connection.execute(known).first():
        return
    person = Person(email=asks.email, phone=asks.phone, customer_id=asks.customer_id, order_ids=asks.order_ids)
    row = {"number": asks.request_id, "received_at": now, "person": crypto.seal(msgspec.json.encode(person))}
    connection.execute(insert(data_requests).values(row | {"shop_id": shop_id}))


def requests(connection: Connection, opening: Opening, shop_id: int) -> list[DataRequest]:
    """The shop's, newest first."""
    query = select(data_requests).where(_columns.shop_id == shop_id)
    rows = connection.execute(query.order_by(_columns.received_at.desc(), _columns.id.desc())).mappings()
    opened = ((row, opening.open(row["person"], Holding.REQUESTS)) for row in rows)
    return [_request(row, person) for row, person in opened if person is not None]


def requests_of(
    connection: Connection, opening: Opening, shop_id: int, identity: Identity, order_ids: Sequence[str]
) -> list[DataRequest]:
    """Those of this person, and those about these orders of theirs."""
    return [
        request
        for request in requests(connection, opening, shop_id)
        if identity.owns(request.person.names) or set(order_ids) & set(request.person.order_ids)
    ]


def _request(row: RowMapping, person: bytes) -> DataRequest:
    fields: dict[str, Any] = {name: row[name] for name in ("id", "number", "received_at", "fetched_at")}
    return DataRequest(**fields, person=msgspec.json.decode(person, type=Person))
