"""Events of before their people were noted: noted some at a time, so that whoever looks for a person opens few or none."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Text, select, update

from plugin.domain.errors import Misconfigured
from plugin.storage.db.bulk import BulkUpdate
from plugin.storage.db.columns import Id
from plugin.storage.db.crypto import Crypto
from plugin.storage.db.engine import Database
from plugin.storage.db.log_tables import walks
from plugin.storage.db.tables import events
from plugin.storage.queue.event_rows import people_column

WALK: Final = "people noted"
AT_ONCE: Final = 200  #: events noted in one transaction
WINDOW: Final = 5_000  #: events looked through in one query
WINDOWS: Final = 20  #: such queries in one step that finds nothing to do


class UnnotedPeople:
    """Where the walk has noted something is in the database; beyond that each process looks for itself.

    Processes of an earlier version may add events that note nobody. What no key opens stays as it is: the key may come back.
    """

    def __init__(self, database: Database, crypto: Crypto) -> None:
        self._database, self._crypto = database, crypto
        self._looked_at: int | None = None  #: the number of the last event

    def walk(self) -> int:
        """Note the people of the next events; how many those were, 0 when there is none for now."""
        if self._looked_at is None:
            self._looked_at = self._position()
        for _ in range(WINDOWS):
            column = events.c.id
            numbers = self._database.read_once(select(column).where(column > self._looked_at).order_by(column).limit(WINDOW))
            if not numbers:
                return 0
            is_unnoted = events.c.people.is_(None) & events.c.emptied_at.is_(None)
            query = select(column, events.c.shop_id, events.c.body).where(is_unnoted, column > self._looked_at)
            rows = self._database.read_once(query.where(column <= numbers[-1].id).order_by(column).limit(AT_ONCE))
            self._looked_at = rows[-1].id if len(rows) == AT_ONCE else numbers[-1].id
            if noted := self._note(rows):
                return noted
        return 0

    def _note(self, rows: Sequence[Row[Any]]) -> int:
        people = {row.id: names for row in rows if (names := self._people_of(row)) is not None}
        if people:
            with self._database.write() as connection:
                # What a worker has in hand is left for another time: two that lock several events could wait for each other.
                query = select(events.c.id).where(events.c.id.in_(people), events.c.people.is_(None))
                free = connection.execute(query.order_by(events.c.id).with_for_update(skip_locked=True)).scalars()
                _NOTE.run(connection, [{"number": id, "noted": people[id]} for id in free])
                connection.execute(self._database.insert(walks).values(name=WALK, position=0).on_conflict_do_nothing())
                is_behind = (walks.c.name == WALK) & (walks.c.position < self._looked_at)
                connection.execute(update(walks).where(is_behind).values(position=self._looked_at))
        return len(people)

    def _people_of(self, row: Row[Any]) -> str | None:
        try:
            return people_column(self._crypto, row.shop_id, self._crypto.open_event(row.body).names)
        except Misconfigured:
            return None

    def _position(self) -> int:
        return next((row.position for row in self._database.read_once(select(walks.c.position).where(walks.c.name == WALK))), 0)


_NOTE = BulkUpdate(
    {"number": Id, "noted": Text()},
    lambda cells: (
        update(events).where(events.c.id == cells["number"], events.c.emptied_at.is_(None)).values(people=cells["noted"])
    ),
)
