"""The same work with a few stored events and with very many: what a year of use costs."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median

from sqlalchemy import delete

from bench.drain import drained
from bench.environment import BenchEnvironment
from bench.report import Figure
from bench.rows import a_crowd, a_webhook, remember, wait_for
from plugin import clock
from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter, VerifiedWebhook
from plugin.storage import SqlStore
from plugin.storage.db import tables

FEW, MANY, QUICK_MANY = 1_000, 1_000_000, 50_000
SHOPS = 100
ROUNDS = 7  #: each on the small and on the big database, in turns, so that both see the same machine
AT_LEAST = 0.9
DRAIN_ROUNDS = 7  #: a worker is started for each
ACCEPTED, LOOKS = 1_500, 40  #: webhooks and questions a round
CLAIM_ACCOUNTS, CLAIM_EACH, CLAIM_SLOTS = 400, 1, 8
DRAIN_ACCOUNTS, DRAIN_EACH = 1_000, 5
LEASE = timedelta(seconds=60)

Work = Callable[["Full"], float]
Rounds = Sequence[tuple[float, float]]  #: a rate with few and one with many events, a pair a round


class Full:
    """A database with so many finished events, and what is measured on it."""

    def __init__(self, environment: BenchEnvironment, database: str, url: str, store: SqlStore, *, stored: int) -> None:
        self.environment, self.database, self.url, self.store, self.stored = environment, database, url, store, stored
        self.shops = a_crowd(store, range(1, SHOPS + 1))
        self.next_id = remember(store, self.shops, count=stored, first=1, now=clock.now())
        self.next_account = 10_000

    def wait_for(self, accounts: int, each: int) -> None:
        """More deliveries that are due, each to an account nobody has seen before."""
        numbers = range(self.next_account, self.next_account + accounts)
        self.next_account += accounts
        self.next_id = wait_for(self.store, self.shops[0], numbers, each=each, due_at=clock.now(), first=self.next_id)


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
    return [(work(small), work(big)) for _ in range(ROUNDS + 1)][1:]


def _drain(small: Full, big: Full) -> Rounds:
    rates: list[tuple[float, float]] = []
    for _ in range(1 if small.environment.is_quick else DRAIN_ROUNDS):
        for full in (small, big):
            full.wait_for(DRAIN_ACCOUNTS, DRAIN_EACH)
        rates.append((_drained(small), _drained(big)))
    return rates


def _drained(full: Full) -> float:
    return drained(full.environment, full.url, full.database, count=DRAIN_ACCOUNTS * DRAIN_EACH)


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
        return ACCEPTED / (time.perf_counter() - began)


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
