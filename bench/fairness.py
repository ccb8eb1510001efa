"""One flooded account, one that never answers, and hundreds of small ones: who waits for whom."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from bench.environment import BenchEnvironment
from bench.report import Figure, percentile
from bench.rows import a_crowd, wait_for
from plugin import clock
from plugin.sendpulse.wire import Limits
from tests.support.many_shops import FASTEST
from tests.support.processes import until
from tests.support.stub_sendpulse import DEAD, Stub

FLOODED = 1
FLOOD, HANGING, SMALL, EACH = 3_000, 200, 500, 3
STORED_WITHIN = timedelta(seconds=4)  #: what is due for the small ones is in the database by then
AHEAD_SECONDS = 3.0  #: the flood and the dead account are at work when the small ones come
WATCHED_SECONDS = 36.0  #: three time-outs of the dead account, and a bit
AT_MOST = {"sqlite": 4.0, "postgresql": 2.0}
SILENCE = Limits().silence_seconds  #: that a worker waits for an answer


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """Everything waits in the database; the workers are watched for a bounded time."""
    watched = 12.0 if environment.is_quick else WATCHED_SECONDS
    small = range(100, 100 + SMALL)
    environment.stub.forget()
    with environment.new_store(database) as (url, store):
        [shop] = a_crowd(store, [FLOODED])
        next_id = wait_for(store, shop, [FLOODED], each=FLOOD, due_at=clock.now(), first=1)
        next_id = wait_for(store, shop, [DEAD], each=HANGING, due_at=clock.now(), first=next_id)
        with environment.app(url, *environment.workers(database)):
            until(lambda: environment.stub.count() > 0, "the flood has begun", seconds=20)
            began = time.monotonic()
            time.sleep(AHEAD_SECONDS)
            due_at = clock.now() + STORED_WITHIN
            wait_for(store, shop, small, each=EACH, due_at=due_at, first=next_id)
            assert clock.now() < due_at, "the small accounts' deliveries are stored before they are due"
            until(lambda: _small(environment.stub) >= SMALL * EACH, "the small accounts got theirs", seconds=90, pause=0.5)
            time.sleep(max(0.0, began + watched - time.monotonic()))
        arrivals = environment.stub.arrivals()
    waits = [at - due_at.timestamp() for at, account, _, _ in arrivals if account in small]
    return _figures(database, waits, _moments(arrivals))


def _figures(database: str, waits: Sequence[float], moments: Mapping[int, Sequence[float]]) -> list[Figure]:
    how = f"{SMALL} accounts with {EACH} due at once; flooded: {FLOOD}, dead: {HANGING} waiting"
    fastest = {account: _most_in_a_second(found) for account, found in moments.items()}
    flood, dead = moments[FLOODED], moments[DEAD]
    end = flood[-1]
    spent = sum(min(SILENCE, max(0.0, end - at)) for at in dead) / (end - min(dead))
    figure = partial(Figure, part="fairness", database=database)
    return [
        figure(what="small accounts, due to POST, p99", value=percentile(waits, 0.99), unit="s",
               at_most=AT_MOST[database], detail=how),
        figure(what="small accounts, due to POST, p50", value=percentile(waits, 0.5), unit="s"),
        figure(what="most POSTs of one account in a sliding second", unit="POSTs",
               value=max(fastest.values()), at_most=FASTEST, detail=_spread(fastest)),
        figure(what="flooded account", value=(len(flood) - 1) / (flood[-1] - flood[0]),
               unit="/s", detail=f"allowed {FASTEST}/s"),
        figure(what="dead account, POSTs at a time", value=spent, unit="slots", at_most=1,
               detail=f"{len(dead)} time-outs of {SILENCE:g} s in {end - min(dead):.0f} s"),
    ]  # fmt: skip


def _spread(fastest: Mapping[int, int]) -> str:
    counted = Counter(fastest.values())
    return "POSTs: accounts " + ", ".join(f"{most}: {counted[most]}" for most in sorted(counted, reverse=True)[:3])


def _small(stub: Stub) -> int:
    return sum(FLOODED < account < DEAD for _, account, _, _ in stub.arrivals())


def _moments(arrivals: Sequence[tuple[float, int, str, int]]) -> Mapping[int, Sequence[float]]:
    found: dict[int, list[float]] = defaultdict(list)
    for at, account, _, _ in arrivals:
        found[account].append(at)
    return found


def _most_in_a_second(moments: Sequence[float]) -> int:
    """How many fall into the fullest second that begins with one of them."""
    most, first = 0, 0
    for last, at in enumerate(moments):
        while moments[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    return most
