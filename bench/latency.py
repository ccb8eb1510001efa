"""From a store's webhook to the POST that reaches SendPulse, through the running app at an everyday rate."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import requests

from bench.environment import BenchEnvironment
from bench.report import Figure, percentile
from plugin.domain.shop import Shop
from tests.support.many_shops import a_crowd, paid
from tests.support.processes import until

PER_SECOND = 20
SECONDS, QUICK_SECONDS = 20, 5
SHOPS = 40
AT_MOST = {"sqlite": 46, "postgresql": 111}  #: ms


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Send webhooks evenly; each is followed to the stub by its order's number."""
    count = PER_SECOND * (QUICK_SECONDS if environment.is_quick else SECONDS)
    with environment.new_store(database) as (url, store):
        shops = a_crowd(store, range(1, SHOPS + 1))
        environment.stub.forget()
        with environment.app(url, "web", *environment.workers(database)) as [web, *_]:
            time.sleep(3)  # the workers have no page to ask whether they are ready
            _send(web.url, shops, range(-SHOPS, 0), PER_SECOND)  # the first of each opens files and connections
            sent = _send(web.url, shops, range(1, count + 1), PER_SECOND)
            until(lambda: environment.stub.count() >= count + SHOPS, "every webhook became a POST", seconds=30)
    arrived = {order: at for at, _, order, _ in environment.stub.arrivals()}
    waits = [(arrived[str(number)] - at) * 1000 for number, at in sent.items()]
    how = f"{count} webhooks at {PER_SECOND}/s, {SHOPS} shops"
    figure = partial(Figure, part="latency", database=database)
    return [
        figure(what="webhook to POST, p99", value=percentile(waits, 0.99), unit="ms",
               at_most=AT_MOST[database], detail=how),
        figure(what="webhook to POST, p50", value=percentile(waits, 0.5), unit="ms"),
        figure(what="webhook to POST, longest", value=max(waits), unit="ms"),
    ]  # fmt: skip


def _send(url: str, shops: Sequence[Shop], numbers: range, per_second: int) -> dict[int, float]:
    """When each webhook was sent; a slow answer delays none of the others."""
    sent: dict[int, float] = {}

    def one(number: int) -> None:
        webhook = paid(shops[number % len(shops)], number)
        sent[number] = time.time()
        answer = requests.post(f"{url}/webhooks/shopify", data=webhook.body, headers=dict(webhook.headers), timeout=10)
        answer.raise_for_status()

    with ThreadPoolExecutor(16) as pool:
        started, waiting = time.monotonic(), []
        for place, number in enumerate(numbers):
            time.sleep(max(0.0, started + place / per_second - time.monotonic()))
            waiting.append(pool.submit(one, number))
        for done in waiting:
            done.result()
    return sent
