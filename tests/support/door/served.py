"""gunicorn with our door, started as an operator's is but for the application, and connections to it."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from plugin.sandbox.serving import free_port
from plugin.web.gunicorn_options import gunicorn_arguments
from tests.support.counting import FOR_PROCESSES
from tests.support.databases import settings_for
from tests.support.processes import CHECKOUT, environ_for, until

PATIENCE = 30.0  #: seconds; beyond, something hangs
LOCAL = "127.0.0.1"


@dataclass
class Served:
    """A running door."""

    port: int
    log: Path
    process: "subprocess.Popen[bytes]"
    _open: list[socket.socket] = field(default_factory=list)

    def connect(self, sent: bytes = b"", *, source: str = LOCAL) -> socket.socket:
        """A connection on which this has been sent, from this address of our own."""
        one = socket.create_connection(("::1" if ":" in source else LOCAL, self.port), PATIENCE, (source, 0))
        self._open.append(one)
        if sent:
            one.sendall(sent)
        return one

    def ask(self, sent: bytes, *, source: str = LOCAL) -> bytes:
        """All that is answered until the connection is closed."""
        return everything(self.connect(sent, source=source))

    def told(self, sent: bytes, *, source: str = LOCAL) -> Any:
        """What the application says came through."""
        return json.loads(self.ask(sent, source=source).partition(b"\r\n\r\n")[2])

    def refusals(self) -> dict[str, int]:
        """What the door has counted, by reason."""
        text = self.ask(a_request("GET", "/metrics")).decode()
        found = re.findall(r'plugin_refused_at_door_total\{reason="(\w+)"\} ([0-9.]+)', text)
        return {reason: int(float(count)) for reason, count in found}

    def forget(self) -> None:
        while self._open:
            self._open.pop().close()


def a_request(method: str, path: str, *headers: str, body: bytes = b"", close: bool = True) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: app.example", *headers]
    lines += [f"Content-Length: {len(body)}"] if body else []
    lines += ["Connection: close"] if close else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def everything(one: socket.socket) -> bytes:
    """What comes until the other side closes."""
    came = []
    try:
        while piece := one.recv(65536):
            came.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(came)


def status(answer: bytes) -> int:
    """0 for a connection closed without a word."""
    return int(answer[9:12]) if answer else 0


@contextmanager
def served(
    log: Path, *, files: int = 1024, application: str = "tests.support.door.echo:app", **changed: str
) -> Iterator[Served]:
    """A door with these variables, in a process that may open so many files."""
    database = f"sqlite:///{log.parent}/nothing.db"
    host = changed.get("HOST", LOCAL)
    settings = replace(settings_for(database, **changed), port=(port := free_port()))
    command = [sys.executable, "-m", "gunicorn", *gunicorn_arguments(settings, application=application)]
    limited = ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *command]
    counted = {name: os.environ[name] for name in (FOR_PROCESSES,) if name in os.environ}
    environ = environ_for(database, "http://127.0.0.1:9", **changed, **counted)
    with log.open("ab") as out:
        process = subprocess.Popen(limited, cwd=CHECKOUT, env=environ, stdout=out, stderr=out)
    ours = Served(port=port, log=log, process=process)
    try:
        until(lambda: _answers(host, port), "the door is open", seconds=PATIENCE)
        yield ours
    finally:
        ours.forget()
        process.terminate()
        process.wait(PATIENCE + 10)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), 2):
            return True
    except OSError:
        return False


def wait_out(seconds: float, began: float) -> None:
    time.sleep(max(0.0, began + seconds - time.monotonic()))
