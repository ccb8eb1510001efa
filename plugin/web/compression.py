"""Pages compressed on their way, for browsers that read gzip."""

import gzip
from typing import Final

from flask import Flask, Response, request

LEAST_BYTES: Final = 1_000  #: below, nothing is won
_LEVEL: Final = 5


def register(app: Flask) -> None:
    """Compress every whole page; what streams, and files, go as they are.

    No page holds a secret for somebody to guess at by its length: whoever asks for one brings a token in a header, which no
    other site's page can.  https://www.breachattack.com/
    """

    def compress(answer: Response) -> Response:
        if answer.mimetype != "text/html" or answer.is_streamed or "Content-Encoding" in answer.headers:
            return answer
        content = answer.get_data()
        if len(content) < LEAST_BYTES:
            return answer
        answer.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            answer.set_data(gzip.compress(content, _LEVEL, mtime=0))
            answer.headers["Content-Encoding"] = "gzip"
        return answer

    app.after_request(compress)
