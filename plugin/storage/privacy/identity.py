"""Whose an event is: one person's names found from each other, and the events that carry them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, func, or_, select

from plugin.domain.errors import Misconfigured
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.person import ADDRESS, CUSTOMER, Person
from plugin.storage.db import tables
from plugin.storage.db.any_of import AnyOf
from plugin.storage.db.columns import besides
from plugin.storage.db.crypto import Crypto, index_key, short_hash
from plugin.storage.privacy.unread import nothing
from plugin.storage.queue.event_rows import object_keys
from plugin.storage.shops.consents import consents
from plugin.turns import giving_way

MOST_ROUNDS: Final = 10  #: names lead to events, which lead to names; nobody has so many that it goes on
OPENED_AT_ONCE: Final = 200  #: events
NAMES_AT_ONCE: Final = 200  #: looked for in one query: SQLite refuses expressions of more than a thousand parts

#: On PostgreSQL an event has its number before it is committed; no transactions under way have more between them.
NUMBERED_AHEAD: Final = 10_000

T = TypeVar("T")

_events = tables.events
_SELECT_NEWEST = select(func.max(_events.c.id))


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """An event with every name it gives its person."""

    id: int
    webhook_id: int | None
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """All that is known to be one person's."""

    names: tuple[str, ...]  #: as `contact.person_names` writes them
    hashes: tuple[str, ...]  #: of those names
    lone: str  #: the one name they are asked for by: what has it is theirs; "" where others may have it, too
    is_shared: bool  #: several people use the one phone number that is asked for: only what names nobody else is theirs
    customers: tuple[str, ...]  #: hashes of their numbers, also of those that only consent leads to
    event_ids: tuple[int, ...]
    webhook_ids: tuple[int, ...]
    looked_at: frozenset[int]  #: events, those of others among them
    newest: int  #: the highest number an event had when the search began

    @property
    def addresses(self) -> tuple[str, ...]:
        """E-mail addresses and phone numbers."""
        return tuple(name.removeprefix(ADDRESS) for name in self.names if name.startswith(ADDRESS))

    def owns(self, names: Collection[str]) -> bool:
        """Whether what has these names is theirs."""
        return owns(names, self.names, self.lone)


def owns(named: Collection[str], known: Collection[str], lone: str) -> bool:
    """Whether what has these names is of the person known by those, of whom everything with the lone one is."""
    return (bool(lone) and lone in named) or (any(name in known for name in named) and is_of(frozenset(named), known))


@dataclass(slots=True)
class _Search:
    """What is known so far."""

    names: set[str]
    lone: str = ""
    customers: set[str] = field(default_factory=set)  #: hashes
    events: dict[int, NamedEvent] = field(default_factory=dict)  #: theirs
    doubtful: dict[int, NamedEvent] = field(default_factory=dict)  #: named by one of their names, but perhaps another's

    def take(self, found: Iterable[NamedEvent], *, is_asked_for: bool = False) -> set[str]:
        """Keep those of these events, and of the doubtful ones, that are theirs; the names that are new."""
        self.doubtful.update({event.id: event for event in found if event.id not in self.events})
        theirs = [event for event in self.doubtful.values() if is_asked_for or self._is_theirs(event)]
        for event in theirs:
            self.events[event.id] = self.doubtful.pop(event.id)
        new = {name for event in theirs for name in event.names} - self.names
        self.names |= new
        return new

    def _is_theirs(self, event: NamedEvent) -> bool:
        return (bool(self.lone) and self.lone in event.names) or is_of(event.names, self.names)


