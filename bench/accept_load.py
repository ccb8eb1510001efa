"""A store that sends signed webhooks as fast as they are answered, on a few keep-alive connections.

A process of its own, run as `python -m bench.accept_load PORT SECONDS CONNECTIONS`; its answer is one JSON object.
"""

import json
import random
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import count
from uuid import uuid4

from plugin.platforms.shopify.testing import TESTKIT
from plugin.ports import RawWebhook
from plugin.resources import PACKAGE

BODY_BYTES = 6 * 1024
BODIES = 32  #: different ones, so that compressing them costs what it costs
GRACE_SECONDS = 10.0  #: for the answers still under way at the end
LARGEST_ANSWER = 64 * 1024
_SAMPLE = PACKAGE / "platforms" / "shopify" / "samples" / "order_created.json"


@dataclass(kw_only=True)
class Tally:
    """What was answered."""

    stored: int = 0  #: answers 2xx
    errors: int = 0  #: other answers, and connections that broke or fell silent
    seconds: float = 0.0
    waits_ms: list[float] = field(default_factory=list)


class Requests:
    """Signed requests, ready to send but for their id: each is a new delivery."""

    def __init__(self, *, seed: int) -> None:
        shop, _ = TESTKIT.installation()
        bodies = (a_body(random.Random(seed + number)) for number in range(BODIES))
        self._made = [_cut(TESTKIT.webhook("orders/create", body, shop, key=_PLACE)) for body in bodies]
        self._numbers, self._run = count(), uuid4().hex[:16]

    def next(self) -> bytes:
        number = next(self._numbers)
        before, after = self._made[number % BODIES]
        return b"%b%b-%d%b" % (before, self._run.encode(), number, after)


_PLACE = "the-id-of-this-delivery"


def a_body(chance: random.Random) -> bytes:
    """An order of our own samples, as long as an everyday one."""
    order = json.loads(_SAMPLE.read_bytes())
    order["id"], order["note"] = chance.randrange(10**12), ""
    room = BODY_BYTES - len(json.dumps(order, separators=(",", ":")))
    words = " ".join(f"{chance.getrandbits(24):x}" for _ in range(BODY_BYTES // 4))
    return json.dumps(order | {"note": words[:room]}, separators=(",", ":")).encode()


def _cut(webhook: RawWebhook) -> tuple[bytes, bytes]:
    lines = [f"{name}: {value}" for name, value in webhook.headers.items()]
    lines += ["host: 127.0.0.1", f"content-length: {len(webhook.body)}"]
    head = "\r\n".join(["POST /webhooks/shopify HTTP/1.1", *lines, "", ""]).encode()
    before, after = head.split(_PLACE.encode())
    return before, after + webhook.body


class Line:
    """One connection: a request on its way, and since when."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=GRACE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer, self._sent_at = b"", 0.0

    def send(self, request: bytes) -> None:
        self._answer, self._sent_at = b"", time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> int | None:
        """The answer's status once all of it is here; 0 when the connection broke."""
        part = self.socket.recv(LARGEST_ANSWER)
        self._answer += part
        head, ended, body = self._answer.partition(b"\r\n\r\n")
        if not part:
            return 0
        if not ended or len(body) < _length(head):
            return None
        return int(head[9:12])

    def waited_ms(self) -> float:
        return (time.perf_counter() - self._sent_at) * 1000


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])


def run(port: int, *, seconds: float, connections: int) -> Tally:
    """Send on every connection until the time is up, then wait for what is still unanswered."""
    tally, requests = Tally(), Requests(seed=port)
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for line in [Line(port) for _ in range(connections)]:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(requests.next())
        while selector.get_map() and time.perf_counter() < started + seconds + GRACE_SECONDS:
            for key, _ in selector.select(timeout=1.0):
                is_over = time.perf_counter() >= started + seconds
                _answered(key.data, tally, selector, None if is_over else requests)
        tally.errors += len(selector.get_map())
    tally.seconds = time.perf_counter() - started
    return tally


def _answered(line: Line, tally: Tally, selector: selectors.BaseSelector, requests: Requests | None) -> None:
    """Count the answer, when it is whole, and send the next."""
    try:
        status = line.status()
    except OSError:
        status = 0
    if status is None:
        return
    tally.waits_ms.append(round(line.waited_ms(), 3))
    if 200 <= status < 300:
        tally.stored += 1
    else:
        tally.errors += 1
    if requests and status:
        line.send(requests.next())
        return
    selector.unregister(line.socket)
    line.socket.close()


if __name__ == "__main__":
    port, seconds, connections = sys.argv[1:]
    print(json.dumps(asdict(run(int(port), seconds=float(seconds), connections=int(connections)))))
