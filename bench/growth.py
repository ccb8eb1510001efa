"""The same work with a few stored events and with very many: what a year of use costs."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median

from sqlalchemy import delete, update

from bench.day.shops import open_for_the_day
from bench.day.store_api import running_store_api
from bench.drain import drained
from bench.environment import BenchEnvironment
from bench.prepare import Backlog, a_backlog, accept, prepared
from bench.report import Figure
from bench.rows import a_webhook, remember, wait_for
from plugin import clock
from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter, VerifiedWebhook
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.db.claim_columns import CLOSED

FEW, MANY, QUICK_MANY = 1_000, 1_000_000, 50_000
SHOPS = 100
ROUNDS, QUICK_ROUNDS = 7, 2  #: each on the small and on the big database, in turns, so that both see the same machine
AT_LEAST = 0.9
DRAIN_ROUNDS = 7  #: a worker is started for each
ACCEPTED, LOOKS = 1_500, 40  #: webhooks and questions a round
CLAIM_ACCOUNTS, CLAIM_EACH, CLAIM_SLOTS = 400, 1, 8
DRAIN_ACCOUNTS, DRAIN_EACH, QUICK_DRAIN_EACH = 1_000, 5, 1
PREPARE_ROUNDS, PREPARED, QUICK_PREPARED = 5, 800, 300
LEASE = timedelta(seconds=60)

Work = Callable[["Full"], float]
Rounds = Sequence[tuple[float, float]]  #: a rate with few and one with many events, a pair a round


class Full:
    """A database with so many finished events, and what is measured on it."""

    def __init__(self, environment: BenchEnvironment, database: str, url: str, store: SqlStore, *, stored: int) -> None:
        self.environment, self.database, self.url, self.store, self.stored = environment, database, url, store, stored
        self.shops = open_for_the_day(store, SHOPS)
        self.next_id = remember(store, self.shops, count=stored, first=1, now=clock.now())
        self.next_account, self.next_visit = 10_000, 1

    def wait_for(self, accounts: int, each: int) -> None:
        """More deliveries that are due, each to an account nobody has seen before."""
        numbers = range(self.next_account, self.next_account + accounts)
        self.next_account += accounts
        self.next_id = wait_for(self.store, self.shops[0], numbers, each=each, due_at=clock.now(), first=self.next_id)

    def accept(self, webhooks: int) -> Backlog:
        """More webhooks of the shops' day, of visits nobody has told before."""
        backlog = a_backlog(webhooks, first=self.next_visit)
        self.next_visit = backlog.webhooks[-1].visit + 1
        accept(self.store.inbox, self.shops, backlog.webhooks)
        return backlog


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Fill one database with few and one with many events, then measure on both in turns."""
    many = int(os.environ.get("BENCH_EVENTS", QUICK_MANY if environment.is_quick else MANY))
    with environment.new_store(database) as (small_url, small_store), environment.new_store(database) as (big_url, big_store):
        small = Full(environment, database, small_url, small_store, stored=FEW)
        began = time.monotonic()
        big = Full(environment, database, big_url, big_store, stored=many)
        filled = time.monotonic() - began
        found = {name: _both(work, small, big) for name, work in WORK.items()}
        small.store.close()
        big.store.close()
        found["drain"] = _drain(small, big)
        found["prepare"] = _prepare(small, big)
    how = f"{FEW:,} and {many:,} stored events (filled in {filled:.0f} s)"
    return [_figure(database, name, rounds, how) for name, rounds in found.items()]


def _figure(database: str, name: str, rounds: Rounds, how: str) -> Figure:
    """The middle of the rounds' ratios: each compares two neighbouring seconds."""
    few, many = median(few for few, _ in rounds), median(many for _, many in rounds)
    return Figure(
        part="growth", database=database, what=f"{name}: many / few", value=median(many / few for few, many in rounds),
        at_least=AT_LEAST, detail=f"{few:,.0f}/s and {many:,.0f}/s with {how}",
    )  # fmt: skip


def _both(work: Work, small: Full, big: Full) -> Rounds:
    """The rates on each, in turns; the first round, which warms up, is left out."""
    rounds = QUICK_ROUNDS if small.environment.is_quick else ROUNDS
    return [(work(small), work(big)) for _ in range(rounds + 1)][1:]


