"""The app under load, with everything of it that can be killed; what became of each round of kills."""

import random
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from plugin.domain.shop import Shop
from plugin.storage import SqlStore, open_store
from plugin.storage.db.migrate import migrate
from tests.support.databases import DURABLE, Cluster, running_cluster, settings_for
from tests.support.faults.checker import Account, account_for, open_attempts, orders_of
from tests.support.many_shops import a_crowd, paid
from tests.support.processes import Part, environ_for, running, until
from tests.support.stub_sendpulse import Stub, running_stub

ORDERS = 150  #: a round
ANSWER_SECONDS = 0.05  #: so that some requests are always on their way
OUTAGE_SECONDS = 0.5  #: of a killed database
FIRST_REST, REST_A_ROUND = 60.0, 15.0  #: seconds: leases run out, and one worker works off what came faster than it prepares


@dataclass(frozen=True)
class Round:
    """The orders sent between two kills."""

    number: int
    target: str
    account: Account
    orphaned: int  #: attempts of theirs that were on their way at any kill

    @property
    def is_beyond(self) -> bool:
        """Whether more was repeated, or called uncertain, than was on its way."""
        return max(self.account.repeated, self.account.uncertain) > self.orphaned


@dataclass(frozen=True)
class Verdict:
    """What became of everything."""

    rounds: Sequence[Round]
    account: Account
    acknowledged: int
    in_flight: int  #: attempts that were on their way at the kills


@dataclass
class Site:
    """The app over one database, with everything that can be killed."""

    store: SqlStore
    shops: list[Shop]
    stub: Stub
    web: Part
    worker: Part
    cluster: Cluster | None
    acknowledged: set[str] = field(default_factory=set)
    orphaned: set[int] = field(default_factory=set)  #: attempts that were open when their worker or database died

    def send(self, number: int) -> None:
        """One webhook, again and again until it is acknowledged, as a store does."""
        webhook = paid(self.shops[number % len(self.shops)], number)
        until(lambda: self._is_taken(webhook.body, dict(webhook.headers)), "the webhook is acknowledged", seconds=60)
        self.acknowledged.add(str(number))

    def kill(self, target: str) -> int:
        """Kill it and start it again; how many attempts were on their way."""
        self._supervise()
        if target == "web":
            self.web.kill()
            self.web.start()
            return 0
        new = self._kill_worker() if target == "worker" else self._kill_database()
        self.orphaned |= new
        return len(new)

    def has_nothing_left(self) -> bool:
        """Whether every acknowledged webhook came to its end."""
        self._supervise()
        return not account_for(self.store, self.acknowledged, self.stub.taken()).waiting

    def _supervise(self) -> None:
        """Start the worker again when it ended by itself, as whoever runs it does: without a database it does not start."""
        assert self.worker.process
        if self.worker.process.poll() is not None:
            self.worker.start()

    def _kill_worker(self) -> set[int]:
        self.worker.kill()
        new = open_attempts(self.store) - self.orphaned
        self.worker.start()
        return new

    def _kill_database(self) -> set[int]:
        assert self.cluster
        self.cluster.kill()
        time.sleep(OUTAGE_SECONDS)
        self.worker.signal(signal.SIGSTOP)  # it begins nothing while what was on its way is counted
        self.cluster.start_again()
        new = open_attempts(self.store) - self.orphaned
        self.worker.signal(signal.SIGCONT)
        return new

    def _is_taken(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            return requests.post(f"{self.web.url}/webhooks/shopify", data=body, headers=headers, timeout=5).status_code == 200
        except requests.RequestException:
            return False


@contextmanager
def running_site(database: str, folder: Path) -> Iterator[Site]:
    """Web and worker over a durable database of their own, sending to a stub."""
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(DURABLE)) if database == "postgresql" else None
        url = cluster.new_database("plugin") if cluster else f"sqlite:///{folder}/plugin.db"
        migrate(settings_for(url))
        store = open_store(settings_for(url))
        stack.callback(store.close)
        stub = stack.enter_context(running_stub())
        stub.behave(seconds=ANSWER_SECONDS)
        shops = a_crowd(store, range(1, 41))
        parts = running("web", "worker", environ=environ_for(url, stub.url), log=folder / "app.log")
        web, worker = stack.enter_context(parts)
        yield Site(store, shops, stub, web, worker, cluster)


def kill_in_rounds(site: Site, rounds: int, *, seed: int) -> Verdict:
    """Load, and a kill -9 in the middle of it, so often for each part; each round is printed."""
    chance = random.Random(seed)
    targets = ["web", "worker", *(["database"] if site.cluster else [])] * rounds
    chance.shuffle(targets)
    print(f"\nseed {seed}, {ORDERS} webhooks a round")
    in_flight = sum(_round(site, number, target, chance) for number, target in enumerate(targets))
    until(site.has_nothing_left, "all left", seconds=FIRST_REST + REST_A_ROUND * rounds, pause=1)
    account = account_for(site.store, site.acknowledged, site.stub.taken())
    verdict = Verdict(_rounds(site, targets), account, len(site.acknowledged), in_flight)
    print(f"in all: {account.row()}, in flight at the kills {in_flight}")
    return verdict


def _round(site: Site, number: int, target: str, chance: random.Random) -> int:
    """Load, and a kill in the middle of it; how many attempts were on their way."""
    orders = _orders(number)
    after, delay = len(site.acknowledged) + chance.randrange(5, int(ORDERS * 0.8)), chance.uniform(0, 0.03)
    with ThreadPoolExecutor(4) as pool:
        sent = pool.map(site.send, orders)
        until(lambda: len(site.acknowledged) >= after, "enough is acknowledged", seconds=60, pause=0.002)
        time.sleep(delay)
        in_flight = site.kill(target)  # by this thread: what a thread starts may be told to end with it
        list(sent)
    return in_flight


def _rounds(site: Site, targets: list[str]) -> list[Round]:
    """What became of each round, printed too. What is on its way at a kill may be of an earlier round: it counts there."""
    taken, orphaned = site.stub.taken(), orders_of(site.store, site.orphaned)
    rounds = []
    for number, target in enumerate(targets):
        orders = {str(order) for order in _orders(number)}
        account = account_for(site.store, orders, taken)
        rounds.append(Round(number + 1, target, account, sum(orphaned[order] for order in orders)))
        print(f"round {number + 1:3} kill -9 {target:8} {account.row()}, of its attempts cut short {rounds[-1].orphaned}")
    return rounds


def _orders(number: int) -> range:
    """The orders of a round."""
    first = 1_000_000 + number * ORDERS
    return range(first, first + ORDERS)
