"""GET /go/<token>: a short link of ours; it leads only to what we stored."""

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as AnyResponse

from plugin.web.services import services

blueprint = Blueprint("go", __name__)


@blueprint.get("/go/<token>")
def follow(token: str) -> Response | AnyResponse:
    address = services().store.links.resolve(token[:64]) or abort(404)
    answer = redirect(address, 302)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
