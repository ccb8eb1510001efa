"""A store event as a row of `events`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Text, and_, select

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.states import EventState
from plugin.storage.db import tables
from plugin.storage.db.bulk import BulkInsert, BulkSelect, types_of
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto, index_key, short_hash

MOST_NAMES: Final = 50  #: PostgreSQL refuses entries of an index over 2,704 bytes

_events = tables.events

_INSERT = BulkInsert(
    _events,
    types_of(
        _events, "shop_id", "key", "kind", "state", "happened_at", "created_at", "body", "email_hash", "phone_hash", "locale",
        "consent", "people", "object_id", "webhook_id", "due_at", "basket",
    ),
    lambda insert: insert.on_conflict_do_nothing().returning(_events.c.id, _events.c.webhook_id),
    order=("shop_id", "key"),
)  # fmt: skip
_SELECT_KNOWN = BulkSelect(
    {"shop_id": Id, "key": Text()},
    lambda said, cells: select(_events.c.shop_id, _events.c.key).select_from(
        said.join(_events, and_(_events.c.shop_id == cells["shop_id"], _events.c.key == cells["key"]))
    ),
)
_PLAIN_KEY = "plain_key"  #: no column: what the row's key was before what opens a cart was hashed


def insert_events(connection: Connection, rows: Sequence[dict[str, Any]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Insert those of these rows, made by `event_row`, that are not there yet; the id and the webhook of each."""
    plain = [{"shop_id": row["shop_id"], "key": row[_PLAIN_KEY]} for row in rows if row[_PLAIN_KEY] != row["key"]]
    known = {(row["shop_id"], row["key"]) for row in _SELECT_KNOWN.run(connection, plain)}
    new = [row for row in rows if (row["shop_id"], row[_PLAIN_KEY]) not in known]
    return _INSERT.run(connection, [{name: row[name] for name in row if name != _PLAIN_KEY} for row in new])


def object_key(crypto: Crypto, shop_id: int, kind: EventKind, object_id: str) -> str:
    """What an event happened to, as it is stored: an order's number as it is, everything else as a keyed hash.

    A customer's number names somebody, and who knows the token of a cart or a checkout can open it.
    """
    return object_keys(crypto, shop_id, kind, object_id)[0]


def object_keys(crypto: Crypto, shop_id: int, kind: EventKind, object_id: str) -> tuple[str, ...]:
    """The same, and how it was stored before it was hashed: such rows are found until retention deletes them."""
    plain = index_key(object_id)
    if KINDS[kind].family is Family.ORDER:
        return (plain,)
    return crypto.hash_person(shop_id, f"object:{object_id}"), plain


def event_row(crypto: Crypto, shop_id: int, event: StoreEvent, *, webhook_id: int | None, now: datetime) -> dict[str, Any]:
    """A new event, due at once."""
    object_id = object_key(crypto, shop_id, event.kind, event.object_id)
    key = event.key if object_id == event.object_id else f"{event.kind}:{object_id}:{event.version}"
    return event_facts(crypto, shop_id, event) | {
        "shop_id": shop_id, "key": index_key(key), "kind": event.kind.value, "state": EventState.NEW.value,
        "created_at": now, "object_id": object_id, "webhook_id": webhook_id, "due_at": now,
        "basket": basket_of(crypto, shop_id, event), _PLAIN_KEY: index_key(event.key),
    }  # fmt: skip


def basket_of(crypto: Crypto, shop_id: int, event: StoreEvent) -> str:
    """What goes its way in the order in which it happened: a hash of the events' basket, or of their customer."""
    name = event.basket.keys[0] if event.basket and event.basket.keys else f"object:{event.object_id}"
    return crypto.hash_person(shop_id, name)


def event_facts(crypto: Crypto, shop_id: int, event: StoreEvent) -> dict[str, Any]:
    """What completing an event may change: its content, and how its person is found."""
    return {
        "happened_at": event.happened_at,
        "body": crypto.seal_event(event),
        "email_hash": person_hash(crypto, shop_id, event.contact.email if event.contact else None),
        "phone_hash": person_hash(crypto, shop_id, event.contact.phone if event.contact else None),
        "locale": event.locale.raw,
        "consent": event.contact.consent.value if event.contact else None,
        "people": people_column(crypto, shop_id, event.names),
    }


def people_column(crypto: Crypto, shop_id: int, names: Iterable[str]) -> str:
    """These names as `events.people` holds them; a person of more names than any body gives is found by the first of them."""
    return " ".join(short_hash(crypto.hash_person(shop_id, name)) for name in tuple(names)[:MOST_NAMES])


def person_hash(crypto: Crypto, shop_id: int, address: str | None) -> str:
    """How a person's events are found without their address; "" for nobody. The same name the pipeline's timers use."""
    return crypto.hash_person(shop_id, f"person:{address}") if address else ""
