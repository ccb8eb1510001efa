"""Accept as a part of the whole run: `bench.accept` on a fresh database of ours."""

from collections.abc import Sequence
from functools import partial

from bench.accept import CONNECTIONS
from bench.accept import measure as accept
from bench.environment import BenchEnvironment
from bench.report import Figure

CORES = 2  #: as many web processes as the machine has cores: the figure to go by


def measure(environment: BenchEnvironment, database: str) -> Sequence[Figure]:
    """As fast as sixteen connections ask, beside the same endpoint that keeps nothing; by one process and by two."""
    return [figure for processes in (1, 2) for figure in _measured(environment, database, processes)]


def _measured(environment: BenchEnvironment, database: str, processes: int) -> list[Figure]:
    rounds, seconds = (2, 1.0) if environment.is_quick else (3, 3.0)
    found = accept(environment.new_url(database), web_processes=processes, rounds=rounds, seconds=seconds)
    assert found.errors == 0
    assert found.rows == found.answered
    assert found.is_durable
    how = f"{CONNECTIONS} connections, 6 KB bodies, {processes} web process(es); {found.rows:,} answered, all stored"
    figure = partial(Figure, part=f"accept, {processes} web", database=database)
    return [
        figure(what="durable / without keeping", value=found.ratio, at_least=0.45, detail=how),
        figure(what="durable", value=found.durable.per_second, unit="/s"),
        figure(what="without keeping", value=found.bare.per_second, unit="/s"),
        figure(what="durable, p50", value=found.durable.p50_ms, unit="ms"),
        figure(what="durable, p99", value=found.durable.p99_ms, unit="ms", at_most=50 if processes == CORES else None),
    ]  # fmt: skip
