"""What is answered at the door when a request does not get past it, and how that is counted."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from plugin.metrics import REFUSED_AT_DOOR

COME_AGAIN_SECONDS: Final = 10
QUIET_SECONDS: Final = 60.0  #: so long a reason is only counted after it has been logged

log = structlog.get_logger()
_carried: dict[str, str] = {"X-Content-Type-Options": "nosniff"}


def carry(headers: Mapping[str, str]) -> None:
    """Have every refusal of this process carry these headers, as the application's answers do."""
    _carried.clear()
    _carried.update(headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason not to let a request in, and what its sender is told."""

    kind: str  #: the label it is counted by
    status: str  #: empty when nothing is answered
    text: str = ""

    def answer(self) -> bytes:
        """The whole answer; the connection ends with it."""
        body = self.text.encode()
        lines = [
            f"HTTP/1.1 {self.status}",
            "Connection: close",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in _carried.items()),
        ]
        if self.status.startswith("503"):
            lines.append(f"Retry-After: {COME_AGAIN_SECONDS}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def unsaid(self) -> "Refusal":
        """The same for somebody who has asked for nothing, and is told nothing."""
        return replace(self, status="", text="")


class Refused(ConnectionError):
    """Ends a connection: what it asks for is not done, or no longer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.kind)
        self.refusal = refusal


LATE: Final = Refusal(kind="late", status="408 Request Timeout", text="The request took too long to arrive.")
IDLE: Final = Refusal(kind="idle", status="")
TOO_LARGE: Final = Refusal(kind="too_large", status="413 Content Too Large", text="This is larger than is accepted here.")
CUT_OFF: Final = Refusal(kind="cut_off", status="400 Bad Request", text="The request ended before it was whole.")
CONNECTIONS: Final = Refusal(
    kind="connections", status="503 Service Unavailable", text="Too many connections are open; please try again."
)
ADDRESS_CONNECTIONS: Final = Refusal(
    kind="address_connections",
    status="503 Service Unavailable",
    text="Too many connections are open from this address; please try again.",
)
BYTES: Final = Refusal(kind="bytes", status="503 Service Unavailable", text="Too much is arriving at once; please try again.")
ADDRESS_BYTES: Final = Refusal(
    kind="address_bytes",
    status="503 Service Unavailable",
    text="Too much is arriving from this address at once; please try again.",
)
SLOW_READER: Final = Refusal(kind="slow_reader", status="")
FILES: Final = Refusal(kind="files", status="")


def malformed(status: str) -> Refusal:
    """For a request that breaks the rules of HTTP; what it says is not repeated."""
    return Refusal(kind="malformed", status=status, text="The request cannot be read.")


@dataclass(slots=True)
class Tally:
    """Counts refusals; each reason is logged once a minute at most, so that a siege does not fill the disk."""

    _unsaid: Counter[str] = field(default_factory=Counter)
    _said_at: dict[str, float] = field(default_factory=dict)

    def count(self, refusal: Refusal) -> None:
        reason = refusal.kind
        REFUSED_AT_DOOR.labels(reason).inc()
        self._unsaid[reason] += 1
        now = time.monotonic()
        if now - self._said_at.get(reason, -QUIET_SECONDS) >= QUIET_SECONDS:
            self._said_at[reason] = now
            log.info("refused at the door", reason=reason, count=self._unsaid.pop(reason))
