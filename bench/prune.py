"""How fast old events go, and how long one step takes: `python -m bench.prune [--rows N]`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import click

from plugin.domain.shop import Shop
from plugin.storage import SqlStore, open_store
from plugin.storage.db.migrate import migrate
from plugin.upkeep.prune import Pruner
from tests.support.builders import NOON
from tests.support.databases import DURABLE, missing_postgresql, running_cluster, settings_for
from tests.support.storage import old_rows

CHUNK = 1_000  #: rows filled in by one statement


@click.command()
@click.option("--rows", default=100_000, help="Old events, each with a webhook, a delivery and an attempt; as many young ones.")
def main(rows: int) -> None:
    """Clear away on each database there is, and print what it took."""
    for name in ("sqlite", "postgresql"):
        if name == "postgresql" and (why := missing_postgresql()):
            click.echo(why)
            continue
        with _database(name) as url:
            click.echo(f"{name}: {_measured(url, rows)}")


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder)}/plugin.db"
    else:
        with running_cluster(DURABLE) as cluster:
            yield cluster.new_database("prune")


def _measured(url: str, rows: int) -> str:
    settings = settings_for(url)
    migrate(settings)
    store = open_store(settings)
    _fill(store, rows)
    changed, steps = _cleared(store)
    store.close()
    took, slowest = sum(steps), quantiles(steps, n=100)[-1]
    return (
        f"{changed} rows in {took:.1f} s = {changed / took:.0f} rows/s in {len(steps)} steps; "
        f"a step {median(steps) * 1000:.1f} ms in the middle, {slowest * 1000:.1f} ms p99, {max(steps) * 1000:.0f} ms at most"
    )


def _fill(store: SqlStore, rows: int) -> None:
    shop = store.shops.install(Shop(id=0, platform="shopify", address="demo.myshopify.com"), {}, now=NOON)
    for days in (40, 1):
        for start in range(0, rows, CHUNK):
            each = [days - start / rows / 1000] * min(CHUNK, rows - start)
            old_rows.webhooks(store, shop, *each, body=None, topic=f"{days} {start}")
            old_rows.events(store, shop, *each, object_id=f"{days} {start}")


def _cleared(store: SqlStore) -> tuple[int, list[float]]:
    """The rows that went, and the seconds of each step, without the pauses a worker makes."""
    pruner, changed, steps = Pruner(store.retention, days=30, uninstalled_days=30), 0, list[float]()
    while True:
        began = time.perf_counter()
        rows = pruner.step(NOON)
        if not rows:
            return changed, steps
        steps.append(time.perf_counter() - began)
        changed += rows


if __name__ == "__main__":
    main()
