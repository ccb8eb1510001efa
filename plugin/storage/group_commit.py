"""Rows of requests that are in flight together, kept by one commit."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError

from plugin.domain.errors import StorageDown
from plugin.storage.turn import PATIENCE_SECONDS

MOST = 200  #: rows in one commit: some milliseconds' work, so that nobody waits long for a big one

Row = dict[str, Any]
Keep = Callable[[Sequence[Row]], Sequence[bool]]
"""Commits these rows together; for each, whether it is new. Raises when none of them was kept."""


class _Ticket:
    """One row, and what became of it. Who holds it waits until `is_done`."""

    __slots__ = ("answer", "error", "is_abandoned", "is_done", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.answer, self.is_done, self.is_abandoned = False, False, False
        self.error: Exception | None = None

    def kept(self, answer: bool) -> None:
        self.answer, self.is_done = answer, True

    def refused(self, error: Exception) -> None:
        self.error, self.is_done = error, True


class GroupCommit:
    """Whoever comes while a commit is under way waits for the next one, which takes all that wait.

    There is no thread of its own: a request leaves a ticket and takes the lock. Who gets it commits everything that
    waits, its own row included; the others find theirs done when the lock comes to them. It is the same under threads
    and under gevent, where the lock and the yielding are gevent's own.
    """

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._waiting: deque[_Ticket] = deque()
        self._lock = threading.Lock()

    def __call__(self, row: Row) -> bool:
        """Whether the row is new, once it is committed; raises what kept it out, `StorageDown` when it waited too long."""
        ticket = _Ticket(row)
        self._waiting.append(ticket)
        try:
            self._wait_for(ticket)
        finally:
            ticket.is_abandoned = not ticket.is_done  # out of time, or killed: nobody is left to hear of it
        if ticket.error:
            raise ticket.error
        return ticket.answer

    def _wait_for(self, ticket: _Ticket) -> None:
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise StorageDown(f"Other commits kept this one waiting for {PATIENCE_SECONDS:.0f} seconds.")
        try:
            if not ticket.is_done:
                time.sleep(0)  # lets in who is ready: under gevent nobody else runs while SQLite commits
            while not ticket.is_done:
                self._commit_some()
        finally:
            self._lock.release()

    def _commit_some(self) -> None:
        tickets = self._taken()
        try:
            self._commit(tickets)
        except BaseException:
            # This request was killed in the middle (gevent's GreenletExit or Timeout). The others' rows wait for the
            # next: should they be committed after all, doing it again changes nothing.
            self._waiting.extendleft(ticket for ticket in reversed(tickets) if not ticket.is_done)
            raise

    def _taken(self) -> list[_Ticket]:
        """The next of those that wait, the longest-waiting first."""
        tickets: list[_Ticket] = []
        while self._waiting and len(tickets) < MOST:
            ticket = self._waiting.popleft()  # only the holder of the lock takes any away
            if not ticket.is_abandoned:
                tickets.append(ticket)
        return tickets

    def _commit(self, tickets: Sequence[_Ticket]) -> None:
        try:
            answers = self._keep([ticket.row for ticket in tickets])
        except Exception as error:  # noqa: BLE001 each waiter raises it in its own request
            if len(tickets) > 1 and _is_about_a_row(error):
                self._commit_each(tickets)
            else:
                _refuse(tickets, error)
            return
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.kept(answer)

    def _commit_each(self, tickets: Sequence[_Ticket]) -> None:
        """One by one, so that the bad row is nobody else's trouble."""
        for number, ticket in enumerate(tickets):
            self._commit([ticket])
            if ticket.error and not _is_about_a_row(ticket.error):
                _refuse(tickets[number + 1 :], ticket.error)  # the database is away: asking for each would take for ever
                return


def _refuse(tickets: Sequence[_Ticket], error: Exception) -> None:
    for ticket in tickets:
        ticket.refused(error)


def _is_about_a_row(error: Exception) -> bool:
    """Whether another row might fare better."""
    return not isinstance(error, StorageDown) or isinstance(error.__cause__, IntegrityError | DataError)
