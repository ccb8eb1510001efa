"""GET /go/<token>: a short link of ours; it leads only to what we stored.

At once where the shop has shown that the host is its own; else a page says first where it leads: whoever has a shop here could
otherwise send people anywhere in our name.
"""

import re

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from plugin.domain.hosts import host_of
from plugin.web import i18n
from plugin.web.headers import SECURITY
from plugin.web.services import services

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")  #: as `secrets.token_urlsafe` makes them
POLICY = "default-src 'none'; style-src 'self'"

blueprint = Blueprint("go", __name__)


@blueprint.get("/go/<token>")
def follow(token: str) -> Response | AnyResponse:
    address = (TOKEN.fullmatch(token) and services().store.links.resolve(token)) or abort(404)
    host = host_of(address) or abort(404)
    answer = _at_once(address) if host in _own_hosts(token) else _page_between(address, host)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _own_hosts(token: str) -> frozenset[str]:
    owner = services().store.shops.of_link(token)
    platform = services().platforms.get(owner.shop.platform) if owner else None
    return platform.own_hosts(owner) if platform and owner else frozenset()


def _at_once(address: str) -> AnyResponse:
    answer = redirect(address, 302)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


def _page_between(address: str, host: str) -> Response:
    i18n.set_locale(request.args.get("locale", ""))
    answer = Response(render_template("go/elsewhere.html", address=address, host=host))
    answer.headers[SECURITY] = POLICY
    return answer
