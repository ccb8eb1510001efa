"""Everything that is kept about one person, table by table, and why the other tables hold nobody."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, select

from plugin.domain.person import Holding, Kept
from plugin.storage.db import cart_tables, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import besides
from plugin.storage.db.engine import Database
from plugin.storage.privacy.at_sendpulse import waiting_for
from plugin.storage.privacy.identity import Identity
from plugin.storage.privacy.links import addresses_of, personal_links
from plugin.storage.privacy.opening import Opening
from plugin.storage.privacy.requests import requests_of
from plugin.storage.shops.consents import consents, consents_of

READ_AT_ONCE: Final = 50  #: events with what hangs on them: read in a few milliseconds

_events, _deliveries, _attempts = tables.events, tables.deliveries, tables.attempts

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whose things are read, and where."""

    database: Database
    opening: Opening
    shop_id: int
    identity: Identity
    order_ids: Sequence[str] = ()
    unread: Sequence[int] = ()  #: webhooks no event was made of

    @property
    def names(self) -> Mapping[str, str]:
        """Every name of theirs, by its hash."""
        return dict(zip(self.identity.hashes, self.identity.names, strict=True))

    def rows(self, query: Select[Any]) -> Sequence[Fields]:
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def by_ids(self, table: Table, column: ColumnElement[int], ids: Sequence[int], *names: str) -> Iterator[Fields]:
        """These columns of the rows whose column is one of these ids, some at a time."""
        for some in _some(ids):
            query = select(*(table.c[name] for name in names)).where(besides(table.c.shop_id, self.shop_id), column.in_(some))
            yield from self.rows(query.order_by(*table.primary_key))


def everything(subject: Subject) -> Iterator[Kept]:
    """Kind by kind, in the order of `Holding`."""
    for holding in Holding:
        yield from (Kept(holding=holding, fields=fields) for fields in _READERS[holding](subject))
    subject.opening.log(subject.shop_id)


def _read_events(subject: Subject) -> Iterator[Fields]:
    columns = ("id", "kind", "state", "happened_at", "created_at", "body")
    for row in subject.by_ids(_events, _events.c.id, subject.identity.event_ids, *columns):
        body = row["body"]
        yield {**row, "body": _told(subject.opening.open(body, Holding.EVENTS))}


def _read_deliveries(subject: Subject) -> Iterator[Fields]:
    """With the body that left or will leave, and every attempt; without the merchant's event URL, which is a secret."""
    columns = (
        "id", "event_id", "kind", "state", "locale", "automation_id", "reason", "created_at", "finished_at", "letter",
    )  # fmt: skip
    for some in _some(subject.identity.event_ids):
        rows = list(subject.by_ids(_deliveries, _deliveries.c.event_id, some, *columns))
        told = ("delivery_id", "number", "started_at", "finished_at", "status", "reason", "answer")
        attempts = list(subject.by_ids(_attempts, _attempts.c.delivery_id, [row["id"] for row in rows], *told))
        for row in rows:
            letter = _told(subject.opening.open(row["letter"], Holding.DELIVERIES)) if row["letter"] else None
            yield {
                **{name: row[name] for name in columns if name != "letter"},
                "body": _told(str(letter["body"])) if letter else "",
                "attempts": [attempt for attempt in attempts if attempt["delivery_id"] == row["id"]],
            }


def _read_webhooks(subject: Subject) -> Iterator[Fields]:
    """Those of their events, and those no event was made of."""
    webhooks, ids = tables.webhooks, sorted({*subject.identity.webhook_ids, *subject.unread})
    for row in subject.by_ids(webhooks, webhooks.c.id, ids, "id", "topic", "state", "received_at", "body"):
        if row["body"] is not None:
            yield {**row, "body": _told(subject.opening.open(row["body"], Holding.WEBHOOKS))}


def _read_carts(subject: Subject) -> Iterator[Fields]:
    """Of the keys by which a cart and its buyer are found, only hashes are kept."""
    timers = tables.timers
    yield from subject.by_ids(timers, timers.c.event_id, subject.identity.event_ids, "event_id", "happened_at", "due_at")


def _read_purchases(subject: Subject) -> Iterator[Fields]:
    return _by_hash(subject, tables.purchases, "bought_at")


def _read_reminders(subject: Subject) -> Iterator[Fields]:
    return _by_hash(subject, cart_tables.cart_marks, "mark", "at")


