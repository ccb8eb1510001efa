"""What a store's platform does not let this app do, until it does again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from plugin.domain.wording import Sentence

LASTING: Final = timedelta(hours=1)  #: what fails for longer will hardly pass by itself


class Duty(StrEnum):
    """What the platform is needed for."""

    SETTLE = "settle"  #: to be told what changed here
    ACCESS = "access"  #: to say what its webhooks leave out


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A duty that could not be done the last time it was tried."""

    duty: Duty
    reason: Sentence
    fix: Sentence
    is_final: bool  #: the platform said no; else it may pass by itself
    since: datetime  #: it has not been done from then on

    def is_trouble(self, now: datetime) -> bool:
        """Whether the merchant should know: not of a moment's outage."""
        return self.is_final or now - self.since > LASTING
