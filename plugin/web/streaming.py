"""A long answer, made while it is read: in turns with everything else, at the pace of whoever reads it."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from flask import stream_with_context

from plugin.turns import in_turns


def answered_in_turns(pieces: Iterable[str], *, when_sent: Callable[[], None] | None = None) -> Iterator[str]:
    """The body of an answer; an error before there is anything to send is raised here, where it still has a status.

    `when_sent` is called once the server has sent the last of it, and never when whoever reads it has hung up before.
    """
    parts = filter(None, map("".join, in_turns(pieces)))
    first = next(parts, "")
    return stream_with_context(chain((first,), parts, _ending(when_sent)))


def _ending(when_sent: Callable[[], None] | None) -> Iterator[str]:
    """Nothing more to send: a server asks for it after all that came before has left."""
    if when_sent:
        when_sent()
    yield from ()
