"""How much memory web and worker take while a great many deliveries wait."""

import time
from collections.abc import Sequence
from functools import partial

import requests

from bench.environment import BenchEnvironment
from bench.report import Figure
from bench.rows import a_crowd, wait_for
from plugin import clock
from tests.support.many_shops import paid
from tests.support.processes import Part

BACKLOG, QUICK_BACKLOG = 200_000, 20_000
ACCOUNTS = 2_000
WATCHED_SECONDS, QUICK_SECONDS = 15.0, 5.0
MOST_MEGABYTES = 200


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Watch the processes at work on the backlog while webhooks come in; the highest figure of each."""
    backlog = QUICK_BACKLOG if environment.is_quick else BACKLOG
    with environment.new_store(database) as (url, store):
        [shop] = a_crowd(store, [1])
        wait_for(store, shop, range(1, ACCOUNTS + 1), each=backlog // ACCOUNTS, due_at=clock.now(), first=1)
        environment.stub.forget()
        with environment.app(url, "web", *environment.workers(database)) as parts:
            highest: dict[str, int] = {}
            until, number = time.monotonic() + (QUICK_SECONDS if environment.is_quick else WATCHED_SECONDS), 10**9
            while time.monotonic() < until:
                webhook = paid(shop, number := number + 1)
                answer = requests.post(
                    f"{parts[0].url}/webhooks/shopify", data=webhook.body, headers=dict(webhook.headers), timeout=10
                )
                answer.raise_for_status()
                requests.get(f"{parts[0].url}/metrics", timeout=10).raise_for_status()
                _note(parts, highest)
                time.sleep(0.2)
        how = f"{backlog:,} deliveries wait, {environment.stub.count():,} were sent meanwhile"
    figure = partial(Figure, part="memory", database=database)
    return [
        figure(what=f"{word}, resident", value=peak / 2**20, unit="MiB", at_most=MOST_MEGABYTES, detail=how)
        for word, peak in highest.items()
    ]  # fmt: skip


def _note(parts: Sequence[Part], highest: dict[str, int]) -> None:
    for part in parts:
        highest[part.word] = max(highest.get(part.word, 0), part.resident_bytes())
