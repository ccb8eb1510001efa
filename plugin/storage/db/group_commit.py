"""What is to be kept at the same time is kept by one commit."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from sqlalchemy.exc import DataError, IntegrityError

from plugin.domain.errors import StorageDown

MOST = 200  #: rows in one commit: some milliseconds' work, so that nobody waits long for a big one
MOMENT_SECONDS = 1e-6  #: enough to let gevent look who is ready; it may take a millisecond

T = TypeVar("T")
R = TypeVar("R")


class _Ticket(Generic[T, R]):
    """One thing to keep, and what became of it."""

    __slots__ = ("_turn", "answer", "error", "is_abandoned", "is_done", "leads", "thing")

    def __init__(self, thing: T) -> None:
        self.thing = thing
        self.leads = False  #: who brought it commits the next group
        self.answer: R | None = None
        self.is_done, self.is_abandoned = False, False
        self.error: Exception | None = None
        self._turn = threading.Lock()  # free once it is done or leads; an Event costs several times as much
        self._turn.acquire()

    def wait(self, seconds: float) -> None:
        """Until it is done or leads, or patience has run out."""
        self._turn.acquire(timeout=seconds)

    def lead(self) -> None:
        self.leads = True
        self._turn.release()

    def finish(self, *, answer: R | None = None, error: Exception | None = None) -> None:
        self.answer, self.error, self.is_done = answer, error, True
        if not self.leads:
            self._turn.release()


class GroupCommit(Generic[T, R]):
    """Whoever comes while a commit is under way waits for the next one, which takes all that wait.

    There is no thread of its own: whoever has waited longest leads, commits what waits and hands over. It is the same
    under threads and under gevent, where locks and sleeping are gevent's own.
    """

    def __init__(
        self,
        keep: Callable[[Sequence[T]], Sequence[R]],
        *,
        patience_seconds: float,
        pause_seconds: float = MOMENT_SECONDS,
    ) -> None:
        """`keep` commits these together and answers for each, or raises when none of them was kept.

        Where several came before, others are waited for as long as the pause.
        """
        self._keep, self._patience_seconds, self._pause_seconds = keep, patience_seconds, pause_seconds
        self._waiting: deque[_Ticket[T, R]] = deque()
        self._leader: _Ticket[T, R] | None = None
        self._led_since = 0.0
        self._was_shared = False  #: the last group was of more than one
        self._guard = threading.Lock()  # of the queue and its leader; held for a moment only, never while anybody waits

    def __call__(self, thing: T) -> R:
        """What `keep` answers for it, once it is committed; raises why it could not be, `StorageDown` in good time."""
        ticket: _Ticket[T, R] = _Ticket(thing)
        try:
            self._join(ticket)
            ticket.wait(self._patience_seconds)
            if ticket.leads:
                self._commit_next()
        finally:
            self._leave(ticket)
        if ticket.error:
            raise ticket.error
        if not ticket.is_done:
            raise StorageDown(f"Other commits kept this one waiting for {self._patience_seconds:g} seconds.")
        return cast(R, ticket.answer)

    def _join(self, ticket: _Ticket[T, R]) -> None:
        with self._guard:
            self._waiting.append(ticket)
            if self._leader is None:
                self._make_leader(ticket)

    def _leave(self, ticket: _Ticket[T, R]) -> None:
        """Hand over, whatever happened: a request may be killed at any time it waits."""
        with self._guard:
            ticket.is_abandoned = not ticket.is_done
            # A leader whose database fell silent may hang as long as TCP does; who waited in vain replaces it.
            is_stuck = ticket.is_abandoned and time.monotonic() - self._led_since >= self._patience_seconds
            if self._leader is ticket or is_stuck:
                self._hand_over()

    def _hand_over(self) -> None:
        """To whoever has waited longest: nobody commits twice while another waits once."""
        self._leader = None
        while self._waiting and self._waiting[0].is_abandoned:
            self._waiting.popleft()
        if self._waiting:
            self._make_leader(self._waiting[0])

    def _make_leader(self, ticket: _Ticket[T, R]) -> None:
        self._leader, self._led_since = ticket, time.monotonic()
        ticket.lead()

    def _commit_next(self) -> None:
        # Lets in who is ready: nobody else runs while SQLite commits under gevent, and each commit costs the same for
        # one row and for many. Who is alone waits for nobody.
        time.sleep(self._pause_seconds if self._was_shared else 0)
        self._let_in_who_is_ready()
        tickets = self._taken()
        self._was_shared = len(tickets) > 1
        try:
            self._commit(tickets)
        except BaseException:
            # Whoever leads was killed in the middle (gevent's GreenletExit or Timeout). The others' wait for the
            # next commit: if they are in the database already, that changes nothing.
            with self._guard:
                self._waiting.extendleft(ticket for ticket in reversed(tickets) if not ticket.is_done)
            raise

    def _let_in_who_is_ready(self) -> None:
        """While more and more come: under gevent many may be about to, each after some computing of its own."""
        count = 1
        while count < len(self._waiting) < MOST:
            count = len(self._waiting)
            time.sleep(0)

    def _taken(self) -> list[_Ticket[T, R]]:
        """The first of those that wait; the leader is one of them."""
        tickets: list[_Ticket[T, R]] = []
        with self._guard:
            while self._waiting and len(tickets) < MOST:
                ticket = self._waiting.popleft()
                if not ticket.is_abandoned:
                    tickets.append(ticket)
        return tickets

    def _commit(self, tickets: Sequence[_Ticket[T, R]]) -> None:
        try:
            answers = self._keep([ticket.thing for ticket in tickets])
        except Exception as error:  # noqa: BLE001 each request raises it for itself
            if len(tickets) > 1 and _is_about_a_row(error):
                self._commit_each(tickets)
            else:
                _refuse(tickets, error)
            return
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.finish(answer=answer)

    def _commit_each(self, tickets: Sequence[_Ticket[T, R]]) -> None:
        """One by one, so that the bad row is nobody else's trouble."""
        for number, ticket in enumerate(tickets):
            self._commit([ticket])
            if ticket.error and not _is_about_a_row(ticket.error):
                _refuse(tickets[number + 1 :], ticket.error)  # the database is away: one look is enough
                return


def _refuse(tickets: Sequence[_Ticket[Any, Any]], error: Exception) -> None:
    for ticket in tickets:
        ticket.finish(error=_own(error))


def _own(error: Exception) -> Exception:
    """One to raise in another request: a traceback belongs to one."""
    if not isinstance(error, StorageDown):
        return error
    own = StorageDown(*error.args)
    own.__cause__ = error.__cause__
    return own


def _is_about_a_row(error: Exception) -> bool:
    """Whether another row might fare better."""
    return not isinstance(error, StorageDown) or isinstance(error.__cause__, IntegrityError | DataError)
