"""When workers are there: what they do in each moment, the same for all histories that are played at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.carts.history import Outage


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One moment."""

    now: int  #: seconds
    outage: Outage | None
    back_from: Outage | None  #: workers come back from this one, in this moment
    back_at: int | None  #: when they last came back

    @property
    def reads(self) -> bool:
        return self.outage is None

    @property
    def rings(self) -> bool:
        return self.outage is None or self.outage.is_backlog


def shifts(outages: Sequence[Outage], moments: Sequence[int]) -> Iterator[Shift]:
    """Every moment, in their order."""
    to_come, back_at = list(outages), None
    for now in moments:
        back_from = None
        while to_come and to_come[0].span[1] <= now:
            over = to_come.pop(0)
            if not over.is_backlog:
                back_from, back_at = over, over.span[1]
        outage = to_come[0] if to_come and to_come[0].span[0] <= now else None
        yield Shift(now=now, outage=outage, back_from=back_from, back_at=back_at)
