"""POST /webhooks/<platform>: every webhook of every store."""

from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, request

from plugin.address_limits import source_of
from plugin.domain.errors import BadSignature, NotInstalled
from plugin.pipeline.receive import receive
from plugin.ports import RawWebhook
from plugin.web.failed_signatures import FailedSignatures
from plugin.web.services import services

blueprint = Blueprint("webhooks", __name__)


def limit_failures(app: Flask, *, per_minute: int) -> None:
    """Count the failures of each address from now on."""
    app.extensions["failed_signatures"] = FailedSignatures(per_minute=per_minute)


@blueprint.post("/webhooks/<platform_name>")
def take(platform_name: str) -> Response:
    ours = services()
    platform = ours.platforms.get(platform_name) or abort(404)
    headers = {name.lower(): value for name, value in request.headers.items()}
    limits, now = _failed_signatures(), ours.now()
    source = source_of(request.remote_addr)
    refusal = limits.refusal(source, answer=platform.come_again_answer, now=now)
    if refusal and not ours.store.shops.find(platform.name, platform.named_shop(headers)):
        raise refusal
    webhook = RawWebhook(headers=headers, body=request.get_data(cache=False))
    try:
        receive(webhook, platform, ours.store, now=ours.now())
    except (BadSignature, NotInstalled) as error:
        if isinstance(error, NotInstalled) and error.answer == HTTPStatus.OK:
            raise  # the signature was good
        if refusal:
            raise refusal from error
        limits.failed(source, now=now)
        raise
    limits.passed(source, now=now)
    return Response("ok", mimetype="text/plain")


def _failed_signatures() -> FailedSignatures:
    return cast(FailedSignatures, current_app.extensions["failed_signatures"])