class Identities:
    """Finds people within a caller's transaction."""

    def __init__(self, crypto: Crypto) -> None:
        self._crypto = crypto

    def find(
        self, connection: Connection, shop_id: int, person: Person, *, meanwhile: Callable[[], None] = nothing
    ) -> Identity:
        """Everything that goes by any of this person's names, whichever of them was asked for. It takes long, and `meanwhile`
        is called between two reads.

        What goes by the one name that is given is theirs, unless that is a phone number several people use. From there on, and
        where several are given, an e-mail address or a customer's number leads further, but not to an event of another
        customer; a phone number, which a household shares, only to what names nobody else.
        """
        search = _Search(set(person.given), person.given[0] if len(person.given) == 1 else "")
        newest = connection.execute(_SELECT_NEWEST).scalar() or 0
        unnoted = self._unnoted(connection, shop_id, meanwhile)
        is_shared = False
        new = search.names | search.take(self._numbered(connection, shop_id, person, meanwhile=meanwhile), is_asked_for=True)
        for number in range(MOST_ROUNDS):
            found = [event for event in unnoted if event.names & new]
            found += self._named(connection, shop_id, new, lone=search.lone, meanwhile=meanwhile) if new else ()
            customers = self._customers_of(connection, shop_id, new, lone=search.lone)
            if not number and _is_phone(search.lone) and self._is_shared(shop_id, found, customers):
                search.lone, is_shared, customers = "", True, set()
            self._learn(search, shop_id, found, customers)
            new = search.take(found)
            if not new:
                break
        return self._identity(shop_id, search, is_shared=is_shared, newest=newest)

    def again(self, connection: Connection, shop_id: int, person: Person, before: Identity) -> Identity:
        """The same with what came since, as far as known names lead to it: a short look, for within a transaction."""
        search = _Search(set(before.names), before.lone, set(before.customers))
        seen = set(before.looked_at)
        new = search.names | search.take(self._numbered(connection, shop_id, person, but=seen), is_asked_for=True)
        for _ in range(MOST_ROUNDS):
            ids = self._came_since(connection, shop_id, new, before.newest) - seen if new else set[int]()
            found = self._with_ids(connection, shop_id, ids)
            seen |= ids
            new = search.take(found)
            if not new:
                break
        since = self._identity(shop_id, search, is_shared=before.is_shared, newest=before.newest)
        return replace(
            since,
            event_ids=before.event_ids + since.event_ids,
            webhook_ids=tuple(sorted({*before.webhook_ids, *since.webhook_ids})),
            looked_at=since.looked_at | seen,
        )

    def _identity(self, shop_id: int, search: _Search, *, is_shared: bool, newest: int) -> Identity:
        names, events = tuple(sorted(search.names)), search.events.values()
        hashes = {name: self._crypto.hash_person(shop_id, name) for name in names}
        return Identity(
            names=names, hashes=tuple(hashes.values()), lone=search.lone, is_shared=is_shared, newest=newest,
            customers=tuple(sorted({*search.customers, *(hashes[name] for name in names if name.startswith(CUSTOMER))})),
            event_ids=tuple(event.id for event in events),
            webhook_ids=tuple(sorted({event.webhook_id for event in events if event.webhook_id})),
            looked_at=frozenset({*search.events, *search.doubtful}),
        )  # fmt: skip

    def _learn(self, search: _Search, shop_id: int, found: Iterable[NamedEvent], customers: Collection[str]) -> None:
        """A customer's number that consent leads to is known where an event spells it."""
        search.customers |= set(customers)
        numbers = {name for event in found for name in event.names if name.startswith(CUSTOMER)}
        search.names |= {name for name in numbers if self._crypto.hash_person(shop_id, name) in search.customers}

    def _named(
        self, connection: Connection, shop_id: int, names: Collection[str], *, lone: str, meanwhile: Callable[[], None]
    ) -> Sequence[NamedEvent]:
        """The events that give their person one of these names, or the number of a customer that consent knows by one."""
        hashes = [self._crypto.hash_person(shop_id, name) for name in sorted(names)]
        customers = self._customers_of(connection, shop_id, names, lone=lone)
        named = [
            *(AnyOf(column, "hashes", hashes) for column in (_events.c.email_hash, _events.c.phone_hash)),
            *holding_any(_events.c.people, (short_hash(hash) for hash in (*hashes, *sorted(customers)))),
        ]
        query = select(_events.c.id).where(_events.c.shop_id == shop_id)
        ids = {id for condition in named for id in connection.execute(query.where(condition)).scalars()}
        return self._with_ids(connection, shop_id, ids, meanwhile)

    def _came_since(self, connection: Connection, shop_id: int, names: Collection[str], newest: int) -> set[int]:
        """The numbers of events with one of these names that are newer, and of older ones with one of these addresses."""
        hashes = [self._crypto.hash_person(shop_id, name) for name in sorted(names)]
        query = select(_events.c.id)
        of_shop, ahead = _events.c.shop_id == shop_id, 0 if connection.dialect.name == "sqlite" else NUMBERED_AHEAD
        is_newer = besides(_events.c.shop_id, shop_id) & (_events.c.id > newest - ahead)
        conditions = (
            of_shop & AnyOf(_events.c.email_hash, "emails", hashes), of_shop & AnyOf(_events.c.phone_hash, "phones", hashes),
            *(is_newer & named for named in holding_any(_events.c.people, map(short_hash, hashes))),
        )  # fmt: skip
        return {id for condition in conditions for id in connection.execute(query.where(condition)).scalars()}

    def _customers_of(self, connection: Connection, shop_id: int, names: Collection[str], *, lone: str) -> set[str]:
        """The hashes of the customers whose consent is kept under these names; a phone number is one's own where it is lone."""
        own = [name for name in sorted(names) if name == lone or not _is_phone(name)]
        return _customers_of(connection, shop_id, [self._crypto.hash_person(shop_id, name) for name in own])

    def _is_shared(self, shop_id: int, found: Iterable[NamedEvent], customers: Collection[str]) -> bool:
        """Whether events with one phone number, and consent under it, tell several people apart."""
        people = [{self._crypto.hash_person(shop_id, name) for name in event.names if not _is_phone(name)} for event in found]
        numbers = {name for event in found for name in event.names if name.startswith(CUSTOMER)}
        customers = {*customers, *(self._crypto.hash_person(shop_id, number) for number in numbers)}
        return len(customers) > 1 or are_several([*people, *({one} for one in customers)])

    def _numbered(
        self, connection: Connection, shop_id: int, person: Person, *, but: Collection[int] = (),
        meanwhile: Callable[[], None] = nothing,
    ) -> Sequence[NamedEvent]:  # fmt: skip
        """What happened to these orders and customers themselves, which are numbered apart."""
        orders = [index_key(number) for number in person.order_ids]
        customers = [
            key
            for number in person.customer_ids
            for key in object_keys(self._crypto, shop_id, EventKind.CUSTOMER_UPDATED, number)
        ]
        ids = set[int]()
        for keys, family in ((orders, Family.ORDER), (customers, Family.CUSTOMER)):
            is_theirs = AnyOf(_events.c.object_id, "keys", keys) & _events.c.kind.in_(_kinds(family))
            query = select(_events.c.id).where(_events.c.shop_id == shop_id, is_theirs)
            ids |= set(connection.execute(query).scalars()) if keys else set()
        return self._with_ids(connection, shop_id, ids.difference(but), meanwhile)

    def _unnoted(self, connection: Connection, shop_id: int, meanwhile: Callable[[], None]) -> Sequence[NamedEvent]:
        """Events of before their people were noted, those that name somebody."""
        is_old = (_events.c.shop_id == shop_id) & _events.c.people.is_(None) & _events.c.emptied_at.is_(None)
        ids = connection.execute(select(_events.c.id).where(is_old)).scalars().all()
        return [event for event in self._with_ids(connection, shop_id, ids, meanwhile) if event.names]

    def _with_ids(
        self, connection: Connection, shop_id: int, ids: Collection[int], meanwhile: Callable[[], None] = nothing
    ) -> Sequence[NamedEvent]:
        found = list[NamedEvent]()
        for some in in_parts(sorted(ids), OPENED_AT_ONCE):
            chosen = besides(_events.c.shop_id, shop_id) & AnyOf(_events.c.id, "ids", some)
            rows = connection.execute(select(_events.c.id, _events.c.webhook_id, _events.c.body).where(chosen)).all()
            found += (NamedEvent(id, webhook, frozenset(self._names_in(body))) for id, webhook, body in giving_way(rows))
            meanwhile()
        return found

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


