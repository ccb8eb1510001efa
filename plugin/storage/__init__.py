"""Everything that is kept, on SQLite or PostgreSQL."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from plugin.config import Settings
from plugin.domain.errors import Misconfigured, StorageDown
from plugin.ports import (
    Audit,
    Backlog,
    Catalogue,
    Consents,
    Deliveries,
    Events,
    Guides,
    Inbox,
    Knocks,
    Links,
    Log,
    People,
    PlatformSync,
    Resends,
    Retention,
    Samples,
    Shops,
    Statistics,
    Timers,
    Tokens,
    WaitingRoom,
    Wiping,
    WorkSignal,
)
from plugin.storage.db import tables
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.keys import read_keys
from plugin.storage.db.migrate import has_every_migration
from plugin.storage.db.wake import open_wake
from plugin.storage.log.log import SqlLog
from plugin.storage.log.resends import SqlResends
from plugin.storage.log.search import Search
from plugin.storage.log.search_terms import SearchTerms
from plugin.storage.log.standing import count_now
from plugin.storage.log.statistics import SqlStatistics
from plugin.storage.notices import Notices
from plugin.storage.privacy.people import SqlPeople
from plugin.storage.privacy.retention import SqlRetention
from plugin.storage.privacy.wiping import SqlWiping
from plugin.storage.queue.deliveries import SqlDeliveries
from plugin.storage.queue.events import SqlEvents
from plugin.storage.queue.forwarding import Forwarding
from plugin.storage.queue.inbox import SqlInbox
from plugin.storage.queue.timers import SqlTimers
from plugin.storage.queue.waiting_room import Room, SqlWaitingRoom
from plugin.storage.shops.audit_reading import SqlAudit
from plugin.storage.shops.catalogue import SqlCatalogue
from plugin.storage.shops.consents import SqlConsents
from plugin.storage.shops.guides import SqlGuides
from plugin.storage.shops.knocks import SqlKnocks
from plugin.storage.shops.links import SqlLinks
from plugin.storage.shops.platform_sync import SqlPlatformSync
from plugin.storage.shops.samples import SqlSamples
from plugin.storage.shops.shop_cache import ShopCache
from plugin.storage.shops.shops import SqlShops
from plugin.storage.shops.tokens import SqlTokens

SHOPS_LOOKED_AT: Final = 100  #: for one whose access the keys must open: many others may have left


def open_store(settings: Settings) -> "SqlStore":
    """The store of these settings; raises `BadEnvironment`. Each process opens its own, and `migrate` came before."""
    keys = read_keys(settings)
    return SqlStore(Database(settings), Crypto(encryption_keys=keys.encryption, secret_key=keys.secret), Room.of(settings))


class SqlStore:
    """`ports.Store` on one of the two databases."""

    shops: Shops
    inbox: Inbox
    events: Events
    timers: Timers
    deliveries: Deliveries
    catalogue: Catalogue
    consents: Consents
    tokens: Tokens
    links: Links
    samples: Samples
    guides: Guides
    knocks: Knocks
    log: Log
    resends: Resends
    people: People
    statistics: Statistics
    retention: Retention
    wiping: Wiping
    audit: Audit
    platform_sync: PlatformSync
    waiting_room: WaitingRoom
    wake: WorkSignal

    def __init__(self, database: Database, crypto: Crypto, room: Room) -> None:
        self.database, self.crypto = database, crypto
        known = ShopCache()
        shops = SqlShops(database, crypto, known)
        self.shops = shops
        self.inbox = SqlInbox(database, crypto, shops, notices=Notices(database, crypto))
        self._waiting_room = SqlWaitingRoom(database, room)
        self.waiting_room = self._waiting_room
        self.events = SqlEvents(database, crypto, shops, index=SearchTerms(crypto))
        self.timers = SqlTimers(database, crypto, shops)
        forwarding = Forwarding(database, crypto, shops)
        self.deliveries = SqlDeliveries(database, crypto, shops, forwarding)
        self.catalogue = SqlCatalogue(database)
        self.consents = SqlConsents(database, crypto)
        self.tokens = SqlTokens(database, crypto)
        self.links = SqlLinks(database, crypto)
        self.samples = SqlSamples(database, crypto)
        self.guides = SqlGuides(database)
        self.knocks = SqlKnocks(database)
        self.log = SqlLog(database, crypto, forwarding)
        self.resends = SqlResends(database, crypto, forwarding, Search(crypto, SearchTerms(crypto)))
        self.people = SqlPeople(database, crypto)
        self.audit = SqlAudit(database, crypto)
        self.statistics = SqlStatistics(database)
        self.retention = SqlRetention(database, crypto)
        self.wiping = SqlWiping(database)
        self.platform_sync = SqlPlatformSync(database)
        self.wake = open_wake(database)

    def check(self) -> None:
        with self.database.read() as connection:
            if not has_every_migration(connection):
                raise StorageDown("The database is not at this version: run `sendpulse-plugin migrate`.")
            newest = select(tables.shops.c.access).order_by(tables.shops.c.id.desc()).limit(SHOPS_LOOKED_AT).subquery()
            sealed = connection.execute(select(newest.c.access).where(newest.c.access.is_not(None)).limit(1)).scalar()
        try:
            self.crypto.open(sealed or self.crypto.seal(b""))
        except Misconfigured as error:
            raise StorageDown(str(error)) from error

    def ahead(self) -> timedelta:
        return self.database.ahead()

    def backlog(self) -> Backlog:
        with self.database.read() as connection:
            return count_now(connection)

    def close(self) -> None:
        """Give back every connection."""
        self._waiting_room.close()
        self.wake.close()
        self.database.close()
