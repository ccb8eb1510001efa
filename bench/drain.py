"""How fast prepared deliveries leave, beside a bare loop of threads that posts the same bodies to the same stub."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from statistics import mean

from bench.bare import ACCOUNTS
from bench.report import Figure
from bench.rows import a_crowd, wait_for
from bench.stage import WORKERS, Stage
from plugin import clock
from plugin.storage import SqlStore
from tests.processes import CHECKOUT, until
from tests.stub import Stub

EACH = 10  #: deliveries an account
QUICK_EACH = 3
THREADS = 8  #: of a bare loop, in each process
AT_LEAST = {"sqlite": 0.6, "postgresql": 0.9}
LONGEST = 90.0  #: seconds


def measure(stage: Stage, database: str) -> Sequence[Figure]:
    """Fill, send with as many workers as are usual, and let as many bare processes send before and after."""
    each, workers = QUICK_EACH if stage.is_quick else EACH, WORKERS[database]
    before = bare(stage.stub, count=ACCOUNTS * each, processes=workers)
    with stage.new_store(database) as (url, store):
        _prepare(store, each)
        rate = drained(stage, url, database, count=ACCOUNTS * each)
    after = bare(stage.stub, count=ACCOUNTS * each, processes=workers)
    beside = mean((before, after))
    how = f"{ACCOUNTS * each:,} deliveries over {ACCOUNTS:,} accounts, {workers} worker(s); bare: {workers} x {THREADS} threads"
    figure = partial(Figure, part="drain", database=database)
    return [
        figure(what="sent / bare loop", value=rate / beside, at_least=AT_LEAST[database], detail=how),
        figure(what="deliveries sent", value=rate, unit="/s"),
        figure(what="bare loop", value=beside, unit="/s", detail=f"{before:.0f} before, {after:.0f} after"),
    ]  # fmt: skip


def drained(stage: Stage, url: str, database: str, *, count: int) -> float:
    """Start the workers; deliveries a second from the first POST to the last."""
    stage.stub.forget()
    with stage.app(url, *stage.workers(database)):
        until(lambda: stage.stub.count() >= count, f"{count} deliveries are sent", seconds=LONGEST, pause=0.25)
    return posts_a_second(stage.stub)


def bare(stub: Stub, *, count: int, processes: int) -> float:
    """POSTs a second of bare threads, in as many processes as there are workers."""
    stub.forget()
    command = [sys.executable, "-m", "bench.bare", stub.url, str(count // processes), str(THREADS)]
    with ExitStack() as stack:
        started = [stack.enter_context(subprocess.Popen(command, cwd=CHECKOUT)) for _ in range(processes)]
        assert [process.wait(LONGEST) for process in started] == [0] * processes
    return posts_a_second(stub)


def _prepare(store: SqlStore, each: int) -> None:
    [shop] = a_crowd(store, [1])
    wait_for(store, shop, range(1, ACCOUNTS + 1), each=each, due_at=clock.now(), first=1)


def posts_a_second(stub: Stub) -> float:
    """From the first POST that came to the last."""
    moments = [at for at, _, _, _ in stub.arrivals()]
    return (len(moments) - 1) / (max(moments) - min(moments))
