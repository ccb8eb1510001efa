"""Deleting all that is kept of one person."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, update

from plugin.domain.person import Holding, Person
from plugin.storage.db import cart_tables, hour_marks, tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import besides
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.erased import note_erased, tables_of_a_shop
from plugin.storage.db.people_tables import data_requests
from plugin.storage.privacy.identity import Identities, Identity
from plugin.storage.privacy.links import personal_links
from plugin.storage.privacy.opening import Opening
from plugin.storage.privacy.requests import requests_of
from plugin.storage.privacy.unread import nothing
from plugin.storage.shops.consents import consents, consents_of

_events, _deliveries, _webhooks, _links = tables.events, tables.deliveries, tables.webhooks, tables.links

Counts = Counter[Holding]

CLOCKS_DIFFER: Final = timedelta(minutes=5)  #: at most, from one machine to another


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found of a person to be deleted."""

    person: Person
    identity: Identity
    links: frozenset[str]  #: tokens


class Erasure:
    """Deletes one shop's buyers. The caller holds the shop's row."""

    def __init__(self, crypto: Crypto) -> None:
        self._crypto, self._identities = crypto, Identities(crypto)

    def search(self, connection: Connection, shop_id: int, person: Person, *, meanwhile: Callable[[], None] = nothing) -> Found:
        """What is to be deleted of a person, found in as long as it takes: nobody has to wait for a reader.

        `meanwhile` is called between two reads.
        """
        identity, opening = self._identities.find(connection, shop_id, person, meanwhile=meanwhile), Opening(self._crypto)
        links = personal_links(connection, opening, shop_id, identity, meanwhile=meanwhile)
        opening.log(shop_id)
        return Found(person=person, identity=identity, links=frozenset(links))

    def forget(self, connection: Connection, shop_id: int, found: Found, *, now: datetime) -> tuple[Identity, Counts]:
        """Delete the person's events with their deliveries, attempts and timers, their purchases, consent, personal links
        and requests, and the content of their webhooks; who that was, and how many things of each kind went.

        What came since the search, which began at `now`, is looked for once more.
        """
        person = found.person
        identity = self._identities.again(connection, shop_id, person, found.identity)
        counts, opening = Counts(), Opening(self._crypto)
        new = personal_links(connection, opening, shop_id, identity, but=found.identity.event_ids, since=now - CLOCKS_DIFFER)
        _forget_links(connection, shop_id, found.links | new, counts)
        hour_marks.mark_events(connection, shop_id, identity.event_ids, now=now)
        self._forget_names(connection, shop_id, person, identity, counts)
        _forget_requests(connection, shop_id, person, identity, counts, opening)
        # The row itself stays: without it the same delivery again would bring the person back.
        is_told = besides(_webhooks.c.shop_id, shop_id) & AnyOf(_webhooks.c.id, "ids", identity.webhook_ids)
        emptied = update(_webhooks).where(is_told, _webhooks.c.body.is_not(None)).values(body=None)
        counts[Holding.WEBHOOKS] += connection.execute(emptied).rowcount
        for holding, table in ((Holding.DELIVERIES, _deliveries), (Holding.CARTS, tables.timers)):
            counts[holding] += _count(connection, table, AnyOf(table.c.event_id, "ids", identity.event_ids))
        is_theirs = besides(_events.c.shop_id, shop_id) & AnyOf(_events.c.id, "ids", identity.event_ids)
        counts[Holding.EVENTS] += connection.execute(delete(_events).where(is_theirs)).rowcount
        note_erased(connection, tables_of_a_shop())
        opening.log(shop_id)
        return identity, +counts

    def _forget_names(self, connection: Connection, shop_id: int, person: Person, identity: Identity, counts: Counts) -> None:
        """What is kept under any name of theirs, and under the numbers of their orders."""
        orders = [self._crypto.hash_person(shop_id, f"order:{order_id}") for order_id in person.order_ids]
        hashes = [*identity.hashes, *orders]
        for holding, table in ((Holding.PURCHASES, tables.purchases), (Holding.REMINDERS, cart_tables.cart_marks)):
            is_theirs = (table.c.shop_id == shop_id) & AnyOf(table.c.hash, "hashes", hashes)
            counts[holding] += connection.execute(delete(table).where(is_theirs)).rowcount
        theirs = consents_of(shop_id, identity.hashes, identity.customers)
        counts[Holding.CONSENTS] += connection.execute(delete(consents).where(theirs)).rowcount


def _forget_links(connection: Connection, shop_id: int, tokens: Collection[str], counts: Counts) -> None:
    is_theirs = besides(_links.c.shop_id, shop_id) & AnyOf(_links.c.token, "tokens", sorted(tokens))
    counts[Holding.LINKS] += connection.execute(delete(_links).where(is_theirs)).rowcount


def _forget_requests(
    connection: Connection, shop_id: int, person: Person, identity: Identity, counts: Counts, opening: Opening
) -> None:
    asked = requests_of(connection, opening, shop_id, identity=identity, order_ids=person.order_ids)
    columns = data_requests.c
    is_theirs = (columns.shop_id == shop_id) & columns.id.in_([request.id for request in asked])
    counts[Holding.REQUESTS] += connection.execute(delete(data_requests).where(is_theirs)).rowcount


def _count(connection: Connection, table: Table, chosen: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(chosen)).scalar_one()
