"""How fast prepared deliveries leave, beside a bare loop of threads that posts the same bodies to the same stub."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from itertools import pairwise
from statistics import mean, median

from bench.bare import ACCOUNTS
from bench.environment import WORKERS, BenchEnvironment
from bench.report import Figure
from bench.rows import a_crowd, tidy, wait_for
from plugin import clock
from plugin.storage import SqlStore
from tests.support.processes import CHECKOUT, until
from tests.support.stub_sendpulse import Stub

EACH = 20  #: deliveries an account
SHOPS = 20  #: that share the accounts: one alone has at most half of a worker
QUICK_EACH = 3
ROUNDS = 5
THREADS = 8  #: of a bare loop, in each process
AT_LEAST = {"sqlite": 0.6, "postgresql": 0.9}
LONGEST = 90.0  #: seconds


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Fill, send with as many workers as are usual, and let as many bare processes send before and after; several times."""
    each, rounds = (QUICK_EACH, 1) if environment.is_quick else (EACH, ROUNDS)
    count, workers = ACCOUNTS * each, WORKERS[database]
    beside, sent = [bare(environment.stub, count=count, processes=workers)], []
    for _ in range(rounds):
        with environment.new_store(database) as (url, store):
            _prepare(store, each)
            sent.append(drained(environment, url, database, count=count))
        beside.append(bare(environment.stub, count=count, processes=workers))
    ratios = [rate / mean(around) for rate, around in zip(sent, pairwise(beside), strict=True)]
    how = f"{count:,} deliveries over {ACCOUNTS:,} accounts, {workers} worker(s); bare: {workers} x {THREADS} threads"
    figure = partial(Figure, part="drain", database=database)
    return [
        figure(what="sent / bare loop", value=median(ratios), at_least=AT_LEAST[database],
               detail=f"{how}; {listed(ratios, '.2f')}"),
        figure(what="deliveries sent", value=median(sent), unit="/s", detail=listed(sent, ".0f")),
        figure(what="bare loop", value=median(beside), unit="/s", detail=listed(beside, ".0f")),
    ]  # fmt: skip


def drained(environment: BenchEnvironment, url: str, database: str, *, count: int) -> float:
    """Start the workers; deliveries a second from the first POST to the last."""
    environment.stub.forget()
    with environment.app(url, *environment.workers(database)):
        until(lambda: environment.stub.count() >= count, f"{count} deliveries are sent", seconds=LONGEST, pause=0.25)
    return posts_a_second(environment.stub)


def bare(stub: Stub, *, count: int, processes: int) -> float:
    """POSTs a second of bare threads, in as many processes as there are workers."""
    stub.forget()
    command = [sys.executable, "-m", "bench.bare", stub.url, str(count // processes), str(THREADS)]
    with ExitStack() as stack:
        started = [stack.enter_context(subprocess.Popen(command, cwd=CHECKOUT)) for _ in range(processes)]
        assert [process.wait(LONGEST) for process in started] == [0] * processes
    return posts_a_second(stub)


def _prepare(store: SqlStore, each: int) -> None:
    next_id = 1
    for number, shop in enumerate(a_crowd(store, range(1, SHOPS + 1)), 1):
        accounts = range(number, ACCOUNTS + 1, SHOPS)
        next_id = wait_for(store, shop, accounts, each=each, due_at=clock.now(), first=next_id)
    tidy(store)


def listed(values: Sequence[float], form: str) -> str:
    """The rounds' values, for the table."""
    return ", ".join(format(value, form) for value in values)


def posts_a_second(stub: Stub) -> float:
    """From the first POST that came to the last."""
    moments = [at for at, _, _, _ in stub.arrivals()]
    return (len(moments) - 1) / (max(moments) - min(moments))
