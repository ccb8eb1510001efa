"""Accept as a part of the whole run: `bench.accept` on a fresh database of ours."""

from collections.abc import Sequence
from functools import partial

from bench.report import Figure
from bench.stage import Stage


def measure(stage: Stage, database: str) -> Sequence[Figure]:
    """As fast as sixteen connections ask, beside the same endpoint that keeps nothing."""
    from bench.accept import CONNECTIONS
    from bench.accept import measure as accept

    seconds = {"rounds": 2, "seconds": 1.0} if stage.is_quick else {"rounds": 5, "seconds": 3.0}
    found = accept(stage.new_url(database), rounds=int(seconds["rounds"]), seconds=seconds["seconds"])
    assert found.errors == 0
    assert found.rows == found.answered
    assert found.is_durable
    how = f"{CONNECTIONS} connections, 6 KB bodies, {found.web_processes} web process; {found.rows:,} answered, all stored"
    figure = partial(Figure, part="accept", database=database)
    return [
        figure(what="durable / without keeping", value=found.ratio, at_least=0.4, detail=how),
        figure(what="durable", value=found.durable.per_second, unit="/s"),
        figure(what="without keeping", value=found.bare.per_second, unit="/s"),
        figure(what="durable, p50", value=found.durable.p50_ms, unit="ms"),
        figure(what="durable, p99", value=found.durable.p99_ms, unit="ms", at_most=50),
    ]  # fmt: skip
