"""How fast received webhooks become POSTs: translated, routed, written and sent by the usual workers."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.drain import posts_a_second
from bench.environment import WORKERS, BenchEnvironment
from bench.report import Figure
from plugin import clock
from plugin.domain.shop import Shop
from plugin.ports import Inbox, VerifiedWebhook
from tests.support.many_shops import a_crowd, paid
from tests.support.processes import until

COUNT, QUICK_COUNT = 2_000, 300
SHOPS = 100  #: so that no account's pace is what holds it up
LONGEST = 120.0  #: seconds


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Store webhooks, then start the workers."""
    count = QUICK_COUNT if environment.is_quick else COUNT
    with environment.new_store(database) as (url, store):
        _receive(store.inbox, a_crowd(store, range(1, SHOPS + 1)), count)
        environment.stub.forget()
        with environment.app(url, *environment.workers(database)):
            until(lambda: environment.stub.count() >= count, f"{count} webhooks became POSTs", seconds=LONGEST, pause=0.25)
    how = f"{count:,} waiting webhooks of {SHOPS} shops, {WORKERS[database]} worker(s)"
    rate = posts_a_second(environment.stub)
    return [
        Figure(
            part="prepare", database=database, what="webhooks translated, routed and sent", value=rate, unit="/s", detail=how
        )
    ]


def _receive(inbox: Inbox, shops: Sequence[Shop], count: int) -> None:
    def one(number: int) -> None:
        shop = shops[number % len(shops)]
        webhook = VerifiedWebhook(shop=shop, topic="orders/paid", key=str(number), body=paid(shop, number).body)
        inbox.receive(webhook, now=clock.now())

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(1, count + 1)))
