"""A SendPulse that answers at once and remembers when what arrived, as a process of its own.

Quicker and plainer than the pretend SendPulse of the sandbox: it reads no more of a request than it must, so that what
is measured beside it is the app. `python -m tests.support.stub_sendpulse` prints its port and serves until its input ends.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.support.processes import CHECKOUT

DEAD = 9_000_000  #: accounts from here on take a request and never answer
RIGHT_SECRET = "the-right-secret"  #: the only one that is given a token
_ODD = re.compile(r"/id/bad(\d{3})")  #: an event URL whose hash begins so is always answered with this status; 000 never
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ORDER = re.compile(rb'"order_id": ?"?([^",}]+)')
_EMAIL = re.compile(rb'"email": ?"([^"]+)')
_YES = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"result":true}'
_TOKEN = b'{"access_token":"t","token_type":"Bearer","expires_in":3600}'
_WITH_TOKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_TOKEN), _TOKEN)
_NO_TOKEN = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

Arrival = tuple[float, int, str, int]
"""When (seconds since 1970), the account, what the body is about, and the status it was answered; 0 for none.

It is about the order whose id it holds, or about the buyer whose e-mail address it holds.
"""


# ------------------------------------------------------------------ the caller's side


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """A running stub, seen from the test."""

    url: str

    def arrivals(self) -> list[Arrival]:
        """Every request so far, in the order they came."""
        found = requests.get(f"{self.url}/arrivals", timeout=30).json()
        return [(at, account, order, status) for at, account, order, status in found]

    def count(self) -> int:
        """How many requests were answered with yes."""
        return int(requests.get(f"{self.url}/count", timeout=30).text)

    def taken(self) -> Counter[str]:
        """How often each order was taken."""
        return Counter(order for _, _, order, status in self.arrivals() if status == 200)

    def forget(self) -> None:
        """Begin anew."""
        requests.get(f"{self.url}/forget", timeout=30).raise_for_status()

    def behave(self, *, seconds: float = 0, is_busy: bool = False) -> None:
        """From now on take so long for every answer; answer 503 while busy."""
        requests.get(f"{self.url}/behave/{seconds}/{int(is_busy)}", timeout=30).raise_for_status()


@contextmanager
def running_stub(host: str = "127.0.0.1") -> Iterator[Stub]:
    """A stub of our own, ended with us."""
    command = [sys.executable, "-m", "tests.support.stub_sendpulse", host]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield Stub(url=f"http://{host}:{process.stdout.readline().strip()}")
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


# ------------------------------------------------------------------ the server's side


class _Memory:
    """What the connections share."""

    def __init__(self) -> None:
        self.arrivals: list[list[object]] = []
        self.taken = 0
        self.seconds, self.is_busy = 0.0, False

    def look(self, path: str) -> bytes:
        """The pages for onlookers."""
        word, *rest = path.strip("/").split("/")
        if word == "behave":
            self.seconds, self.is_busy = float(rest[0]), rest[1] == "1"
        if word == "forget":
            self.arrivals, self.taken = [], 0
        body = json.dumps(self.arrivals).encode() if word == "arrivals" else str(self.taken).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


class _Connection(asyncio.Protocol):
    def __init__(self, memory: _Memory) -> None:
        self._memory, self._read = memory, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            found = _LENGTH.search(head)
            whole = end + 4 + (int(found.group(1)) if found else 0)
            if len(self._read) < whole:
                return
            body, self._read = self._read[end + 4 : whole], self._read[whole:]
            self._answer(head.split(b" ", 2), body)

    def _answer(self, words: list[bytes], body: bytes) -> None:
        path = words[1].decode()
        if words[0] != b"POST":
            self._say(self._memory.look(path), None)
            return
        if path.startswith("/oauth/"):
            self._say(_WITH_TOKEN if RIGHT_SECRET.encode() in body else _NO_TOKEN, None)
            return
        last, odd = path.rstrip("/").rpartition("/")[2], _ODD.search(path)
        account = int(last) if last.isdigit() else 0  # an event sent by name
        order = _ORDER.search(body) or _EMAIL.search(body)
        arrival: list[object] = [time.time(), account, order.group(1).decode() if order else "", 0]
        self._memory.arrivals.append(arrival)
        if account >= DEAD or (odd and odd.group(1) == "000"):
            return
        answer = _BUSY if self._memory.is_busy else _YES
        if odd:
            answer = f"HTTP/1.1 {odd.group(1)} Odd\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n".encode()
        if self._memory.seconds:
            asyncio.get_running_loop().call_later(self._memory.seconds, self._say, answer, arrival)
        else:
            self._say(answer, arrival)

    def _say(self, answer: bytes, arrival: list[object] | None) -> None:
        """Answer; SendPulse has taken an event whether or not the answer is heard."""
        if arrival is not None:
            arrival[3] = int(answer[9:12])
            self._memory.taken += arrival[3] == 200
        if self._transport:
            self._transport.write(answer)


async def _serve(host: str) -> None:
    memory = _Memory()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(memory), host, 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    # Connections may be open still: nobody waits for them.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
