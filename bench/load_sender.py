"""Stores that send signed webhooks of their day at a steady rate, however long the answers take.

A process of its own, run as `python -m bench.load_sender PORT PER_SECOND SECONDS SHOPS`; its answer is one JSON object.
"""

import json
import selectors
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Final

from bench.accept_load import GRACE_SECONDS, Line
from bench.day.mix import Told, webhooks
from bench.day.shops import account, played
from plugin import clock
from plugin.platforms import find_testkit

CONNECTIONS: Final = 32
SETTLING: Final = 8.0  #: seconds before those that count: each process opens files, reads settings, compiles statements
SLOWER: Final = 4  #: then so much less arrives, for what a cold process leaves behind would be measured for long


@dataclass(kw_only=True)
class Sent:
    """One webhook: seconds since 1970."""

    planned_at: float
    sent_at: float
    answered_at: float = 0.0
    status: int = 0  #: 0 when the connection broke
    account: int  #: its event arrives there; 0 when none leaves
    mark: str


@dataclass(kw_only=True)
class _Sender:
    """Free and busy connections, and what was sent on them."""

    port: int
    free: deque[Line] = field(default_factory=deque)
    under_way: dict[Line, Sent] = field(default_factory=dict)
    done: list[Sent] = field(default_factory=list)
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def open(self, connections: int) -> None:
        for line in [Line(self.port) for _ in range(connections)]:
            self.selector.register(line.socket, selectors.EVENT_READ, line)
            self.free.append(line)

    def send(self, told: Told, request: bytes, *, shops: int, planned_at: float) -> None:
        """Send it on a free connection, as soon as there is one."""
        while not self.free:
            self.hear(1.0)
        line = self.free.popleft()
        number = account(told.visit % shops, told.kind) if told.kind else 0
        self.under_way[line] = Sent(planned_at=planned_at, sent_at=time.time(), account=number, mark=told.mark)
        line.send(request)

    def hear(self, seconds: float) -> None:
        """Take what answers come within the time."""
        for key, _ in self.selector.select(timeout=seconds):
            line: Line = key.data
            status = line.status()
            if status is None:
                continue
            sent = self.under_way.pop(line)
            sent.answered_at, sent.status = time.time(), status
            self.done.append(sent)
            if status:
                self.free.append(line)
            else:
                self.selector.unregister(line.socket)


def run(port: int, *, per_second: float, seconds: float, shops: int) -> list[Sent]:
    """Send each at its time; what is not answered in the end keeps the status 0."""
    sender = _Sender(port=port)
    sender.open(CONNECTIONS)
    first = int(per_second / SLOWER * SETTLING)
    told = webhooks(first + int(per_second * seconds), now=clock.now())
    ready = list(zip(told, _requests(told, shops), strict=True))
    started = time.time()
    for number, (one, request) in enumerate(ready):
        settled = number - first
        planned_at = started + SETTLING + settled / (per_second / SLOWER if settled < 0 else per_second)
        while (left := planned_at - time.time()) > 0:
            sender.hear(left)
        sender.send(one, request, shops=shops, planned_at=planned_at)
    until = time.time() + GRACE_SECONDS
    while sender.under_way and time.time() < until:
        sender.hear(1.0)
    sent = [*sender.done, *sender.under_way.values()]
    return [one for one in sent if one.planned_at >= started + SETTLING]


def _requests(told: list[Told], shops: int) -> Iterator[bytes]:
    for number, one in enumerate(told):
        shop, _ = played(one.visit % shops)
        webhook = find_testkit("shopify").webhook(one.topic, one.body, shop, key=f"load-{number}")
        lines = [f"{name}: {value}" for name, value in webhook.headers.items()]
        lines += ["host: 127.0.0.1", f"content-length: {len(webhook.body)}"]
        yield "\r\n".join(["POST /webhooks/shopify HTTP/1.1", *lines, "", ""]).encode() + webhook.body


if __name__ == "__main__":
    port, per_second, seconds, shops = (int(word) for word in sys.argv[1:])
    print(json.dumps([asdict(one) for one in run(port, per_second=per_second, seconds=seconds, shops=shops)]))
