"""A store that sends webhooks although nobody here knows its address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LATELY: Final = timedelta(days=7)  #: an address that was quiet for longer is forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """Webhooks that are refused because no shop has this address: it moved, was never installed, or is made up."""

    platform: str
    address: str  #: as its platform spells addresses, so that nothing strange stands in it
    advice: str  #: the platform's, for whoever runs the app
    since: datetime
    last_at: datetime
