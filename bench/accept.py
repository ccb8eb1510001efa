"""How fast webhooks are accepted, beside the same endpoint that keeps nothing, in one run."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import func, select, text

from plugin.clock import now
from plugin.config import Settings
from plugin.platforms.shopify.testing import TESTKIT
from plugin.storage import SqlStore, open_store
from plugin.storage.db import tables
from plugin.storage.db.migrate import migrate
from plugin.web.gunicorn_options import gunicorn_arguments

CONNECTIONS = 16
ROUNDS = 5
ROUND_SECONDS = 3.0
WARM_UP_SECONDS = 1.0
START_SECONDS = 30.0
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One endpoint, all rounds together."""

    per_second: float  #: the middle round's
    p50_ms: float
    p99_ms: float
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What one run found. A run counts when `errors` is 0, `rows` is `answered` and the database `is_durable`."""

    durable: Speed  #: the product
    bare: Speed  #: the same without keeping anything
    ratio: float  #: durable / bare, the middle of the rounds: each compares two neighbouring seconds
    answered: int  #: 2xx of the product, warm-up included
    rows: int  #: webhooks in the database afterwards
    is_durable: bool  #: False on a PostgreSQL that commits without writing through
    web_processes: int

    @property
    def errors(self) -> int:
        return self.durable.errors + self.bare.errors


def measure(database_url: str, *, web_processes: int = 1, rounds: int = ROUNDS, seconds: float = ROUND_SECONDS) -> Accepted:
    """Fill a fresh, empty database with webhooks for `rounds` times `seconds`, and time it; about 40 s as it stands."""
    settings, environ = _given(database_url, web_processes)
    migrate(settings)
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(settings)))
        shop, access = TESTKIT.installation()
        store.shops.install(shop, access, now=now())
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="plugin-bench-"))
        ports = [
            stack.enter_context(_serving(application, environ, settings, folder))
            for application in ("plugin.web.wsgi:app", "bench.accept_bare:app")
        ]
        warm = [_load(port, WARM_UP_SECONDS) for port in ports]
        pairs = [(_load(ports[0], seconds), _load(ports[1], seconds)) for _ in range(rounds)]
        durable, bare = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        return Accepted(
            durable=_speed(durable), bare=_speed(bare), ratio=median(_rate(one) / _rate(other) for one, other in pairs),
            answered=warm[0]["stored"] + sum(one["stored"] for one in durable), rows=_rows(store),
            is_durable=_is_durable(store), web_processes=web_processes,
        )  # fmt: skip


def _given(database_url: str, web_processes: int) -> tuple[Settings, dict[str, str]]:
    """What an operator would set, as values and as the environment of the processes."""
    environ = os.environ | dict(TESTKIT.environ)
    environ |= {"DATABASE_URL": database_url, "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    environ |= {"SECRET_KEY": Fernet.generate_key().decode(), "WEB_CONCURRENCY": str(web_processes)}
    return Settings.from_environ(environ), environ


@contextmanager
def _serving(application: str, environ: Mapping[str, str], settings: Settings, folder: str) -> Iterator[int]:
    """The port a gunicorn, started as `sendpulse-plugin web` starts it, serves this application at."""
    port = _free_port()
    counters = Path(folder) / application.partition(":")[0]
    counters.mkdir()
    command = [sys.executable, "-m", "gunicorn", *gunicorn_arguments(replace(settings, port=port), application=application)]
    server = subprocess.Popen(command, cwd=_ROOT, env={**environ, "PROMETHEUS_MULTIPROC_DIR": str(counters)})
    try:
        _wait_until_it_answers(server, port)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn did not start; its own words stand above.")


def _load(port: int, seconds: float) -> Any:
    command = [sys.executable, "-m", "bench.accept_load", str(port), str(seconds), str(CONNECTIONS)]
    found = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, timeout=seconds + 60)
    return json.loads(found.stdout)


def _rate(tally: Mapping[str, Any]) -> float:
    return float(tally["stored"] / tally["seconds"])


def _speed(tallies: Sequence[Mapping[str, Any]]) -> Speed:
    waits = sorted(wait for tally in tallies for wait in tally["waits_ms"])
    cuts = quantiles(waits, n=100)
    return Speed(
        per_second=median(_rate(tally) for tally in tallies), p50_ms=cuts[49], p99_ms=cuts[98],
        errors=sum(tally["errors"] for tally in tallies),
    )  # fmt: skip


def _rows(store: SqlStore) -> int:
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.webhooks)).scalar_one()


def _is_durable(store: SqlStore) -> bool:
    """Whether a commit outlives a power cut."""
    with store.database.read() as connection:
        if store.database.is_sqlite:
            return int(connection.execute(text("PRAGMA synchronous")).scalar_one()) >= 2
        names = ("fsync", "synchronous_commit", "full_page_writes")
        return all(connection.execute(text(f"SHOW {name}")).scalar_one() == "on" for name in names)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
