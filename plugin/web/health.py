"""GET /livez, /readyz, /metrics."""

import os
from collections.abc import Mapping
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, Final

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client import REGISTRY as THIS_PROCESS
from prometheus_client.multiprocess import MultiProcessCollector  # type: ignore[attr-defined,unused-ignore]

from plugin.domain.errors import StorageDown
from plugin.web.services import services

blueprint = Blueprint("health", __name__)

#: What a proxy adds to a request it passes on: whoever asked it may be anybody.
PASSED_ON: Final = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


@blueprint.get("/livez")
def live() -> Response:
    return Response("ok", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> Response:
    try:
        services().store.check()
    except StorageDown as error:
        return Response(str(error), status=503, mimetype="text/plain")
    return Response("ok", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    token = services().settings.metrics_token
    if token and not _brings(token):
        return Response("Send METRICS_TOKEN as a Bearer token.", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    if not token and not _comes_from_here():
        return Response("Set METRICS_TOKEN to read this from another machine.", 403, mimetype="text/plain")
    return Response(_process_metrics() + _standing(), content_type=CONTENT_TYPE_LATEST)


def _brings(token: str) -> bool:
    """Whether the request has it, told in a time that does not depend on how much of it is right."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return compare_digest(given.strip().encode(), token.encode()) and scheme.lower() == "bearer"


def _comes_from_here() -> bool:
    """Whether a program on this machine asks for itself."""
    try:
        peer = ip_address(request.remote_addr or "")
    except ValueError:  # a socket file: what stands behind it is a proxy
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return peer.is_loopback and not any(name in request.headers for name in PASSED_ON)


def _process_metrics() -> bytes:
    """What was counted: in all processes of this machine when they share a folder, else in this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(THIS_PROCESS)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call,unused-ignore]
    return generate_latest(registry)


def _standing() -> bytes:
    """What stands in the database, whichever machine put it there; nothing before a worker has counted."""
    registry = CollectorRegistry()
    found = services().store.statistics.standing()
    if found is None:
        return b""
    gauge = Gauge("plugin_standing", "Webhooks, events and deliveries by state", ["what", "state"], registry=registry)
    backlog = found.backlog
    counts: dict[str, Mapping[Any, int]] = {
        "webhooks": backlog.webhooks, "events": backlog.events, "deliveries": backlog.deliveries,
        "destinations": backlog.destinations,
    }  # fmt: skip
    for what, by_state in counts.items():
        for state, count in by_state.items():
            gauge.labels(what, state.value).set(count)
    counted_at = Gauge("plugin_standing_counted_seconds", "When they were counted, in Unix time", registry=registry)
    counted_at.set(found.counted_at.timestamp())
    return generate_latest(registry)