def _read_consents(subject: Subject) -> Iterator[Fields]:
    columns, is_theirs = consents.c, consents_of(subject.shop_id, list(subject.names), subject.identity.customers)
    query = select(columns.hash, columns.channel, columns.standing, columns.at, columns.told_at)
    for row in subject.rows(query.where(is_theirs)):
        yield {"name": subject.names.get(row["hash"], "another name of this customer")} | _without(row, "hash")


def _read_links(subject: Subject) -> Iterator[Fields]:
    with subject.database.read() as connection:
        tokens = personal_links(connection, subject.opening, subject.shop_id, subject.identity)
        found = addresses_of(connection, subject.opening, subject.shop_id, tokens)
    return ({"path": f"/go/{token}", "leads_to": address} for token, address in found)


def _read_requests(subject: Subject) -> Iterator[Fields]:
    with subject.database.read() as connection:
        found = requests_of(
            connection, subject.opening, subject.shop_id, identity=subject.identity, order_ids=subject.order_ids
        )
    return (
        {"number": each.number, "received_at": each.received_at, "email": each.person.email, "phone": each.person.phone}
        for each in found
    )


def _read_erasures(subject: Subject) -> Iterator[Fields]:
    with subject.database.read() as connection:
        return iter(waiting_for(connection, subject.opening, subject.shop_id, subject.identity))


def _read_unreadable(subject: Subject) -> Iterator[Fields]:
    """What the others passed over."""
    return ({"kind": holding.value} for holding in subject.opening.unreadable.elements())


_READERS: Final[Mapping[Holding, Callable[[Subject], Iterator[Fields]]]] = {
    Holding.EVENTS: _read_events,
    Holding.DELIVERIES: _read_deliveries,
    Holding.WEBHOOKS: _read_webhooks,
    Holding.CARTS: _read_carts,
    Holding.PURCHASES: _read_purchases,
    Holding.REMINDERS: _read_reminders,
    Holding.CONSENTS: _read_consents,
    Holding.LINKS: _read_links,
    Holding.REQUESTS: _read_requests,
    Holding.SENDPULSE: _read_erasures,
    Holding.UNREADABLE: _read_unreadable,
}

#: In which kind of thing a table's rows are handed out and deleted.
SEARCHED: Final[Mapping[str, Holding]] = {
    "events": Holding.EVENTS,
    "deliveries": Holding.DELIVERIES,
    "attempts": Holding.DELIVERIES,
    "delivery_words": Holding.DELIVERIES,
    "webhooks": Holding.WEBHOOKS,
    "timers": Holding.CARTS,
    "timer_keys": Holding.CARTS,
    "timer_people": Holding.CARTS,
    "purchases": Holding.PURCHASES,
    "cart_marks": Holding.REMINDERS,
    "consents": Holding.CONSENTS,
    "links": Holding.LINKS,
    "data_requests": Holding.REQUESTS,
    "sendpulse_erasures": Holding.SENDPULSE,
}

#: Why the other tables hold no buyer.
NOBODY: Final[Mapping[str, str]] = {
    "shops": "the merchant's store and this app's access to it",
    "settings": "what the merchant set",
    "audit": "what staff and operators did; a buyer is named by nothing but a count",
    "refused_logins": "how often visits of staff and strangers were refused",
    "suspended_addresses": "stores the operator suspended and that are not here",
    "audit_heads": "where the audit begins and ends",
    "destinations": "the pace and health of SendPulse accounts",
    "products": "what the shop window shows",
    "product_names": "what products with a number are called",
    "tokens": "this app's access to SendPulse accounts",
    "hours": "which hours are counted",
    "standing": "how many rows stand in each state",
    "hour_counts": "sums by hour, kind, language and flow",
    "resends": "what the merchant asked to be sent again, sealed, and gone when that is over",
    "walks": "how far a chore has come",
    "worker_beats": "when a worker was alive",
    "guides": "where the merchant's setup guide stands",
    "knocks": "addresses of stores that are not installed",
    "store_refusals": "what a store's platform does not let this app do",
}


def _by_hash(subject: Subject, table: Table, *names: str) -> Iterator[Fields]:
    query = select(table.c.hash, *(table.c[name] for name in names)).where(table.c.shop_id == subject.shop_id)
    for row in subject.rows(query.where(AnyOf(table.c.hash, "hashes", list(subject.names)))):
        yield {"name": subject.names[row["hash"]]} | _without(row, "hash")


def _without(row: Fields, name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _told(content: bytes | str | None) -> Any:
    """JSON as it is meant, other text as it stands; None of what no key opens."""
    text = content.decode(errors="replace") if isinstance(content, bytes) else content
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return text


def _some(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + READ_AT_ONCE] for start in range(0, len(ids), READ_AT_ONCE))
