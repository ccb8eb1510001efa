"""How many rows stand in each state, counted by small steps beside the traffic: to read it costs the same however many."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, Connection, func, select

from plugin.domain.delivery import State
from plugin.domain.destination import Health
from plugin.domain.states import EventState, WebhookState
from plugin.ports import Backlog, Standing
from plugin.storage.db import tables
from plugin.storage.db.engine import Database
from plugin.storage.db.log_tables import standing

STEP: Final = 2_000  #: rows looked at in one step
REST: Final = timedelta(seconds=15)  #: from the end of one count to the beginning of the next

STATES: Final[Mapping[str, tuple[type[StrEnum], Column[Any], Column[str]]]] = {
    "webhooks": (WebhookState, tables.webhooks.c.id, tables.webhooks.c.state),
    "events": (EventState, tables.events.c.id, tables.events.c.state),
    "deliveries": (State, tables.deliveries.c.id, tables.deliveries.c.state),
    "destinations": (Health, tables.destinations.c.key, tables.destinations.c.health),
}


class StandingCounts:
    """Counts table after table; another process that counted meanwhile has said the same."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[str] = []  #: tables that are still to be counted
        self._position: Any = None  #: the last row looked at in the first of them
        self._counts: dict[str, Counter[str]] = {}

    def step(self, *, now: datetime) -> int:
        """Look at the next rows; 0 while what was counted is new enough."""
        if not self._waiting:
            latest = self._database.read_once(select(func.max(standing.c.counted_at)))[0][0]
            if latest is not None and timedelta(0) <= now - latest < REST:
                return 0
            self._waiting, self._position, self._counts = list(STATES), None, {what: Counter() for what in STATES}
        looked_at = 0
        while self._waiting and looked_at < STEP:
            looked_at += self._look(STEP - looked_at)
        if not self._waiting:
            self._write(now)
        return max(looked_at, 1)

    def _look(self, most: int) -> int:
        """Count the next rows of a table, and come to the next table where there are no more."""
        what = self._waiting[0]
        _, key, state = STATES[what]
        rows = select(key.label("key"), state.label("state")).order_by(key).limit(most)
        window = (rows if self._position is None else rows.where(key > self._position)).subquery()
        last = func.max(func.max(window.c.key)).over()  # in the database's own order: a text's is not Python's
        by_state = select(window.c.state, func.count().label("number"), last.label("last"))
        found = self._database.read_once(by_state.group_by(window.c.state))
        self._counts[what].update({row.state: row.number for row in found})
        looked_at: int = sum(row.number for row in found)
        self._position = found[0].last if looked_at == most else None
        if looked_at < most:
            self._waiting.pop(0)
        return looked_at

    def _write(self, now: datetime) -> None:
        rows = [
            {"what": what, "state": state.value, "count": self._counts[what][state.value], "counted_at": now}
            for what, (states, _, _) in sorted(STATES.items())
            for state in sorted(states)
        ]
        statement = self._database.insert(standing).values(rows)
        counted = {"count": statement.excluded.count, "counted_at": statement.excluded.counted_at}
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["what", "state"], set_=counted))


def read_standing(database: Database) -> Standing | None:
    """What was counted last; None before anything was."""
    rows = database.read_once(select(standing))
    if not rows:
        return None
    by_table: dict[str, dict[Any, int]] = {what: {} for what in STATES}
    for row in rows:
        states = STATES[row.what][0]
        by_table[row.what][states(row.state)] = row._mapping["count"]
    return Standing(backlog=Backlog(**by_table), counted_at=min(row.counted_at for row in rows))


def count_now(connection: Connection) -> Backlog:
    """Every row counted at once: for a person who asks, never for a page or a monitor."""
    counted: dict[str, dict[Any, int]] = {}
    for what, (states, _, state) in STATES.items():
        query = select(state, func.count()).group_by(state)
        counted[what] = {states(found): number for found, number in connection.execute(query)}
    return Backlog(**counted)
