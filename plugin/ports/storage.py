"""Everything that is kept, room by room."""

from datetime import timedelta
from typing import Protocol

from plugin.ports.audit import Audit
from plugin.ports.knocks import Knocks
from plugin.ports.log import Log
from plugin.ports.people import People
from plugin.ports.privacy import Retention, Wiping
from plugin.ports.queue import Deliveries, Events, Inbox, Timers, WaitingRoom
from plugin.ports.refusals import PlatformSync
from plugin.ports.resends import Resends
from plugin.ports.shops import Catalogue, Consents, Guides, Links, Samples, Shops, Tokens
from plugin.ports.statistics import Statistics
from plugin.ports.values import Backlog


class WorkSignal(Protocol):
    """How an idle worker hears at once of new work."""

    def wait(self, seconds: float) -> bool:
        """Wait until somebody committed work, not longer than this; True means: look again.

        What was committed since this thread's last `wait` counts too, and the first one of a thread is always True.
        Work that comes due by the clock wakes nobody.
        """

    def close(self) -> None: ...


class Store(Protocol):
    """Everything that is kept."""

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

    def check(self) -> None:
        """Raises `StorageDown` when the database does not answer or is not migrated."""

    def ahead(self) -> timedelta:
        """How far the database's clock is ahead of this machine's; raises `StorageDown`."""

    def backlog(self) -> Backlog:
        """What stands in each state at this moment: it counts every row, so it is for a person who asks and can wait."""

    def close(self) -> None:
        """Give back every connection."""
