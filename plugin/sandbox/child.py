"""The app itself as a process beside the sandbox, as an operator runs it."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import requests

from plugin.domain.errors import PluginError

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 40.0  #: longer than `serve` gives its own parts
LAST_LINES: Final = 20
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
SERVE: Final = (sys.executable, "-m", "plugin", "serve")


class AppDied(PluginError):
    """The app stopped by itself; the text ends with the last lines it wrote."""


class App:
    """The running app; what it writes goes to a file."""

    def __init__(self, environ: Mapping[str, str], log: Path, command: Sequence[str] = SERVE) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        with log.open("ab") as out:
            self._began_at = out.tell()
            # In a session of its own: Ctrl-C reaches the sandbox only, which then stops the app itself.
            self._process = subprocess.Popen(  # noqa: S603 our own command
                list(command),
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    def wait_until_ready(self, url: str, *, seconds: float = READY_SECONDS) -> None:
        """Return when `url` answers 200; raises `AppDied` when the app ends first or takes too long."""
        end = time.monotonic() + seconds
        with requests.Session() as http:
            http.trust_env = False
            while time.monotonic() < end:
                self.check()
                if _answers(http, url):
                    return
                time.sleep(0.2)
        raise AppDied(f"The app did not become ready within {seconds:.0f} seconds. {self._said()}")

    def check(self) -> None:
        """Raises `AppDied` when the app has ended."""
        status = self._process.poll()
        if status is not None:
            raise AppDied(f"The app stopped with {status}. {self._said()}")

    def stop(self) -> None:
        """End it, at first politely."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _said(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._began_at)
            lines = log.read().decode("utf-8", "replace").splitlines()
        return "\n".join([f"Its last lines in {self._log}:", *(f"  {line}" for line in lines[-LAST_LINES:] or ["(none)"])])


def _answers(http: requests.Session, url: str) -> bool:
    try:
        return http.get(url, timeout=2, allow_redirects=False).ok
    except requests.RequestException:
        return False


def _end_with_parent() -> None:
    """Ask Linux to stop the app when the sandbox is killed, so that it does not hold the port for ever."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
