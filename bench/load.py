"""From a store's webhook to the POST that reaches SendPulse while many arrive: the whole path under load."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bench.day.shops import open_for_the_day
from bench.day.store_api import running_store_api
from bench.environment import WORKERS, BenchEnvironment
from bench.load_sender import SETTLING
from bench.report import Figure, percentile
from tests.support.processes import CHECKOUT

PER_SECOND, SHOPS = 200, 40
SECONDS, QUICK_SECONDS = 20, 5
AT_MOST = 500  #: ms
LONGEST_WAIT = 15.0  #: seconds after the last webhook; what has not left by then counts as that late
MOST_LATE = 50  #: ms: a generator that is later says less of the app than of itself
WEB = {"sqlite": 1, "postgresql": 2}  #: processes

Sent = Mapping[str, Any]


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Webhooks of a shop's day arrive evenly; each one's event is known again at the stub."""
    seconds = QUICK_SECONDS if environment.is_quick else SECONDS
    with environment.new_store(database) as (url, store), running_store_api() as stores:
        open_for_the_day(store, SHOPS)
        environment.stub.forget()
        changed = {"SHOPIFY_ADMIN_URL": stores, "WEB_CONCURRENCY": str(WEB[database])}
        with environment.app(url, "web", *environment.workers(database), **changed) as [web, *_]:
            time.sleep(3)  # the workers have no page to ask whether they are ready
            sent = _load(int(web.environ["PORT"]), seconds)
            expected = [one for one in sent if one["account"]]
            arrived = _arrivals(environment, expected)
    assert all(one["status"] == 200 for one in sent), "every webhook is accepted"
    return _figures(database, sent, expected, arrived)


def _load(port: int, seconds: int) -> Sequence[Sent]:
    command = [sys.executable, "-m", "bench.load_sender", *map(str, (port, PER_SECOND, seconds, SHOPS))]
    found = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, timeout=seconds + 60)
    sent: Sequence[Sent] = json.loads(found.stdout)
    return sent


def _arrivals(environment: BenchEnvironment, expected: Sequence[Sent]) -> Mapping[tuple[int, str], float]:
    """When each event came that came in time."""
    wanted = {(one["account"], one["mark"]) for one in expected}
    over = time.monotonic() + LONGEST_WAIT
    arrived: Mapping[tuple[int, str], float] = {}
    while time.monotonic() < over:
        arrived = {(account, mark): at for at, account, mark, _ in environment.stub.arrivals()}
        if wanted <= arrived.keys():
            break
        time.sleep(0.5)
    return arrived


def _figures(
    database: str, sent: Sequence[Sent], expected: Sequence[Sent], arrived: Mapping[tuple[int, str], float]
) -> Sequence[Figure]:
    last = max(one["answered_at"] for one in sent) + LONGEST_WAIT
    came = [(one, arrived.get((one["account"], one["mark"]), last)) for one in expected]
    accepted = [max(0.0, at - one["answered_at"]) * 1000 for one, at in came]
    whole = [(at - one["sent_at"]) * 1000 for one, at in came]
    answers = [(one["answered_at"] - one["sent_at"]) * 1000 for one in sent]
    late = percentile([(one["sent_at"] - one["planned_at"]) * 1000 for one in sent], 0.99)
    missing = sum((one["account"], one["mark"]) not in arrived for one in expected)
    how = (
        f"{len(sent):,} webhooks of {SHOPS} shops at {PER_SECOND}/s after {SETTLING:g} s of a quarter, "
        f"{len(expected):,} POSTs, "
        f"{missing:,} of them not within {LONGEST_WAIT:g} s; {WEB[database]} web, {WORKERS[database]} worker(s); "
        f"sent {late:.0f} ms late at p99{', the generator did not keep up' if late > MOST_LATE else ''}"
    )
    figure = partial(Figure, part="load", database=database, unit="ms")
    return [
        figure(what="acceptance to POST, p99", value=percentile(accepted, 0.99), at_most=AT_MOST, detail=how),
        figure(what="acceptance to POST, p50", value=percentile(accepted, 0.5)),
        figure(what="webhook sent to POST, p99", value=percentile(whole, 0.99)),
        figure(what="webhook sent to answer, p99", value=percentile(answers, 0.99)),
    ]  # fmt: skip
