"""Whether the door holds: service and memory while thousands of connections keep a web process busy with nothing."""

import time
from collections.abc import Sequence
from functools import partial

from bench.environment import BenchEnvironment
from bench.report import Figure, percentile
from bench.rows import a_crowd
from tests.support.door.asking import Asker
from tests.support.door.siege import besieged
from tests.support.processes import Part

CONNECTIONS, UPLOADS = 2_000, 200
SECONDS, QUICK_SECONDS = 40.0, 20.0  #: longer than any of them may take
BETWEEN = 0.05
AT_MOST_MS, AT_MOST_MEGABYTES = 1000, 100


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Ask for health and send signed webhooks throughout a siege, from an address that half of it comes from, too."""
    with environment.new_store(database) as (url, store):
        [shop] = a_crowd(store, [1])
        with environment.app(url, "web") as [web]:
            asker = Asker(int(web.environ["PORT"]), shop)
            calm, before = _ask(asker, web, 2.0)
            with besieged(asker.port, connections=CONNECTIONS, uploads=UPLOADS):
                waits, most = _ask(asker, web, QUICK_SECONDS if environment.is_quick else SECONDS)
    failed = sum(status != 200 for status in asker.statuses)
    how = f"{CONNECTIONS:,} connections of all kinds and {UPLOADS} uploads of 5 and 15 MB, each coming again when turned away"
    figure = partial(Figure, part="door", database=database)
    return [
        figure(what="slowest answer", value=max(waits) * 1000, unit="ms", at_most=AT_MOST_MS, detail=how),
        figure(what="answers, p99", value=percentile(waits, 0.99) * 1000, unit="ms", detail=f"{len(waits):,} answers"),
        figure(what="before the siege, slowest", value=max(calm) * 1000, unit="ms"),
        figure(what="not answered 200", value=failed, unit="answers", at_most=0),
        figure(what="more memory", value=(most - before) / 2**20, unit="MiB", at_most=AT_MOST_MEGABYTES),
    ]  # fmt: skip


def _ask(asker: Asker, web: Part, seconds: float) -> tuple[Sequence[float], int]:
    """What every answer took, and the most memory meanwhile."""
    until, first, most = time.monotonic() + seconds, len(asker.waits), 0
    while time.monotonic() < until:
        asker.ask()
        most = max(most, web.resident_bytes())
        time.sleep(BETWEEN)
    return asker.waits[first:], most
