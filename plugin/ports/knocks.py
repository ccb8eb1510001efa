"""Who sends webhooks from an address nobody here knows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from plugin.domain.knock import Knock


class Knocks(Protocol):
    """The addresses refused lately, a bounded number: anybody may make them up."""

    def note(self, platform: str, address: str, *, advice: str, now: datetime) -> None:
        """Keep that a webhook came from there, unless too many came just now."""

    def list(self, *, now: datetime) -> Sequence[Knock]:
        """Those of lately, the newest first."""
