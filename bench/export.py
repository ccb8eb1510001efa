"""One shop takes its whole log along as a table, while every shop's webhooks keep coming."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from threading import Event, Thread

import requests

from bench.accept_load import a_body
from bench.environment import BenchEnvironment
from bench.log_rows import OTHERS, remember_a_log
from bench.report import Figure, percentile
from bench.rows import a_crowd
from plugin import clock
from plugin.domain.shop import Shop
from plugin.platforms.shopify.testing import TESTKIT
from plugin.ports import RawWebhook

ROWS, QUICK_ROWS = 300_000, 20_000
PER_SECOND = 40  #: webhooks, each sent when it is its time, however late the one before it is answered
ALONE_SECONDS, QUICK_ALONE_SECONDS = 15.0, 4.0
AT_ONCE = 64  #: webhooks on their way
AT_MOST = 300  #: milliseconds
PATH = "/shopify/deliveries/export"


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """One web process: whatever computes there keeps the others waiting."""
    rows = QUICK_ROWS if environment.is_quick else ROWS
    with environment.new_store(database) as (url, store):
        shops = a_crowd(store, (1, 2))
        now = clock.now().replace(minute=0, second=0, microsecond=0)
        remember_a_log(store, shops, count=rows * OTHERS // (OTHERS - 1), now=now)
        with environment.app(url, "web") as [web]:
            with _webhooks(web.url, shops[1]) as alone:
                time.sleep(QUICK_ALONE_SECONDS if environment.is_quick else ALONE_SECONDS)
            with _webhooks(web.url, shops[1]) as beside:
                began = time.monotonic()
                lines = _lines_of(web.url, shops[0])
                seconds = time.monotonic() - began
            held = web.resident_bytes() / 2**20
    assert lines == rows + 1, f"{lines} lines for {rows} deliveries and a head"
    how = f"{PER_SECOND} webhooks/s, 6 KB each; {len(beside)} of them during the export, longest {max(beside):.0f} ms"
    figure = partial(Figure, part="export", database=database)
    return [
        figure(what="webhooks answered during an export, p99", value=percentile(beside, 0.99), unit="ms",
               at_most=AT_MOST, detail=how),
        figure(what="webhooks answered during an export, p50", value=percentile(beside, 0.5), unit="ms"),
        figure(what="webhooks answered without one, p99", value=percentile(alone, 0.99), unit="ms"),
        figure(what="rows exported", value=lines - 1, unit="rows", at_least=rows),
        figure(what="rows written", value=rows / seconds, unit="/s", detail=f"{seconds:.0f} s in all"),
        figure(what="memory of the web process afterwards", value=held, unit="MiB"),
    ]  # fmt: skip


def _lines_of(url: str, shop: Shop) -> int:
    """How many lines the table of all deliveries has."""
    headers = {"Authorization": f"Bearer {TESTKIT.token(shop)}"}
    with closing(requests.get(f"{url}{PATH}", headers=headers, stream=True, timeout=60)) as answer:
        answer.raise_for_status()
        return sum(chunk.count(b"\r\n") for chunk in answer.iter_content(None))


@contextmanager
def _webhooks(url: str, shop: Shop) -> Iterator[list[float]]:
    """Webhooks come meanwhile; afterwards, what each waited for its answer from the moment it was due, in milliseconds."""
    waits, over = list[float](), Event()
    coming = Thread(target=_keep_sending, args=(url, shop, waits, over))
    coming.start()
    try:
        yield waits
    finally:
        over.set()
        coming.join()


def _keep_sending(url: str, shop: Shop, waits: list[float], over: Event) -> None:
    made, run = _made(shop), time.time_ns()
    began, number, sent = time.monotonic(), 0, list[Future[float]]()
    with ThreadPoolExecutor(AT_ONCE) as pool, requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE))
        while not over.is_set():
            due_at = began + number / PER_SECOND
            time.sleep(max(0.0, due_at - time.monotonic()))
            sent.append(pool.submit(_send, session, url, made[number % len(made)], f"{run}-{number}", due_at))
            number += 1
        waits += [one.result() for one in sent]


def _made(shop: Shop) -> list[RawWebhook]:
    return [TESTKIT.webhook("orders/create", a_body(random.Random(seed)), shop, key=_KEY) for seed in range(32)]


_KEY = "the-id-of-this-delivery"


def _send(session: requests.Session, url: str, webhook: RawWebhook, key: str, due_at: float) -> float:
    headers = {name: value.replace(_KEY, key) for name, value in webhook.headers.items()}
    answer = session.post(f"{url}/webhooks/shopify", data=webhook.body, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    return (time.monotonic() - due_at) * 1000
