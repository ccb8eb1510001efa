"""An application that tells what came through the door: the address, the path and the length of the body."""

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

import gevent
from prometheus_client import generate_latest

from plugin.logs import configure

LINE = b"x" * 1023 + b"\n"
configure()


def app(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
    path, length = environ["PATH_INFO"], int(environ["QUERY_STRING"] or 0)
    if path == "/metrics":
        return _answered(start_response, generate_latest())
    if path == "/long":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (LINE * 64 for _ in range(length))
    if path == "/slow":
        time.sleep(length)
    body = environ["wsgi.input"].read()
    said = {"address": environ["REMOTE_ADDR"], "path": path, "length": len(body), "scheme": environ["wsgi.url_scheme"]}
    said["look_ups"] = gevent.get_hub().threadpool.maxsize
    return _answered(start_response, json.dumps(said).encode())


def _answered(start_response: Any, body: bytes) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