def _drain(small: Full, big: Full) -> Rounds:
    rates: list[tuple[float, float]] = []
    rounds, each = (1, QUICK_DRAIN_EACH) if small.environment.is_quick else (DRAIN_ROUNDS, DRAIN_EACH)
    for _ in range(rounds):
        for full in (small, big):
            full.wait_for(DRAIN_ACCOUNTS, each)
        rates.append((_drained(small, each), _drained(big, each)))
    return rates


def _drained(full: Full, each: int) -> float:
    return drained(full.environment, full.url, full.database, count=DRAIN_ACCOUNTS * each)


def _prepare(small: Full, big: Full) -> Rounds:
    with running_store_api() as stores:
        rounds = 1 if small.environment.is_quick else PREPARE_ROUNDS
        return [(_prepared(small, stores), _prepared(big, stores)) for _ in range(rounds)]


def _prepared(full: Full, stores: str) -> float:
    """Webhooks that were translated, planned and sent."""
    count = QUICK_PREPARED if full.environment.is_quick else PREPARED
    backlog = full.accept(count)
    rate = prepared(full.environment, full.database, full.url, full.store, stores=stores, posts=backlog.posts)
    full.store.close()
    return rate * len(backlog.webhooks) / backlog.posts


# ------------------------------------------------------------------ what is measured, per second


def _accept(full: Full) -> float:
    """Durable commits from sixteen threads; the webhooks are never read."""
    started = full.next_id * 1_000_000 + time.time_ns() % 1_000_000
    body = a_webhook()

    def one(number: int) -> None:
        shop: Shop = full.shops[number % SHOPS]
        webhook = VerifiedWebhook(shop=shop, topic="themes/publish", key=f"bench-{started + number}", body=body)
        assert full.store.inbox.receive(webhook, now=clock.now())

    with ThreadPoolExecutor(16) as pool:
        began = time.perf_counter()
        list(pool.map(one, range(ACCEPTED)))
        rate = ACCEPTED / (time.perf_counter() - began)
    _close_webhooks(full)
    return rate


def _close_webhooks(full: Full) -> None:
    """What was only accepted must not be prepared while workers are measured."""
    with full.store.database.write() as connection:
        connection.execute(update(tables.webhooks).where(tables.webhooks.c.due_at.is_not(None)).values(CLOSED))


def _claim(full: Full) -> float:
    """Deliveries claimed, as many at once as a worker usually has free slots."""
    full.wait_for(CLAIM_ACCOUNTS, CLAIM_EACH)
    count, began = 0, time.perf_counter()
    while taken := full.store.deliveries.claim(limit=CLAIM_SLOTS, now=clock.now(), lease=LEASE):
        count += len(taken)
    rate = count / (time.perf_counter() - began)
    assert count >= CLAIM_ACCOUNTS
    _forget_waiting(full)
    return rate


def _forget_waiting(full: Full) -> None:
    """What was claimed must not be there in the next round, nor be drained."""
    with full.store.database.write() as connection:
        connection.execute(delete(tables.deliveries).where(tables.deliveries.c.due_at.is_not(None)))
        connection.execute(delete(tables.destinations))


def _log(filter: Callable[[Full], DeliveryFilter]) -> Work:
    def look(full: Full) -> float:
        began = time.perf_counter()
        for _ in range(LOOKS):
            full.store.log.list(filter(full))
        return LOOKS / (time.perf_counter() - began)

    return look


WORK: Mapping[str, Work] = {
    "accept": _accept,
    "claim": _claim,
    "log, newest": _log(lambda full: DeliveryFilter(shop_id=full.shops[0].id)),
    "log, a page further back": _log(lambda full: DeliveryFilter(shop_id=full.shops[0].id, before_id=full.stored // 2)),
    "log, by state": _log(lambda full: DeliveryFilter(shop_id=full.shops[0].id, state=State.DELIVERED)),
    "log, by kind": _log(lambda full: DeliveryFilter(shop_id=full.shops[0].id, kind=EventKind.ORDER_PAID)),
    "log, failed ones, of which there are none": _log(
        lambda full: DeliveryFilter(shop_id=full.shops[0].id, state=State.FAILED)
    ),
}
