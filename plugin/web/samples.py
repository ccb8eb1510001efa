"""GET /sample/<token>: what SendPulse reads to know an event by; made-up values in a shop's real shape.

SendPulse's form for an event takes the address of a JSON sample, and whoever asks at it has no login.
"""

from flask import Blueprint, Response, abort

from plugin.web import limits
from plugin.web.event_samples import sample_json
from plugin.web.services import services

blueprint = Blueprint("samples", __name__)


@blueprint.get("/sample/<token>")
def show(token: str) -> Response:
    """The sample of one shop and one kind, for whoever has its address."""
    ours = services()
    shop, kind = ours.store.samples.read(token) or abort(404)
    limits.demand(limits.SAMPLES, shop.id, now=ours.now())
    answer = Response(sample_json(kind, shop, ours.store.shops.settings(shop.id)), mimetype="application/json")
    # Not known: whether SendPulse's server asks, or its page in a merchant's browser. There is nothing in it to protect.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
