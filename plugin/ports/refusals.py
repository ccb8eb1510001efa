"""What a shop's platform must learn of changes here, and what it does not let this app do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from plugin.domain.refusal import Duty, Refusal
from plugin.ports.values import PendingSync


class PlatformSync(Protocol):
    """Shops whose platform does not know yet what changed here: settings, an installation, an account's health."""

    def due(self, *, limit: int, has_failed: bool, now: datetime) -> Sequence[PendingSync]:
        """Those whose platform failed the last time, or the others; none whose access somebody has leased."""

    def done(self, pending: PendingSync, *, again_at: datetime | None = None) -> None:
        """The platform knows, or shall know later; what changed meanwhile is due all the same."""


class Refusals(Protocol):
    """The last refusal of each duty of a shop's platform."""

    def refused(self, shop_id: int, refusal: Refusal) -> None:
        """Keep it; a duty that was not done before stays undone since then. Nothing for a shop that left."""

    def accepted(self, shop_id: int, duty: Duty) -> None:
        """It was done."""

    def refusals(self, shop_id: int) -> Sequence[Refusal]: ...
