"""Keeping what was claimed while something takes longer than a lease."""

from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Table

from plugin.storage.db.engine import Database
from plugin.storage.queue import leases


class ClaimLost(Exception):
    """Somebody else has it by now, and does it."""


class Renewal:
    """Called again and again, it renews a claim in good time."""

    def __init__(self, database: Database, table: Table, claimed: leases.Claimed, *, now: datetime, lease: timedelta) -> None:
        self._database, self._table, self._claimed = database, table, claimed
        self._now, self._lease = now, lease
        self._began, self._next = monotonic(), lease / 3

    def __call__(self) -> None:
        """Renew the claim once a third of its time has passed; raises `ClaimLost`."""
        passed = timedelta(seconds=monotonic() - self._began)
        if passed < self._next:
            return
        self._next = passed + self._lease / 3
        # What goes on for so long ends no worker: it is no poison message, however many are stopped in the middle of it.
        renewed = {"lease_until": self._now + passed + self._lease, "tries": 1}
        with self._database.write() as connection:
            if not leases.change_held(connection, self._table, self._claimed, renewed):
                raise ClaimLost
