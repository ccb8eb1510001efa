"""A long answer, made while it is read: in turns with everything else, at the pace of whoever reads it."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from flask import request, stream_with_context

from plugin.turns import in_turns

READER_SECONDS: Final = 60.0  #: a reader that takes nothing for so long is let go


def answered_in_turns(pieces: Iterable[str]) -> Iterator[str]:
    """The body of an answer; an error before there is anything to send is raised here, where it still has a status."""
    _let_go_of_who_does_not_read()
    parts = filter(None, map("".join, in_turns(pieces)))
    first = next(parts, "")
    return stream_with_context(chain((first,), parts))


def _let_go_of_who_does_not_read() -> None:
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(READER_SECONDS)
