"""How fast accepted webhooks become POSTs, beside a bare loop of threads that posts as many ready bodies to the same stub."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import mean, median

from sqlalchemy import select

from bench.day.mix import Told, webhooks
from bench.day.shops import open_for_the_day
from bench.day.store_api import ANSWER_SECONDS, running_store_api
from bench.drain import THREADS, bare, listed, posts_a_second
from bench.environment import WORKERS, BenchEnvironment
from bench.report import Figure
from bench.rows import tidy
from plugin import clock
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.ports import Inbox, VerifiedWebhook
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.support.processes import until

COUNT, QUICK_COUNT = 2_000, 600
ROUNDS = 3
SHOPS = 100  #: each with an account for each kind of event, so that no account's pace is what holds it up
ACCOUNTS = SHOPS * len(EventKind)
AT_LEAST = 0.3
WAITING = (tables.webhooks, tables.events, tables.deliveries)
LONGEST = 180.0  #: seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits to be prepared, and what must become of it."""

    webhooks: Sequence[Told]
    posts: int
    events: int


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Webhooks wait in the database when the workers start; several times with all products known, then with none."""
    rounds, count = (1, QUICK_COUNT) if environment.is_quick else (ROUNDS, COUNT)
    backlog = a_backlog(count)
    workers = WORKERS[database]
    beside, sent = [bare(environment.stub, count=backlog.posts, processes=workers)], []
    with running_store_api() as stores:
        for is_warm in [*[True] * rounds, False]:
            sent.append(_sent(environment, database, stores, backlog, is_warm=is_warm))
            beside.append(bare(environment.stub, count=backlog.posts, processes=workers))
    ratios = [rate / mean(around) for rate, around in zip(sent, pairwise(beside), strict=True)]
    return _figures(database, backlog, sent, ratios, beside)


def a_backlog(count: int, *, first: int = 1) -> Backlog:
    told = webhooks(count, now=clock.now(), first=first)
    return Backlog(webhooks=told, posts=sum(one.posts for one in told), events=sum(one.events for one in told))


def accept(inbox: Inbox, shops: Sequence[Shop], told: Sequence[Told]) -> None:
    """Store them as the web process does, each visit's to one of the shops."""

    def one(number: int) -> None:
        webhook, shop = told[number], shops[told[number].visit % len(shops)]
        inbox.receive(
            VerifiedWebhook(shop=shop, topic=webhook.topic, key=f"day-{webhook.visit}-{number}", body=webhook.body),
            now=clock.now(),
        )

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(len(told))))


def _sent(environment: BenchEnvironment, database: str, stores: str, backlog: Backlog, *, is_warm: bool) -> float:
    with environment.new_store(database) as (url, store):
        accept(store.inbox, open_for_the_day(store, SHOPS, is_warm=is_warm), backlog.webhooks)
        tidy(store)
        rate = prepared(environment, database, url, store, stores=stores, posts=backlog.posts)
        found = environment.stub.count()
        assert found == backlog.posts, f"{found} POSTs where {backlog.posts} were due"
    return rate


def prepared(environment: BenchEnvironment, database: str, url: str, store: SqlStore, *, stores: str, posts: int) -> float:
    """Start the workers and let them come to the end; POSTs a second, from the first to the last."""
    environment.stub.forget()
    with environment.app(url, *environment.workers(database), SHOPIFY_ADMIN_URL=stores):
        until(lambda: environment.stub.count() >= posts, f"{posts} POSTs came", seconds=LONGEST, pause=0.25)
        until(lambda: is_prepared(store), "nothing waits any more", seconds=LONGEST, pause=0.25)
    return posts_a_second(environment.stub)


def is_prepared(store: SqlStore) -> bool:
    """Whether nothing waits to be translated, planned or sent."""
    with store.database.read() as connection:
        open_rows = [select(table.c.id).where(table.c.due_at.is_not(None)).limit(1) for table in WAITING]
        return all(connection.execute(query).first() is None for query in open_rows)


def _figures(
    database: str, backlog: Backlog, sent: Sequence[float], ratios: Sequence[float], beside: Sequence[float]
) -> Sequence[Figure]:
    """The last round is the cold one."""
    [*warm, cold], workers = sent, WORKERS[database]
    webhooks, per_post = len(backlog.webhooks), median(warm) / backlog.posts
    how = (
        f"{webhooks:,} waiting webhooks of {SHOPS} shops became {backlog.events:,} events and {backlog.posts:,} POSTs over "
        f"{ACCOUNTS:,} accounts, {workers} worker(s), first POST to last; bare: {workers} x {THREADS} threads"
    )
    figure = partial(Figure, part="prepare", database=database)
    return [
        figure(what="sent / bare loop", value=median(ratios[:-1]), at_least=AT_LEAST,
               detail=f"{how}; {listed(ratios[:-1], '.2f')}"),
        figure(what="sent / bare loop, no product known", value=ratios[-1],
               detail=f"stores answer after {ANSWER_SECONDS * 1000:.0f} ms"),
        figure(what="webhooks prepared and sent", value=per_post * webhooks, unit="/s", detail=listed(
            [rate * webhooks / backlog.posts for rate in warm], ".0f")),
        figure(what="events prepared and sent", value=per_post * backlog.events, unit="/s"),
        figure(what="webhooks, no product known", value=cold * webhooks / backlog.posts, unit="/s"),
        figure(what="bare loop", value=median(beside), unit="/s", detail=listed(beside, ".0f")),
    ]  # fmt: skip
