"""Thousands of connections that want nothing but to be there, kept up: whoever is turned away comes again.

A process of its own, so that it takes no time from whoever measures: `python -m tests.support.door.siege PORT COUNT UPLOADS`
prints a line once all have come, and goes on until its input ends.
"""

import random
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from plugin.door.machine import raise_file_limit
from plugin.door.sizes import LARGEST_WEBHOOK
from tests.support.processes import CHECKOUT

COMERS = 500  #: new connections a second, at most
TURN_SECONDS = 0.02
CROWD = 64  #: other addresses that take part; half of the siege comes from the address that asks for service, too
_HOST = b"Host: app.example\r\n"
_POST = b"POST /webhooks/shopify HTTP/1.1\r\n" + _HOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one of them behaves: what it sends first, what it sends again and again, and whether it reads."""

    first: bytes
    drop: bytes = b""


KINDS = (
    Kind(first=b""),
    Kind(first=b"GET /livez HTTP/1.1\r\nHos"),
    Kind(first=b"GET /livez HTTP/1.1\r\n" + _HOST + b"X-Long: ", drop=b"a"),
    Kind(first=_POST + b"Content-Length: 1000000\r\n\r\n"),
    Kind(first=_POST + b"Content-Length: 1000000\r\n\r\n{", drop=b" "),
    Kind(first=_POST + b"Transfer-Encoding: chunked\r\n\r\n", drop=b"1\r\n{\r\n"),
    Kind(first=b"GET /livez HTTP/1.1\r\n" + _HOST + b"\r\n"),
    Kind(first=b"GET /static/app.css HTTP/1.1\r\n" + _HOST + b"\r\n" * 2 + b"GET /static/app.css HTTP/1.1\r\n"),
    Kind(first=b"GET / HTTP/1.1\r\nnonsense\r\n\r\n"),
)
_TOO_LARGE = Kind(first=_POST + b"Content-Length: 15000000\r\n\r\n" + b"x" * 65_536, drop=b"x" * 65_536)
_AS_LARGE_AS_ALLOWED = Kind(first=_POST + b"Content-Length: %d\r\n\r\n" % LARGEST_WEBHOOK, drop=b"x" * 65_536)
UPLOADS = (_TOO_LARGE, _AS_LARGE_AS_ALLOWED)


@dataclass
class Siege:
    """All who take part; driven from one loop."""

    port: int
    wanted: list[Kind]
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    came: int = 0
    inside: dict[socket.socket, Kind] = field(default_factory=dict)

    def turn(self) -> None:
        """Let some come, let all who drip send a drop, see who was turned away."""
        for _ in range(min(len(self.wanted), round(COMERS * TURN_SECONDS))):
            self._come(self.wanted.pop())
        for one, kind in list(self.inside.items()):
            if len(kind.drop) > 100 or (kind.drop and not self.chance.randrange(25)):
                with suppress(OSError):
                    one.send(kind.drop)
        for key, _ in self.selector.select(TURN_SECONDS):
            self._heard(key.fileobj)  # type: ignore[arg-type]

    def _come(self, kind: Kind) -> None:
        one = socket.socket()
        source = f"127.0.1.{self.chance.randrange(1, CROWD)}" if self.chance.randrange(2) else "127.0.0.1"
        try:
            one.bind((source, 0))
            one.settimeout(1)
            one.connect(("127.0.0.1", self.port))
            one.setblocking(False)
            one.send(kind.first)
        except OSError:
            one.close()
            self.wanted.insert(0, kind)
            return
        self.came += 1
        self.inside[one] = kind
        self.selector.register(one, selectors.EVENT_READ)

    def _heard(self, one: socket.socket) -> None:
        try:
            if one.recv(65_536):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.selector.unregister(one)
        self.wanted.insert(0, self.inside.pop(one))
        one.close()


@contextmanager
def besieged(port: int, *, connections: int, uploads: int, seconds: float = 60) -> Iterator[None]:
    """These many connections and uploads, all come within the block or before it; gone after it."""
    command = [sys.executable, "-m", "tests.support.door.siege", *map(str, (port, connections, uploads))]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as siege:
        try:
            yield
        finally:
            siege.kill()


def main(port: int, connections: int, uploads: int) -> None:
    raise_file_limit()
    kinds = [KINDS[number % len(KINDS)] for number in range(connections)]
    kinds += [UPLOADS[number % len(UPLOADS)] for number in range(uploads)]
    siege = Siege(port, kinds)
    siege.chance.shuffle(siege.wanted)
    while True:
        siege.turn()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
