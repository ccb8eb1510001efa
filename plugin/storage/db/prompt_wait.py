"""Under gevent, a transaction's answers from PostgreSQL are waited for at once before anybody else goes on.

A statement takes PostgreSQL some tenths of a millisecond. Whoever lets the others compute meanwhile gets its answer when
they have, many milliseconds later, and holds its locks that long for each statement of the transaction: measured with two
workers under 200 webhooks a second, 2.9 connections stood idle in a transaction and 1.6 waited for a shop's lock. To look
a moment longer costs less than to switch. What takes longer, a lock or a far server, is waited for as ever.
"""

from collections.abc import Generator
from select import POLLIN, POLLOUT
from typing import Any, Final

import psycopg
from gevent import monkey
from sqlalchemy import Engine, event

PROMPT_MILLISECONDS: Final = 8  #: a group's changes, made by one statement, take some

_poll: Final = monkey.get_original("select", "poll")
_READABLE, _WRITABLE = 1, 2  # psycopg.waiting.Wait and Ready


class PromptConnection(psycopg.Connection[Any]):
    """Waits for a moment without gevent, then with it."""

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        if self.autocommit:  # whoever listens for news holds no lock, and waits long
            return super().wait(gen, *args, **kwargs)
        wanted = None
        try:
            wanted = next(gen)
            while ready := _ready(self.pgconn.socket, wanted):
                wanted = gen.send(ready)
        except StopIteration as ended:
            return ended.value
        return super().wait(_going_on(gen, wanted), *args, **kwargs)


def wait_promptly(engine: Engine) -> None:
    """Let this engine's connections do so, in a process that runs under gevent."""
    if monkey.is_module_patched("select"):
        event.listen(engine, "do_connect", _connect)


def _connect(_dialect: object, _record: object, arguments: Any, parameters: Any) -> PromptConnection:
    return PromptConnection.connect(*arguments, **parameters)


def _ready(fileno: int, wanted: int) -> int:
    """What a moment's look finds to be possible of what is wanted; 0 for nothing."""
    looking = _poll()
    looking.register(fileno, (POLLIN if wanted & _READABLE else 0) | (POLLOUT if wanted & _WRITABLE else 0))
    found = looking.poll(PROMPT_MILLISECONDS)
    if not found:
        return 0
    flags = found[0][1]
    # An error or the other side's end shows by reading.
    return (_READABLE if flags & ~POLLOUT else 0) | (_WRITABLE if flags & POLLOUT else 0)


def _going_on(gen: Generator[Any, Any, Any], wanted: Any) -> Generator[Any, Any, Any]:
    """The same wait from where it stands."""
    while True:
        ready = yield wanted
        try:
            wanted = gen.send(ready)
        except StopIteration as ended:
            return ended.value
