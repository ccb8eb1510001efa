"""A shop with thousands of webhooks waiting to be prepared, and an order of 30,000 lines: how long others wait for them."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from sqlalchemy import func, select

from bench.day import bodies
from bench.day.bodies import Visit
from bench.day.mix import CREATED, Told, evening, told
from bench.day.shops import account, open_for_the_day
from bench.day.store_api import running_store_api
from bench.environment import WORKERS, BenchEnvironment
from bench.prepare import accept
from bench.report import Figure, percentile
from plugin import clock
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.support.processes import until

WAITING, LINES = 3_000, 30_000
TRIES, QUICK_TRIES = 50, 10
APART_SECONDS = 0.4  #: between two tries
AT_MOST = 2.0  #: seconds
LONGEST_WAIT = 15.0  #: seconds after the last try; what has not left by then counts as that late
CROWDED, BULKY = 0, 1  #: the shop with the backlog and that of the long orders; the others have one small order each
FIRST_TRY, FIRST_LONG = 10_000_000, 20_000_000  #: numbers of visits


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """The backlog is filled up again before each try, so that it outlasts them all; each try is another shop's."""
    tries = QUICK_TRIES if environment.is_quick else TRIES
    with environment.new_store(database) as (url, store), running_store_api() as stores:
        shops = open_for_the_day(store, 2 + tries)
        ahead = _Backlog(store, shops)
        ahead.fill_up()
        environment.stub.forget()
        with environment.app(url, *environment.workers(database), SHOPIFY_ADMIN_URL=stores):
            until(lambda: environment.stub.count() > 0, "preparing has begun", seconds=40)
            begun = [_try(store, shops, number, ahead) for number in range(tries)]
            waits = _waits(environment, begun)
    return _figures(database, waits, ahead)


class _Backlog:
    """What waits ahead of the small orders."""

    def __init__(self, store: SqlStore, shops: Sequence[Shop]) -> None:
        self._store, self._shops = store, shops
        self._webhooks = (one for visit in evening(now=clock.now()) for one in visit)
        self.added, self.long_orders = 0, 0
        long_order = partial(bodies.long_order, lines=LINES)
        self._long = told(replace(CREATED, body=long_order), Visit(number=FIRST_LONG, now=clock.now()))
        self.long_bytes = len(self._long.body)

    def fill_up(self) -> None:
        """Have so many webhooks of the crowded shop wait, and one long order of the bulky one."""
        missing = WAITING - self._waiting(self._shops[CROWDED])
        accept(self._store.inbox, self._shops[CROWDED : CROWDED + 1], list(islice(self._webhooks, max(0, missing))))
        self.added += max(0, missing)
        if not self._waiting(self._shops[BULKY]):
            accept(self._store.inbox, self._shops[BULKY : BULKY + 1], [self._next_long()])
            self.long_orders += 1

    def _next_long(self) -> Told:
        """Another order with the same lines."""
        number = FIRST_LONG + self.long_orders
        mark, other = self._long.mark.encode(), str(int(self._long.mark) + self.long_orders).encode()
        return replace(self._long, visit=number, body=self._long.body.replace(mark, other))

    def _waiting(self, shop: Shop) -> int:
        webhooks = tables.webhooks.c
        query = select(func.count()).where(webhooks.due_at.is_not(None), webhooks.shop_id == shop.id)
        with self._store.database.read() as connection:
            return connection.execute(query).scalar_one()


def _try(store: SqlStore, shops: Sequence[Shop], number: int, ahead: _Backlog) -> tuple[float, int, str]:
    """When a small shop's order was accepted, and how it is known again."""
    began = time.monotonic()
    ahead.fill_up()
    order, shop = told(CREATED, Visit(number=FIRST_TRY + number, now=clock.now())), 2 + number
    accept(store.inbox, shops[shop : shop + 1], [order])
    accepted_at = time.time()
    time.sleep(max(0.0, began + APART_SECONDS - time.monotonic()))
    return accepted_at, account(shop, EventKind.ORDER_CREATED), order.mark


def _waits(environment: BenchEnvironment, begun: Sequence[tuple[float, int, str]]) -> Sequence[float]:
    """Seconds from acceptance to POST."""
    over = time.time() + LONGEST_WAIT
    arrived: dict[tuple[int, str], float] = {}
    while time.time() < over and not all((number, mark) in arrived for _, number, mark in begun):
        time.sleep(0.5)
        arrived = {(number, mark): at for at, number, mark, _ in environment.stub.arrivals()}
    return [max(0.0, arrived.get((number, mark), over) - at) for at, number, mark in begun]


def _figures(database: str, waits: Sequence[float], ahead: _Backlog) -> Sequence[Figure]:
    how = (
        f"{len(waits)} tries {APART_SECONDS:g} s apart, each of another shop; ahead: {WAITING:,} webhooks of one shop "
        f"({ahead.added:,} in all) and an order of {LINES:,} lines, {ahead.long_bytes / 2**20:.1f} MB ({ahead.long_orders} in "
        f"all), filled up before each try; {WORKERS[database]} worker(s); longest {max(waits):.1f} s"
    )
    figure = partial(Figure, part="fair", database=database, unit="s")
    return [
        figure(what="another shop's order, accepted to POST, p99", value=percentile(waits, 0.99), at_most=AT_MOST, detail=how),
        figure(what="another shop's order, accepted to POST, p50", value=percentile(waits, 0.5)),
    ]
