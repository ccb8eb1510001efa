"""Where events go."""

from collections.abc import Callable, Sequence
from typing import Protocol

from plugin.domain.delivery import Outcome
from plugin.domain.event import StoreEvent
from plugin.domain.routing import Route, Send
from plugin.domain.secret import AutomationId
from plugin.domain.settings import Account, ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import Sentence
from plugin.ports.values import ClaimedDelivery, FoundFlow


class Body(Protocol):
    """One body as it will leave."""

    @property
    def part(self) -> int:
        """0 for the whole event, else the number of its line."""

    @property
    def text(self) -> str:
        """JSON."""

    @property
    def lacks(self) -> Sentence:
        """What of the event is not sent, and why; "" when all of it is."""

    @property
    def left_out(self) -> tuple[Sentence, ...]:
        """Which of the merchant's own variables are not sent, and why."""


Shorten = Callable[[str, Sequence[str]], str]
"""For a long address, and the names of whose it alone is: a short address of ours."""


class WriteBodies(Protocol):
    """Turns an event into the bodies SendPulse gets. Pure but for `shorten`."""

    def __call__(
        self,
        event: StoreEvent,
        route: Route,
        automation_id: AutomationId | None,
        shop: Shop,
        settings: ShopSettings,
        shorten: Shorten,
    ) -> Sequence[Body]: ...


ShortLink = Callable[[int, str, Sequence[str]], str]
"""For a shop's id, a long address and the names of whose it is: a short one that leads there, the same each time."""


AsSent = Callable[[Send, str], str]
"""For a way to send and a body in JSON: the text that goes over the wire, byte for byte."""


class Post(Protocol):
    """Makes one attempt. Never raises: every answer, and none, is an outcome."""

    def __call__(self, claimed: ClaimedDelivery) -> Outcome: ...


class AccountApi(Protocol):
    """What a SendPulse account tells about itself, when its REST credentials are there. Never raises."""

    def check(self, account: Account) -> Outcome:
        """Whether the credentials work; delivered means yes."""

    def forget(self, account: Account, *, emails: Sequence[str], phones: Sequence[str]) -> Outcome:
        """Delete a person wherever its REST API can, which is not everywhere; delivered means that it is done."""

    def flows(self, account: Account) -> Sequence[FoundFlow] | Outcome:
        """The account's flows, or why they cannot be had."""
