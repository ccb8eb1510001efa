"""The switches for SendPulse's health and the stores'."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from plugin.domain.kinds import KINDS, Family
from plugin.sandbox.courier import Courier
from plugin.sandbox.kinds import SANDBOX_KINDS
from plugin.sandbox.outage import Outage
from plugin.sandbox.sendpulse import Fault, PretendSendPulse
from plugin.sandbox.sendpulse.faults import Kind

WELL: Final = "works"
LONG: Final = 5000  #: requests a trouble lasts, unless the switch is turned back

TROUBLES: Final[Mapping[str, tuple[str, Fault | None]]] = {
    WELL: ("works", None),
    "down": ("answers 503", Fault.page(503)),
    "slow": ("answers after 4 seconds", Fault(kind=Kind.SLOW_ANSWER, seconds=4)),
    "too_fast": (
        "says “too many requests”",
        Fault.json(429, '{"message": "Too many requests", "error_code": 2020202020}', ("Retry-After", "5")),
    ),
    "refuses": ("does not know the event", Fault.json(404, '{"message": "Event not found", "error_code": 404}')),
    "cut": ("takes the event, then cuts the line", Fault.reset(is_taken_first=True)),
}
"""Word → what the page says, and what happens."""


class Troubles:
    """Lets the pretend SendPulse misbehave until told otherwise."""

    def __init__(self, sendpulse: PretendSendPulse) -> None:
        self._sendpulse = sendpulse
        self.present = WELL

    def choose(self, word: str) -> None:
        """End the present trouble and begin this one."""
        faults = self._sendpulse.faults
        with faults.lock:
            faults.waiting.clear()
        fault = TROUBLES[word][1]
        if fault:
            self._sendpulse.fault(replace(fault, times=LONG))
        self.present = word


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTrouble:
    """A way the stores can fail."""

    label: str  #: what the page says
    loses: Collection[str] = ()  #: events whose webhooks never leave
    is_dead: bool = False  #: its API answers nobody


STORE_TROUBLES: Final[Mapping[str, StoreTrouble]] = {
    WELL: StoreTrouble(label="work"),
    "dead": StoreTrouble(label="answer no questions", is_dead=True),
    "lossy": StoreTrouble(
        label="lose the webhooks of orders",
        loses=frozenset(kind.value for kind in SANDBOX_KINDS if KINDS[kind].family is Family.ORDER),
    ),
}


class StoreTroubles:
    """Lets the pretend stores misbehave until told otherwise."""

    def __init__(self, courier: Courier, outages: Mapping[str, Outage]) -> None:
        self._courier, self._outages = courier, outages
        self.present = WELL

    def choose(self, word: str) -> None:
        """End the present trouble of all stores and begin this one."""
        trouble = STORE_TROUBLES[word]
        for store, outage in self._outages.items():
            self._courier.lose(store, trouble.loses)
            if trouble.is_dead:
                outage.begin()
            else:
                outage.end()
        self.present = word
