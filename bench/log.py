"""A million deliveries of one shop: what each look at the log and at its figures takes."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from bench.environment import BenchEnvironment
from bench.log_rows import OTHERS, remember_a_log
from bench.report import Figure, percentile
from bench.rows import a_crowd
from plugin import clock
from plugin.domain.delivery import State
from plugin.domain.kinds import EventKind
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore

MANY, QUICK_MANY = 1_000_000, 50_000
LOOKS = 50  #: of each kind, of which the slowest are told
AT_MOST = 300  #: milliseconds

Look = Callable[[], object]


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Fill one database, count it as a worker would, and look at it in every way a merchant can."""
    many = int(os.environ.get("BENCH_EVENTS", QUICK_MANY if environment.is_quick else MANY))
    many = many * OTHERS // (OTHERS - 1)
    with environment.new_store(database) as (_, store):
        now, began = clock.now().replace(minute=0, second=0, microsecond=0), time.monotonic()
        shops = a_crowd(store, (1, 2))
        sampled = remember_a_log(store, shops, count=many, now=now)
        filled = time.monotonic() - began
        counted = _counted(store, now)
        how = f"{many * (OTHERS - 1) // OTHERS:,} deliveries of the shop (filled in {filled:.0f} s, counted in {counted:.0f} s)"
        looks = {**_pages(store, shops[0].id, sampled, now), **_figures(store, shops[0].id, now)}
        return [_figure(database, name, some, how) for name, some in looks.items()]


def _counted(store: SqlStore, now: datetime) -> float:
    began = time.monotonic()
    while store.statistics.count(now=now + timedelta(hours=2)):
        pass
    return time.monotonic() - began


def _figure(database: str, name: str, looks: Iterator[Look], how: str) -> Figure:
    next(looks)()  # warms up
    took = []
    for _ in range(LOOKS):
        look = next(looks)
        began = time.perf_counter()
        look()
        took.append((time.perf_counter() - began) * 1000)
    detail = f"{LOOKS} looks, p50 {percentile(took, 0.5):.1f} ms, longest {max(took):.1f} ms; {how}"
    return Figure(
        part="log", database=database, what=f"{name}, p95", value=percentile(took, 0.95), unit="ms", at_most=AT_MOST,
        detail=detail,
    )  # fmt: skip


def _pages(store: SqlStore, shop_id: int, sampled: Sequence[int], now: datetime) -> Mapping[str, Iterator[Look]]:
    everything = DeliveryFilter(shop_id=shop_id, limit=50)

    def page(**wanted: Any) -> Iterator[Look]:
        """Now the newest page, now one from further and further back."""
        for index in cycle(range(20)):
            before = None if index % 2 == 0 else sampled[-1] * (20 - index) // 20
            yield _look(store, replace(everything, before_id=before, **wanted))

    def searched(texts: Sequence[str]) -> Iterator[Look]:
        for text in cycle(texts):
            yield _look(store, replace(everything, search=text))

    week = {"since": now - timedelta(days=14), "until": now - timedelta(days=7)}
    return {
        "log: everything": page(),
        "log: failed ones": page(state=State.FAILED),
        "log: waiting ones, of which there are none": page(state=State.WAITING),
        "log: a frequent kind": page(kind=EventKind.ORDER_CREATED),
        "log: a kind one in a hundred": page(kind=EventKind.ORDER_REFUNDED),
        "log: a kind of which there are none": page(kind=EventKind.CUSTOMER_CREATED),
        "log: a frequent language": page(locale="pl-PL"),
        "log: a language one in 20,000": page(locale="uk-UA"),
        "log: a language of which there is none": page(locale="sk"),
        "log: a flow": page(automation_id=101),
        "log: a week of a month": page(**week),
        "log: failed ones of a week": page(state=State.FAILED, **week),
        "log: a rare language, failed": page(locale="uk-UA", state=State.FAILED),
        "log: a kind in a language through a flow, held": page(
            kind=EventKind.ORDER_REFUNDED, locale="en", automation_id=103, state=State.HELD
        ),
        "log: a buyer's address": searched([f"buyer{number}@example.com" for number in sampled]),
        "log: an order's number": searched([f"#{number}" for number in sampled]),
        "log: a product's number": searched([str(1000 + index) for index in range(LOOKS)]),
        "log: a part of 200 products' names": searched(["kubek", "uchem", "z uch"]),
        "log: a product's name, failed": (
            _look(store, replace(everything, search=f"kubek {index}", state=State.FAILED)) for index in cycle(range(200))
        ),
        "log: a text that is nowhere": searched(["nobody@example.com", "#999999999", "nothing like it"]),
    }


def _look(store: SqlStore, filter: DeliveryFilter) -> Look:
    return lambda: store.log.page(filter)


def _figures(store: SqlStore, shop_id: int, now: datetime) -> Mapping[str, Iterator[Look]]:
    def over(days: float) -> Iterator[Look]:
        while True:
            yield lambda: store.statistics.overview(shop_id, since=now - timedelta(days=days), until=now)

    def locales() -> Iterator[Look]:
        while True:
            yield lambda: store.statistics.locales(shop_id, since=now - timedelta(days=30))

    return {"overview: 24 hours": over(1), "overview: 7 days": over(7), "overview: 30 days": over(30), "locales": locales()}
