"""The whole path with a real store, a played shop, a played or real SendPulse and a clock that jumps."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from plugin.config import Settings
from plugin.domain.errors import PluginError
from plugin.domain.event import StoreEvent
from plugin.domain.notice import Translation
from plugin.domain.shop import Shop
from plugin.pipeline.receive import receive
from plugin.ports import Post
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.columns import Moment
from plugin.storage.db.engine import Database
from plugin.wiring import Services, short_links
from plugin.worker import Worker
from tests.support.builders import a_basket, an_event
from tests.support.fake_platform import FakeClock, FakePlatform, a_webhook
from tests.support.working import drain

PATIENCE = 3_000  #: looks until everything must have ended
STEP = timedelta(milliseconds=125)  #: at least so far the clock moves between two looks


@dataclass
class Harness:
    """Everything of the path but the network."""

    store: SqlStore
    settings: Settings
    shop: Shop
    platform: FakePlatform
    clock: FakeClock
    watch: Database  #: connections of our own: what fails on purpose are the app's

    def worker(self, post: Post) -> Worker:
        services = Services(
            settings=self.settings, store=self.store, platforms={"fake": self.platform}, post=post, write_bodies=bodies,
            short_link=short_links(self.store, self.settings),
        )  # fmt: skip
        return Worker(services, now=self.clock, sleep=self.clock.sleep)

    def order(self, number: int) -> None:
        """The shop tells of an order, once; raises what the path raises."""
        self.platform.meanings[f"order {number}"] = Translation(events=(_paid(number),))
        webhook = a_webhook(self.shop, f"order {number}", key=f"delivery-{number}")
        receive(webhook, self.platform, self.store, now=self.clock())

    def run(self, worker: Worker, *, until: datetime | None = None) -> None:
        """Work and let the time pass, from one due moment to the next, until nothing is due or this moment has come."""
        for _ in range(PATIENCE):
            with suppress(PluginError):  # the worker's own loop logs it and goes on
                drain(worker)
            moment = self.next_moment()
            if moment is None or (until and moment > until):
                self.clock.at = max(self.clock.at, until or self.clock.at)
                return
            self.clock.at = max(moment, self.clock.at + STEP)
        raise AssertionError("the work never ends")

    def next_moment(self) -> datetime | None:
        """When something is due next, as far as the rows tell; what is leased is due when its lease ends."""
        looks = [(table, table.c.due_at) for table in (tables.webhooks, tables.events, tables.timers)]
        looks.append((tables.destinations, tables.destinations.c.ready_at))
        with self.watch.read() as connection:
            found = [_first(connection, table, due) for table, due in looks]
        return min((moment for moment in found if moment), default=None)


def _first(connection: Connection, table: Table, due: ColumnElement[datetime]) -> datetime | None:
    lease = table.c.lease_until
    moment = case((lease > due, lease), else_=due)
    found: datetime | None = connection.execute(select(func.min(moment, type_=Moment)).where(due.is_not(None))).scalar()
    return found


def _paid(number: int) -> StoreEvent:
    basket = a_basket(keys=(f"order:{number}",), order_id=str(number), order_number=f"#{number}")
    return an_event(object_id=str(number), basket=basket)
