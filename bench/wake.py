"""How soon an idle worker hears of a webhook that another process has committed."""

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from queue import SimpleQueue

from bench.environment import BenchEnvironment
from bench.report import Figure, percentile
from plugin import clock
from plugin.domain.shop import Shop
from plugin.ports import Inbox, VerifiedWebhook, WorkSignal
from plugin.storage import open_store
from tests.support.databases import settings_for
from tests.support.many_shops import a_crowd

TIMES, QUICK_TIMES = 200, 20
REST_SECONDS = 0.05  #: between two, so that the listener is idle again
LONGEST = 5.0  #: seconds
AT_MOST = 100  #: milliseconds


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """One store commits, another one's waiting thread writes down when it woke; connections and threads of their own."""
    times = QUICK_TIMES if environment.is_quick else TIMES
    with environment.new_store(database) as (url, store), closing(open_store(settings_for(url))) as idle:
        [shop] = a_crowd(store, [1])
        waits = [wait * 1000 for wait in _waits(store.inbox, idle.wake, shop, times)]
    how = f"{times} commits, {REST_SECONDS * 1000:.0f} ms apart"
    return [
        Figure(part="wake", database=database, what="commit to an idle worker's waking, p99", value=percentile(waits, 0.99),
               unit="ms", at_most=AT_MOST, detail=f"{how}; longest {max(waits):.1f} ms"),
        Figure(part="wake", database=database, what="commit to an idle worker's waking, p50", value=percentile(waits, 0.5),
               unit="ms"),
    ]  # fmt: skip


def _waits(inbox: Inbox, wake: WorkSignal, shop: Shop, times: int) -> list[float]:
    woken, stopping = SimpleQueue[float](), threading.Event()
    listener = threading.Thread(target=_listen, args=(wake, woken, stopping))
    listener.start()
    try:
        return [_one(inbox, woken, shop, number) for number in range(times + 1)][1:]  # at the first it connects
    finally:
        stopping.set()
        listener.join(LONGEST)


def _one(inbox: Inbox, woken: "SimpleQueue[float]", shop: Shop, number: int) -> float:
    """Seconds from a commit to the listener's waking."""
    time.sleep(REST_SECONDS)
    while not woken.empty():  # what it heard of earlier ones
        woken.get()
    webhook = VerifiedWebhook(shop=shop, topic="themes/publish", key=f"wake-{number}", body=b"{}")
    inbox.receive(webhook, now=clock.now())
    committed = time.perf_counter()
    return max(0.0, woken.get(timeout=LONGEST) - committed)


def _listen(wake: WorkSignal, woken: "SimpleQueue[float]", stopping: threading.Event) -> None:
    while not stopping.is_set():
        if wake.wait(REST_SECONDS):
            woken.put(time.perf_counter())
