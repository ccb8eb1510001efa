"""`ports.People` on our tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from plugin.domain.audit import Deed
from plugin.domain.errors import Misconfigured
from plugin.domain.person import ErasureState, Holding, Kept, Person
from plugin.ports import AskedErasure, DataRequest, PendingErasure
from plugin.ports.people import P
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.people_tables import data_requests
from plugin.storage.privacy import at_sendpulse, requests
from plugin.storage.privacy.erasure import Counts, Erasure, Found
from plugin.storage.privacy.identity import Identities
from plugin.storage.privacy.kept import Subject, everything
from plugin.storage.privacy.opening import Opening
from plugin.storage.privacy.unread import Unread, nothing
from plugin.storage.shops import audit, shop_locks
from plugin.storage.shops.settings import SettingsVersions


class SqlPeople:
    """Finds, hands out and deletes."""

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._identities, self._erasure = Identities(crypto), Erasure(crypto)
        self._unread = Unread(database, crypto)
        self._settings = SettingsVersions(crypto)

    def known_as(self, shop_id: int, person: P) -> P:
        with self._database.read() as connection:
            return person.known_as(self._identities.find(connection, shop_id, person).names)

    def is_shared(self, shop_id: int, person: Person) -> bool:
        with self._database.read() as connection:
            return self._identities.find(connection, shop_id, person).is_shared

    def found(self, shop_id: int, person: Person, *, meanwhile: Callable[[], None] = nothing) -> tuple[Found, int]:
        """What is to be deleted of a person; nothing comes any more of the webhooks no event was made of that name them, and
        how many those are.

        It takes long, and is done before `forget`: what is being translated just now has its events after this.
        """
        # One at a time: each holds a connection all the while, and a store may ask us to forget hundreds at once.
        with self._unread.turn(shop_id, meanwhile), self._database.read() as connection:
            found = self._erasure.search(connection, shop_id, person, meanwhile=meanwhile)
        meanwhile()
        if found.identity.is_shared:  # what a body says beside a number that several people use is another's
            return found, 0
        known = person.known_as(found.identity.names)
        return found, self._unread.close(shop_id, known, meanwhile=meanwhile)

    def kept(self, shop_id: int, person: Person) -> Iterator[Kept]:
        with self._database.read() as connection:
            identity = self._identities.find(connection, shop_id, person)
        # What a body says beside a number that several people use is another's.
        unread = () if identity.is_shared else self._unread.about(shop_id, person.known_as(identity.names))
        subject = Subject(
            database=self._database, opening=Opening(self._crypto), shop_id=shop_id, identity=identity, unread=unread,
            order_ids=person.order_ids,
        )  # fmt: skip
        return everything(subject)

    def noted(self, shop_id: int, deed: Deed, *, who: str, now: datetime, address: str = "") -> None:
        with self._database.write() as connection:
            audit.note(connection, self._crypto, shop_id, deed, who=who, address=address, now=now)

    def erase(self, shop_id: int, person: Person, *, who: str, now: datetime, address: str = "") -> Mapping[Holding, int]:
        found, closed = self.found(shop_id, person)
        with self._database.write() as connection:
            shop_locks.lock(connection, shop_id)
            counts = self.forget(connection, shop_id, found, who=who, address=address, now=now)
        return counts + Counts({Holding.WEBHOOKS: closed})

    def forget(
        self, connection: Connection, shop_id: int, found: Found, *, who: str, now: datetime, address: str = ""
    ) -> Counts:
        """The same within the transaction of a caller who holds the shop's row, with what was found before."""
        identity, counts = self._erasure.forget(connection, shop_id, found, now=now)
        if identity.addresses and self._has_keys(connection, shop_id):
            emails = [address for address in identity.addresses if "@" in address]
            phones = [address for address in identity.addresses if "@" not in address]
            at_sendpulse.ask(connection, self._crypto, shop_id, emails=emails, phones=phones, now=now)
        facts, deed = {"events": counts[Holding.EVENTS]}, Deed.PERSON_ERASED
        audit.note(connection, self._crypto, shop_id, deed, who=who, address=address, facts=facts, now=now)
        return counts

    def events_of(self, shop_id: int, person: Person, *, meanwhile: Callable[[], None]) -> int:
        """How many events are about this person; `meanwhile` is called between two reads."""
        with self._database.read() as connection:
            return len(self._identities.find(connection, shop_id, person, meanwhile=meanwhile).event_ids)

    def requests(self, shop_id: int) -> Sequence[DataRequest]:
        with self._database.read() as connection:
            opening = Opening(self._crypto)
            found = requests.requests(connection, opening, shop_id)
        opening.log(shop_id)
        return found

    def fetched(self, shop_id: int, request_id: int, *, now: datetime) -> None:
        columns = data_requests.c
        is_it = (columns.shop_id == shop_id) & (columns.id == request_id) & columns.fetched_at.is_(None)
        with self._database.write() as connection:
            connection.execute(update(data_requests).where(is_it).values(fetched_at=now))

    def asked_erasures(self, shop_id: int, *, limit: int) -> Sequence[AskedErasure]:
        with self._database.read() as connection:
            return at_sendpulse.asked(connection, shop_id, limit=limit)

    def claim_erasures(self, *, limit: int, now: datetime, lease: timedelta) -> Sequence[PendingErasure]:
        with self._database.write() as connection:
            return at_sendpulse.claim(connection, self._crypto, limit=limit, now=now, lease=lease)

    def end_erasure(
        self, pending: PendingErasure, state: ErasureState, *, reason: str, fix: str, again_at: datetime | None, now: datetime
    ) -> None:
        with self._database.write() as connection:
            at_sendpulse.end(connection, pending, state, reason, fix, again_at, now)

    def _has_keys(self, connection: Connection, shop_id: int) -> bool:
        """Whether SendPulse can be asked for this shop; not where its settings cannot be read any more."""
        version = self._settings.newest(connection, (shop_id,)).get(shop_id)
        try:
            return self._settings.settings(connection, shop_id, version).account.has_keys
        except Misconfigured:
            return False
