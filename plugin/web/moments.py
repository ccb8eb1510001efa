"""Times as a page shows them: by the store’s clock."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time, as it is shown and as a machine reads it."""

    text: str  #: by the store’s clock
    exact: str


def moment(at: datetime, zone: ZoneInfo, *, seconds: bool = False) -> Moment:
    local = at.astimezone(zone)
    return Moment(text=local.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M"), exact=local.isoformat())
