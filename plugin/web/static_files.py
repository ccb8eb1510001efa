"""What the browser gets beside pages: named by its content, so that it is fetched once, and compressed.

Our own files are served as /static/…, those of a platform's folder as /static/platforms/<name>/….
"""

import gzip
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as AnyResponse

from plugin import resources

VERSION: Final = "v"  #: what the file's address says of its content
FOR_EVER: Final = "public, max-age=31536000, immutable"  # https://www.rfc-editor.org/rfc/rfc8246
ASK_FIRST: Final = "public, no-cache"
_HASH_DIGITS: Final = 16
# Not asked of the machine, which may know nothing of scripts: browsers are told never to guess.
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
_PACKED: Final = frozenset({"text/css", "text/javascript", "image/svg+xml"})


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is served."""

    content: bytes
    packed: bytes  #: gzipped; b"" where that would not make it smaller
    mimetype: str
    version: str  #: of the content: a file that changes has another address


def register(app: Flask, platforms: Collection[str]) -> None:
    """Serve our files and those of these platforms; `url_for` names each by its content."""
    pages = Blueprint("platform_files", __name__)

    @app.get("/static/<path:filename>", endpoint="static")
    def ours(filename: str) -> AnyResponse:
        return _answer(_found(resources.PACKAGE / "static", filename))

    @pages.get("/static/platforms/<platform>/<path:filename>")
    def static(platform: str, filename: str) -> AnyResponse:
        return _answer(_found(_folder(platform), filename) if platform in platforms else None)

    @app.url_defaults
    def versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint not in ("static", "platform_files.static") or VERSION in values:
            return
        folder = resources.PACKAGE / "static" if endpoint == "static" else _folder(values["platform"])
        if found := _found(folder, values["filename"]):
            values[VERSION] = found.version

    app.register_blueprint(pages)


def _folder(platform: str) -> Path:
    return resources.PACKAGE / "platforms" / platform / "static"


def _found(folder: Path, name: str) -> StaticFile | None:
    path = safe_join(str(folder), name)
    if path is None:
        return None
    try:
        state = Path(path).stat()
        return _read(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):  # ValueError: a null character in the name
        return None


@lru_cache(maxsize=64)
def _read(path: str, changed_at: int, size: int) -> StaticFile:  # noqa: ARG001  (a file that changed is read anew)
    content = Path(path).read_bytes()
    mimetype = _TYPES.get(Path(path).suffix, "application/octet-stream")
    packed = gzip.compress(content, 9, mtime=0) if mimetype in _PACKED else b""
    version = hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
    return StaticFile(content, packed if len(packed) < len(content) else b"", mimetype, version)


def _answer(file: StaticFile | None) -> AnyResponse:
    """The file; asked for by another content's name it may be kept, but not without asking."""
    if file is None:
        abort(HTTPStatus.NOT_FOUND)
    is_packed = bool(file.packed) and request.accept_encodings["gzip"] > 0
    answer = Response(file.packed if is_packed else file.content, mimetype=file.mimetype)
    if is_packed:
        answer.headers["Content-Encoding"] = "gzip"
    if file.packed:
        answer.vary.add("Accept-Encoding")
    answer.headers["Cache-Control"] = FOR_EVER if request.args.get(VERSION) == file.version else ASK_FIRST
    answer.set_etag(f"{file.version}-gzip" if is_packed else file.version)
    return answer.make_conditional(request)
