"""Values that check themselves and hide in logs."""

import re
from dataclasses import dataclass

from plugin.domain.errors import Misconfigured


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text nobody may see by accident; `reveal()` is the only way to it."""

    _text: str

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"…{self._text[-4:]}" if len(self._text) >= 12 else "…"

    __str__ = __repr__


# The shape is the one of every event URL SendPulse documents; other hosts are refused, which
# also keeps the app from posting people's addresses anywhere else.
# https://sendpulse.com/knowledge-base/email-service/automation360/sending-events-to-sendpulse-email-service-bypassing-authorization
_EVENT_URL = re.compile(r"https://events\.sendpulse\.com/events/id/([0-9a-f]{32})/([0-9]{1,20})/?")


@dataclass(frozen=True, slots=True, repr=False)
class EventUrl:
    """The address one SendPulse event is posted to: whoever knows it can start the merchant's flows.

    Raises `Misconfigured` for anything but an event URL of SendPulse.
    """

    _text: str

    def __post_init__(self) -> None:
        if not _EVENT_URL.fullmatch(self._text):
            raise Misconfigured(
                "This is not a SendPulse event URL. Open the event in SendPulse's Events Manager, choose the POST raw tab, "
                "and copy the address: https://events.sendpulse.com/events/id/<32 characters>/<number>."
            )

    def reveal(self) -> str:
        return self._text

    @property
    def account(self) -> str:
        """The number at the end: the SendPulse account's own id, the same in all its event URLs."""
        match = _EVENT_URL.fullmatch(self._text)
        assert match
        return match.group(2)

    def __repr__(self) -> str:
        match = _EVENT_URL.fullmatch(self._text)
        assert match
        return f"…{match.group(1)[-4:]}"  # the number behind it is the account's, the same in all its event URLs

    __str__ = __repr__


@dataclass(frozen=True, slots=True, order=True)
class AutomationId:
    """The number of a SendPulse flow: the digits after /flow/id/ in the flow page's address.

    Raises `Misconfigured` for anything but a positive whole number below 2^53.
    """

    number: int

    def __post_init__(self) -> None:
        if isinstance(self.number, bool) or not isinstance(self.number, int) or not 0 < self.number < 2**53:
            raise Misconfigured("A flow is a positive whole number: the digits after /flow/id/ in the flow page's address.")

    def __str__(self) -> str:
        return str(self.number)
