"""The app as its operator runs it: real processes, real HTTP, killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import requests

from plugin.sandbox.serving import free_port
from tests.support.processes import START_SECONDS

T = TypeVar("T")
CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass
class RunningApp:
    """`serve` as a process of its own."""

    environ: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    url: str = field(default="")

    def command(self, *words: str, input: str = "") -> str:
        """Run one command to its end; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "plugin", *words],
            env=self.environ, input=input, capture_output=True, text=True, timeout=60, cwd=CHECKOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "plugin", "serve"]
            self.process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log, cwd=CHECKOUT)
        until(self._is_ready, "the app is ready", seconds=START_SECONDS)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)

    def kill(self) -> None:
        """Pull the plug: no time to finish anything."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def _is_ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, f"the app ended by itself, see {self.log}"
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False


@contextmanager
def running_app(folder: Path, database_url: str, environ: Mapping[str, str]) -> Iterator[RunningApp]:
    """The app over this database, migrated but not started; its lines are counted on SQLite, which makes it half as quick."""
    port = free_port()
    usual = inherited(is_covered=database_url.startswith("sqlite"))
    app = RunningApp(
        environ={**usual, "DATABASE_URL": database_url, "PORT": str(port), "PLUGIN_SANDBOX": "1", **environ},
        log=folder / "app.log",
        url=f"http://127.0.0.1:{port}",
    )
    app.command("migrate")
    try:
        yield app
    finally:
        app.stop()


def inherited(*, is_covered: bool) -> dict[str, str]:
    """What a process of ours needs of this one's environment; coverage's own variables where its lines count."""
    wanted = ("PATH", "HOME", "LANG")
    kept = {name: value for name, value in os.environ.items() if name in wanted}
    counting = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    return kept | counting if is_covered else kept


def until(question: Callable[[], T], what: str, *, seconds: float = 20) -> T:
    """The first true answer; fails with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not in {seconds} s: {what}")
