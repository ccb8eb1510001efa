"""Where a benchmark plays: a fresh database, a SendPulse that answers at once, the app's real processes."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from plugin.storage import SqlStore, open_store
from plugin.storage.db.migrate import migrate
from tests.support.databases import DURABLE, Cluster, running_cluster, settings_for
from tests.support.processes import Part, environ_for, running
from tests.support.stub_sendpulse import Stub, running_stub

WORKERS = {"sqlite": 1, "postgresql": 2}


@dataclass
class BenchEnvironment:
    """One benchmark run's folder, servers and databases."""

    folder: Path
    stub: Stub
    cluster: Cluster | None
    is_quick: bool = False
    _numbers: Iterator[int] = field(default_factory=count)

    def new_url(self, database: str) -> str:
        """The address of a new, empty, durable database."""
        number = next(self._numbers)
        if database == "sqlite":
            return f"sqlite:///{self.folder}/{number}.db"
        assert self.cluster
        return self.cluster.new_database(f"bench_{number}")

    @contextmanager
    def new_store(self, database: str) -> Iterator[tuple[str, SqlStore]]:
        """A new, migrated database: its address and its store. It is deleted afterwards."""
        url = self.new_url(database)
        migrate(settings_for(url))
        with closing(open_store(settings_for(url))) as store:
            yield url, store
        self._delete(url)

    @contextmanager
    def app(self, url: str, *words: str, **environ: str) -> Iterator[list[Part]]:
        """These parts of the app as processes over this database, sending to the stub."""
        with running(*words, environ=environ_for(url, self.stub.url, **environ), log=self.folder / "app.log") as parts:
            yield parts

    def workers(self, database: str) -> Sequence[str]:
        return ["worker"] * WORKERS[database]

    def _delete(self, url: str) -> None:
        if url.startswith("sqlite:///"):
            for path in self.folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
                path.unlink()
        elif self.cluster:
            self.cluster.drop_database(url.rpartition("/")[2])


@contextmanager
def set_up(databases: Sequence[str], *, is_quick: bool) -> Iterator[BenchEnvironment]:
    """Everything started; stopped and deleted at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plugin-bench-")))
        cluster = stack.enter_context(running_cluster(DURABLE)) if "postgresql" in databases else None
        stub = stack.enter_context(running_stub())
        yield BenchEnvironment(folder=folder, stub=stub, cluster=cluster, is_quick=is_quick)
