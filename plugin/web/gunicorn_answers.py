"""What gunicorn adds to answers, and what it answers by itself when a request is none: without its name, with our headers."""

from collections.abc import Mapping
from typing import Any, Final

from gunicorn import util
from gunicorn.http import wsgi

BANNER: Final = "server:"


def make_plain(headers: Mapping[str, str]) -> None:
    """Have the gunicorn of this process name itself nowhere, and answer what it refuses with these headers.

    Its own refusals repeat what was sent, as HTML; ours say the status alone.
    """

    def write_error(connection: Any, status: int, reason: str, _message: str) -> None:
        util.write_nonblock(connection, _refusal(status, reason, headers))

    class Response(wsgi.Response):  # type: ignore[misc,unused-ignore]  # gunicorn has no types
        def default_headers(self) -> list[str]:
            return [line for line in super().default_headers() if not line.lower().startswith(BANNER)]

    wsgi.Response = Response
    util.write_error = write_error


def _refusal(status: int, reason: str, headers: Mapping[str, str]) -> bytes:
    body = f"{reason}.\n"
    own = {"Connection": "close", "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in {**own, **headers}.items())]
    return "\r\n".join([*lines, "", body]).encode("latin-1")
