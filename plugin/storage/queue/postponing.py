"""Events that are given back for a while, together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, update

from plugin.ports import StoredEvent
from plugin.storage.db import tables
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.claim_columns import NOT_HELD
from plugin.storage.db.columns import Id, Moment
from plugin.storage.queue import leases

_events = tables.events


@dataclass(frozen=True, slots=True)
class Postponed:
    """A claimed event that nobody should look at before then."""

    stored: StoredEvent
    until: datetime
    tries: int


def postpone(connection: Connection, group: Sequence[Postponed]) -> None:
    """Give back those of these that are still their claimers'."""
    rows = [
        leases.held_by(one.stored) | {"new_due": one.until, "new_tries": one.tries}
        for one in sorted(group, key=lambda one: one.stored.id)
    ]
    _POSTPONE.run(connection, rows)


_POSTPONE = BulkUpdate(
    {"its_id": Id, "its_shop": Id, "its_fence": Integer(), "new_due": Moment(), "new_tries": Integer()},
    lambda cells: (
        update(_events)
        .where(
            _events.c.id == cells["its_id"],
            _events.c.shop_id == cells["its_shop"],
            _events.c.fence == cells["its_fence"],
            _events.c.lease_until.is_not(None),
        )
        .values(NOT_HELD | {"due_at": cells["new_due"], "tries": cells["new_tries"]})
    ),
)
