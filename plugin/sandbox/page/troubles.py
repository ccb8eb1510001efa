"""The switch for SendPulse's health."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

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
