"""How much of a request's headers is read: what more there is is refused before anything of it is looked at."""

from typing import Final

from flask import Flask, abort, request

MOST_CHARACTERS: Final = 32 * 1024  #: of all headers together; libraries need up to a microsecond for one character


def register(app: Flask) -> None:
    """Answer 431 to a request whose headers are longer than any store's or browser's together."""
    app.before_request(_refuse_long_ones)


def _refuse_long_ones() -> None:
    if sum(len(value) for name, value in request.environ.items() if name.startswith("HTTP_")) > MOST_CHARACTERS:
        abort(431)
