"""POST /webhooks/<platform>: every webhook of every store."""

from flask import Blueprint, Response, abort, request

from plugin.pipeline.receive import receive
from plugin.ports import RawWebhook
from plugin.web.services import services

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/<platform_name>")
def take(platform_name: str) -> Response:
    ours = services()
    platform = ours.platforms.get(platform_name) or abort(404)
    headers = {name.lower(): value for name, value in request.headers.items()}
    webhook = RawWebhook(headers=headers, body=request.get_data(cache=False))
    receive(webhook, platform, ours.store, now=ours.now())
    return Response("ok", mimetype="text/plain")
