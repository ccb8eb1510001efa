"""GET /livez, /readyz, /metrics."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client import REGISTRY as THIS_PROCESS
from prometheus_client.multiprocess import MultiProcessCollector  # type: ignore[attr-defined,unused-ignore]

from plugin.domain.errors import StorageDown
from plugin.web.services import services

blueprint = Blueprint("health", __name__)


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
    return Response(_process_metrics() + _backlog(), content_type=CONTENT_TYPE_LATEST)


def _process_metrics() -> bytes:
    """What was counted: in all processes of this machine when they share a folder, else in this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(THIS_PROCESS)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call,unused-ignore]
    return generate_latest(registry)


def _backlog() -> bytes:
    """What stands in the database, whichever machine put it there."""
    registry = CollectorRegistry()
    gauge = Gauge("plugin_standing", "Webhooks, events and deliveries by state", ["what", "state"], registry=registry)
    backlog = services().store.backlog()
    counts: dict[str, Mapping[Any, int]] = {
        "webhooks": backlog.webhooks, "events": backlog.events, "deliveries": backlog.deliveries,
        "destinations": backlog.destinations,
    }  # fmt: skip
    for what, by_state in counts.items():
        for state, count in by_state.items():
            gauge.labels(what, state.value).set(count)
    return generate_latest(registry)
