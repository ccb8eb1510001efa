"""`python -m bench [NAME…] [--quick]`: measure, print the table, keep it in RESULTS.md."""

import sys
import time

import click

from bench import (
    accepting,
    door,
    drain,
    export,
    fair,
    fairness,
    growth,
    kill,
    latency,
    load,
    log,
    memory,
    prepare,
    settle,
    wake,
)
from bench.environment import BenchEnvironment, set_up
from bench.report import Figure, Part, table, write
from tests.support.databases import missing_postgresql

PARTS: dict[str, Part] = {
    "accept": accepting.measure,
    "drain": drain.measure,
    "prepare": prepare.measure,
    "wake": wake.measure,
    "latency": latency.measure,
    "load": load.measure,
    "fairness": fairness.measure,
    "fair": fair.measure,
    "settle": settle.measure,
    "memory": memory.measure,
    "growth": growth.measure,
    "log": log.measure,
    "export": export.measure,
    "kill": kill.measure,
    "door": door.measure,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--quick", is_flag=True, help="Smaller and shorter: to see whether it runs.")
@click.option("--database", "databases", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Only this one.")
def main(names: tuple[str, ...], quick: bool, databases: tuple[str, ...]) -> None:
    """Measure these parts, all of them without a NAME."""
    began = time.monotonic()
    wanted = databases or _databases()
    with set_up(wanted, is_quick=quick) as environment:
        figures = [
            figure for name in names or PARTS for database in wanted for figure in _measured(environment, name, database)
        ]
        click.echo(table(figures))
        if not (names or databases or quick):
            write(figures, environment=environment, command="make bench", seconds=time.monotonic() - began)
    click.echo(f"{time.monotonic() - began:.0f} s in all", err=True)
    missed = [figure for figure in figures if figure.is_met is False]
    sys.exit(f"{len(missed)} figure(s) missed their target." if missed else 0)


def _databases() -> tuple[str, ...]:
    if why := missing_postgresql():
        click.echo(f"Only SQLite is measured: {why}.", err=True)
        return ("sqlite",)
    return ("sqlite", "postgresql")


def _measured(environment: BenchEnvironment, name: str, database: str) -> list[Figure]:
    began = time.monotonic()
    click.echo(f"{name} on {database} …", err=True)
    figures = list(PARTS[name](environment, database))
    click.echo(f"{name} on {database}: {time.monotonic() - began:.0f} s", err=True)
    return figures


if __name__ == "__main__":
    main()
