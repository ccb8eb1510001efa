"""Long computing in turns: so that a process that answers many at once never stops answering for it.

Under gevent one request computes at a time, and a query of SQLite counts as computing: whatever computes on and on keeps
all the others waiting. What is long is therefore cut into pieces of a few milliseconds, and whoever has long work to do
takes turns with the others who have, so that ten of them leave as much room to the short ones as one does.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

SLICE_SECONDS: Final = 0.004  #: computed at a time, and a piece more; what is short waits that long, a few times an answer
PAUSE_SECONDS: Final = 0.001  #: not zero: an event loop asks for what has come from outside only when it has to wait

_turn = threading.Lock()  # under gevent's patching this is a lock among greenlets

UNHURRIED: Final = 200  #: pieces between two looks at who else is ready; more than almost any order has


def unhurried(pieces: Iterable[T]) -> Iterator[T]:
    """The same, one by one, giving way now and then where they are many, as the lines of an order may be."""
    for number, piece in enumerate(pieces, start=1):
        yield piece
        if not number % UNHURRIED:
            time.sleep(PAUSE_SECONDS)


def giving_way(pieces: Iterable[T]) -> Iterator[T]:
    """The same, one by one, giving way whenever it has computed for a slice's time: for pieces each of which may be long."""
    until = time.monotonic() + SLICE_SECONDS
    for piece in pieces:
        yield piece
        if time.monotonic() >= until:
            time.sleep(PAUSE_SECONDS)
            until = time.monotonic() + SLICE_SECONDS


def in_turns(work: Iterable[T]) -> Iterator[list[T]]:
    """The same, some at a time: as many as are made in one turn. Between two of them everybody else goes on.

    What was made before an error comes before it.
    """
    pieces, is_over = iter(work), False
    while not is_over:
        made = list[T]()
        try:
            with _turn:
                is_over = _made_all(pieces, made)
                time.sleep(PAUSE_SECONDS)
        finally:
            if made:
                yield made
        time.sleep(0)  # whoever waits for the turn gets it before this one asks again


def _made_all(pieces: Iterator[T], made: list[T]) -> bool:
    """Make what fits into the time; whether that was all there is."""
    until = time.monotonic() + SLICE_SECONDS
    for piece in pieces:
        made.append(piece)
        if time.monotonic() >= until:
            return False
    return True
