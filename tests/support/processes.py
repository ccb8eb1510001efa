"""The app's parts as its operator runs them: real processes, started, killed, frozen and started again."""

import os
import shutil
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

from plugin.platforms import find_testkit
from plugin.sandbox.serving import free_port
from tests.support.databases import ENCRYPTION_KEY, SECRET_KEY

T = TypeVar("T")
CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0  #: on a machine that does much else; who ended by itself is waited for no longer


@dataclass
class Part:
    """`python -m plugin <word>` as a process group of its own."""

    word: str
    environ: dict[str, str]
    log: Path
    before: tuple[str, ...] = ()  #: a command in front of it, such as one that enters a network namespace
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        command = [*self.before, *_dies_with_us(), sys.executable, "-m", "plugin", self.word]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environ, stdout=log, stderr=log, cwd=CHECKOUT, start_new_session=True
            )
        if self.word == "web":
            until(self._is_ready, "web is ready", seconds=START_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send it to every process of the group."""
        assert self.process
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """Pull the plug: no time to finish anything."""
        assert self.process
        self.signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """Ask it to finish what is in hand; pull the plug when it does not."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environ['PORT']}"

    def resident_bytes(self) -> int:
        """The resident memory of its biggest process."""
        assert self.process
        return max(_resident(pid) for pid in (self.process.pid, *_children(self.process.pid)))

    def _is_ready(self) -> bool:
        assert self.process
        assert self.process.poll() is None, f"{self.word} ended by itself, see {self.log}"
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False


def environ_for(database_url: str, sendpulse_url: str, **changed: str) -> dict[str, str]:
    """What an operator would set, with SendPulse played at this address."""
    usual = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ours = {
        "DATABASE_URL": database_url, "ENCRYPTION_KEYS": ENCRYPTION_KEY, "SECRET_KEY": SECRET_KEY, "PLUGIN_SANDBOX": "1",
        "SENDPULSE_EVENTS_URL": sendpulse_url, "SENDPULSE_API_URL": sendpulse_url,
    }  # fmt: skip
    return {**usual, **find_testkit("shopify").environ, **ours, **changed}


@contextmanager
def running(*words: str, environ: Mapping[str, str], log: Path) -> Iterator[list[Part]]:
    """These parts over one database, started; stopped at the end."""
    port = str(free_port())
    parts = [Part(word=word, environ={**environ, "PORT": port}, log=log) for word in words]
    try:
        for part in parts:
            part.start()
        yield parts
    finally:
        for part in parts:
            part.stop()


def until(question: Callable[[], T], what: str, *, seconds: float = 20, pause: float = 0.05) -> T:
    """The first true answer; fails with `what` when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(pause)
    raise AssertionError(f"not in {seconds} s: {what}")


def _dies_with_us() -> list[str]:
    """End the part also when the tests are killed; Linux counts the end of the thread that started it as ours."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident(pid: int) -> int:
    """VmRSS; the pages a forked process shares with its parent are counted too."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
