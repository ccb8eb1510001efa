"""What a platform's folder holds for the browser, served as /static/platforms/<name>/…"""

from collections.abc import Collection
from http import HTTPStatus

from flask import Blueprint, Response, abort, send_from_directory

from plugin import resources


def blueprint(platforms: Collection[str]) -> Blueprint:
    """Serves each platform's folder `static`, with the headers of every other static file."""
    pages = Blueprint("platform_files", __name__)

    @pages.get("/static/platforms/<platform>/<path:filename>")
    def static(platform: str, filename: str) -> Response:
        if platform not in platforms:
            abort(HTTPStatus.NOT_FOUND)
        return send_from_directory(resources.PACKAGE / "platforms" / platform / "static", filename)

    return pages
