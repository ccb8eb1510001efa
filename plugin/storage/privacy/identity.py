"""Whose an event is: one person's names found from each other, and the events that carry them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.person import ADDRESS, CUSTOMER, Person
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.crypto import Crypto, index_key, short_hash
from plugin.storage.queue.event_rows import object_keys
from plugin.storage.shops.consents import consents

MOST_ROUNDS: Final = 10  #: names lead to events, which lead to names; nobody has so many that it goes on
OPENED_AT_ONCE: Final = 200  #: events

_events = tables.events


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """An event with every name it gives its person."""

    id: int
    webhook_id: int | None
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """All that is known to be one person's."""

    names: tuple[str, ...]  #: as `contact.person_names` writes them
    hashes: tuple[str, ...]  #: of those names
    event_ids: tuple[int, ...] = ()
    webhook_ids: tuple[int, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """E-mail addresses and phone numbers."""
        return tuple(name.removeprefix(ADDRESS) for name in self.names if name.startswith(ADDRESS))


@dataclass(slots=True)
class _Search:
    """What is known so far."""

    names: set[str]
    events: dict[int, NamedEvent] = field(default_factory=dict)  #: theirs
    doubtful: dict[int, NamedEvent] = field(default_factory=dict)  #: named by one of their names, but perhaps another's

    def take(self, found: Iterable[NamedEvent], *, is_asked_for: bool) -> set[str]:
        """Those of these events, and of the doubtful ones, that are theirs; the names that are new."""
        self.doubtful.update({event.id: event for event in found if event.id not in self.events})
        theirs = [event for event in self.doubtful.values() if is_asked_for or is_of(event.names, self.names)]
        for event in theirs:
            self.events[event.id] = self.doubtful.pop(event.id)
        new = {name for event in theirs for name in event.names} - self.names
        self.names |= new
        return new


class Identities:
    """Finds people within a caller's transaction."""

    def __init__(self, crypto: Crypto) -> None:
        self._crypto = crypto

    def find(self, connection: Connection, shop_id: int, person: Person) -> Identity:
        """Everything that goes by any of this person's names, whichever of them was asked for.

        What goes by the one name that is given is theirs. From there on, and where several are given, an e-mail address or a
        customer's number leads further, but not to an event of another customer; a phone number, which a household shares,
        only to what names nobody else.
        """
        search = _Search(set(person.given))
        unnoted = list(self._unnoted(connection, shop_id))
        is_asked_for = len(search.names) == 1
        new = search.names | search.take(self._numbered(connection, shop_id, person), is_asked_for=True)
        for _ in range(MOST_ROUNDS):
            named = self._named(connection, shop_id, search.names, new) if new else ()
            old = (event for event in unnoted if event.names & new)
            new = search.take((*named, *old), is_asked_for=is_asked_for)
            is_asked_for = False
            if not new:
                break
        names, events = tuple(sorted(search.names)), search.events.values()
        return Identity(
            names=names,
            hashes=tuple(self._crypto.hash_person(shop_id, name) for name in names),
            event_ids=tuple(event.id for event in events),
            webhook_ids=tuple(sorted({event.webhook_id for event in events if event.webhook_id})),
        )

    def _named(self, connection: Connection, shop_id: int, known: set[str], names: Collection[str]) -> Sequence[NamedEvent]:
        """The events that give their person one of these names; a customer's number that consent leads to is then known."""
        hashes = [self._crypto.hash_person(shop_id, name) for name in sorted(names)]
        customers = _customers_of(connection, shop_id, hashes)
        is_theirs = or_(
            AnyOf(_events.c.email_hash, "emails", hashes),
            AnyOf(_events.c.phone_hash, "phones", hashes),
            *(_events.c.people.contains(short_hash(hash)) for hash in (*hashes, *customers)),
        )
        found = list(self._opened(connection, shop_id, is_theirs))
        numbers = {name for event in found for name in event.names if name.startswith(CUSTOMER)}
        known |= {name for name in numbers if self._crypto.hash_person(shop_id, name) in customers}
        return found

    def _numbered(self, connection: Connection, shop_id: int, person: Person) -> Sequence[NamedEvent]:
        """What happened to these orders and customers themselves, which are numbered apart."""
        orders = [index_key(number) for number in person.order_ids]
        customers = [
            key
            for number in person.customer_ids
            for key in object_keys(self._crypto, shop_id, EventKind.CUSTOMER_UPDATED, number)
        ]
        is_theirs = or_(
            and_(AnyOf(_events.c.object_id, "orders", orders), _events.c.kind.in_(_kinds(Family.ORDER))),
            and_(AnyOf(_events.c.object_id, "customers", customers), _events.c.kind.in_(_kinds(Family.CUSTOMER))),
        )
        return list(self._opened(connection, shop_id, is_theirs)) if orders or customers else ()

    def _unnoted(self, connection: Connection, shop_id: int) -> Iterator[NamedEvent]:
        """Events of before their people were noted, those that name somebody."""
        is_old = _events.c.people.is_(None) & _events.c.emptied_at.is_(None)
        return (event for event in self._opened(connection, shop_id, is_old) if event.names)

    def _opened(self, connection: Connection, shop_id: int, chosen: ColumnElement[bool]) -> Iterator[NamedEvent]:
        query = select(_events.c.id, _events.c.webhook_id, _events.c.body).where(_events.c.shop_id == shop_id, chosen)
        for id, webhook_id, body in connection.execute(query.execution_options(yield_per=OPENED_AT_ONCE)):
            yield NamedEvent(id, webhook_id, frozenset(self._names_in(body)))

    def _names_in(self, body: bytes) -> tuple[str, ...]:
        """None in what is emptied, nor in what a version we do not know wrote."""
        try:
            return self._crypto.open_event(body).names
        except Misconfigured:
            return ()


def is_of(named: frozenset[str], known: Collection[str]) -> bool:
    """Whether what has these names, one of which is known, is of the person known by those."""
    customers, emails = {name for name in named if name.startswith(CUSTOMER)}, {name for name in named if "@" in name}
    if any(name in known for name in customers):
        return True
    if any(name in known for name in emails):
        return not customers or not any(name.startswith(CUSTOMER) for name in known)
    return not customers and not emails


def _customers_of(connection: Connection, shop_id: int, hashes: Sequence[str]) -> set[str]:
    """The hashes of the customers whose consent is kept under these hashes."""
    columns = consents.c
    query = select(columns.customer_hash).where(columns.shop_id == shop_id, columns.customer_hash != "")
    return set(connection.execute(query.where(AnyOf(columns.hash, "hashes", hashes))).scalars())


def _kinds(family: Family) -> list[str]:
    return [kind.value for kind, traits in KINDS.items() if traits.family is family]