def holding_any(column: ColumnElement[str], words: Iterable[str]) -> Iterator[ColumnElement[bool]]:
    """Whether a column of many words holds one of these, in as many conditions as it takes to ask for all of them."""
    for some in in_parts(list(words), NAMES_AT_ONCE):
        yield or_(*(column.contains(word) for word in some))


def in_parts(all_of_them: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """The same, so many at a time."""
    return (all_of_them[start : start + most] for start in range(0, len(all_of_them), most))


def _customers_of(connection: Connection, shop_id: int, hashes: Sequence[str]) -> set[str]:
    """The hashes of the customers whose consent is kept under these hashes."""
    columns = consents.c
    query = select(columns.customer_hash).where(columns.shop_id == shop_id, columns.customer_hash != "")
    return set(connection.execute(query.where(AnyOf(columns.hash, "hashes", hashes))).scalars())


def _is_phone(name: str) -> bool:
    return name.startswith(ADDRESS) and "@" not in name


def are_several(people: Iterable[Collection[str]]) -> bool:
    """Whether more than one is left of these, when those that share a name are one; in time that is linear in them."""
    leads_to: dict[str, str] = {}

    def first_of(name: str) -> str:
        while (following := leads_to.setdefault(name, name)) != name:
            leads_to[name] = name = leads_to[following]
        return name

    for names in people:
        for name in names:
            leads_to[first_of(name)] = first_of(next(iter(names)))
    return len({first_of(name) for name in leads_to}) > 1


def _kinds(family: Family) -> list[str]:
    return [kind.value for kind, traits in KINDS.items() if traits.family is family]
