"""A request on its way in: whatever of it is read is counted, and it is handed on when it is whole."""

import io
import os
from typing import Any, Final

import gevent
from gunicorn.http.body import LengthReader
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.unreader import SocketUnreader

from plugin.door.connection import Connection
from plugin.door.refusals import CUT_OFF, TOO_LARGE, Refused
from plugin.door.sizes import LARGEST_HEAD, largest_body, largest_framed

STEP: Final = 64 * 1024  #: bytes of a body read at once
FRAMED_STEP: Final = 4 * 1024  #: the same where frames are looked for, which takes milliseconds if they are tiny
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Arriving(SocketUnreader):  # type: ignore[misc]
    """What gunicorn's parser reads from: a connection whose bytes are counted before they are looked at."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.socket)
        self._connection = connection
        self._is_head = True
        self._step = self.mxchunk
        self.came = 0  #: bytes of this head, or of this body with its frames

    def has_more(self) -> bool:
        """Whether something of the next request came with the last one."""
        return bool(self.buf.seek(0, os.SEEK_END))

    def begin_head(self) -> None:
        self._is_head, self._step, self.came = True, self.mxchunk, 0

    def begin_body(self, *, is_framed: bool) -> None:
        self._is_head, self._step = False, FRAMED_STEP if is_framed else STEP
        self.came = self.buf.seek(0, os.SEEK_END)

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self.came:
            gevent.sleep(0)  # whoever sends faster than we read must not keep everybody else waiting
        piece = self._connection.read(min(max(size_hint or 0, self.mxchunk), self._step))
        self.came += len(piece)
        if self._is_head and self.came > LARGEST_HEAD:
            raise LimitRequestHeaders("head too large")
        return piece


def whole_body(request: Any, arriving: Arriving) -> bytes:
    """All of a request's body; raises `Refused`, before reading anything when its length says that it is too large."""
    reader, most = request.body.reader, largest_body(request.path)
    declared: int | None = reader.length if isinstance(reader, LengthReader) else None
    if declared == 0:
        return b""
    if declared is not None and declared > most:
        raise Refused(TOO_LARGE)
    if request._expected_100_continue:
        arriving.sock.sendall(_CONTINUE)
        request._expected_100_continue = False  # gunicorn would say it once more
    arriving.begin_body(is_framed=declared is None)
    body = _read(reader, arriving, most=most, is_framed=declared is None)
    if declared is not None and len(body) < declared:
        raise Refused(CUT_OFF)
    return body


def _read(reader: Any, arriving: Arriving, *, most: int, is_framed: bool) -> bytes:
    """All there is, but never more than one byte too many."""
    pieces, size, step = io.BytesIO(), 0, FRAMED_STEP if is_framed else STEP
    while piece := reader.read(min(step, most + 1 - size)):
        size += pieces.write(piece)
        if size > most or (is_framed and arriving.came > largest_framed(size) + FRAMED_STEP):
            raise Refused(TOO_LARGE)
    return pieces.getvalue()
