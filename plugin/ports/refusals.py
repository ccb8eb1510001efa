"""What platforms do not let this app do, kept until they do again."""

from collections.abc import Sequence
from typing import Protocol

from plugin.domain.refusal import Duty, Refusal


class Refusals(Protocol):
    """The last refusal of each duty of a shop's platform."""

    def refused(self, shop_id: int, refusal: Refusal) -> None:
        """Keep it; a duty that was not done before stays undone since then. Nothing for a shop that left."""

    def accepted(self, shop_id: int, duty: Duty) -> None:
        """It was done."""

    def refusals(self, shop_id: int) -> Sequence[Refusal]: ...
