"""A long answer, made while it is read: in turns with everything else, at the pace of whoever reads it."""

from collections.abc import Iterable, Iterator
from itertools import chain

from flask import stream_with_context

from plugin.turns import in_turns


def answered_in_turns(pieces: Iterable[str]) -> Iterator[str]:
    """The body of an answer; an error before there is anything to send is raised here, where it still has a status."""
    parts = filter(None, map("".join, in_turns(pieces)))
    first = next(parts, "")
    return stream_with_context(chain((first,), parts))
