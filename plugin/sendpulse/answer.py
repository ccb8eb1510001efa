"""One HTTP answer, read as it comes."""

import zlib
from http import HTTPStatus
from typing import Final

from httptools import HttpParserError, HttpResponseParser

MOST_HEADERS: Final = 100
_GZIP: Final = 16 + zlib.MAX_WBITS  # https://www.zlib.net/manual.html#Advanced


class Answer:
    """Collects what the parser calls out: status, headers, and the body up to a limit."""

    def __init__(self, most_bytes: int) -> None:
        self._parser = HttpResponseParser(self)
        # An odd letter in a header we do not read is no reason to lose an answer.
        self._parser.set_dangerous_leniencies(lenient_headers=True)
        self._most_bytes = most_bytes
        self.status: int | None = None  #: once all headers are here
        self.headers: dict[str, str] = {}  #: names in lower case
        self._body = bytearray()
        self.is_whole = False
        self._is_provisional, self._may_go_on = False, False

    def feed(self, data: bytes) -> None:
        """Read on; raises `HttpParserError` when this is no HTTP."""
        self._parser.feed_data(data)

    def ended(self) -> None:
        """The connection has ended, which ends an answer that did not say how long it is."""
        said_how_long = "content-length" in self.headers or "transfer-encoding" in self.headers
        self.is_whole = self.is_whole or (self.status is not None and not said_how_long)

    @property
    def is_full(self) -> bool:
        """Whether it is as long as an answer may be."""
        return len(self._body) >= self._most_bytes

    @property
    def keeps_connection(self) -> bool:
        """Whether another request may follow on its connection."""
        return self.is_whole and self._may_go_on

    @property
    def body(self) -> bytes:
        """As far as it came and the limit goes."""
        body = bytes(self._body[: self._most_bytes])
        # Nobody asked for a compressed one; some servers send it all the same.
        if self.headers.get("content-encoding", "").lower() == "gzip":
            try:
                return zlib.decompressobj(_GZIP).decompress(body, self._most_bytes)
            except zlib.error:
                return body
        return body

    # ------------------------------------------------------------------ what the parser calls

    def on_message_begin(self) -> None:
        if self.is_whole:
            raise HttpParserError("a second answer to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) >= MOST_HEADERS:
            raise HttpParserError("too many headers")
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        self._is_provisional = status < HTTPStatus.OK
        if self._is_provisional:
            self.headers.clear()
        else:
            self.status, self._may_go_on = status, self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        self._body += data

    def on_message_complete(self) -> None:
        self.is_whole = not self._is_provisional
