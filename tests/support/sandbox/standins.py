"""Small apps that stand in for ours, so that the pretend admins are proven without it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from flask import Flask, Response, jsonify, request

from plugin.sandbox.serving import serve_in_thread

RETRY = "X-Shopify-Retry-Invalid-Session-Request"


@dataclass
class StandIn:
    """An app in a frame; it keeps what it was asked."""

    secret: str = ""
    bridge: str = ""  #: address of the App Bridge its documents load
    head: str = ""  #: what else stands in the head of its documents
    scripts: dict[str, str] = field(default_factory=dict)  #: by path
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    webhooks: list[dict[str, Any]] = field(default_factory=list)

    def documents(self) -> list[dict[str, Any]]:
        return [one for one in self.asked if not one["headers"].get("authorization")]

    def fetches(self) -> list[dict[str, Any]]:
        return [one for one in self.asked if one["headers"].get("authorization")]


@contextmanager
def standing_in(**told: Any) -> Iterator[StandIn]:
    """Serve one at an address of its own."""
    standin = StandIn(**told)
    with serve_in_thread(_app(standin)) as serving:
        standin.url = serving.url
        yield standin


def _app(standin: StandIn) -> Flask:
    app = Flask(__name__, static_folder=None)

    @app.get("/scripts/<path:path>")
    def script(path: str) -> Response:
        return Response(standin.scripts[path], mimetype="text/javascript")

    @app.post("/webhooks/<platform>")
    def webhook(platform: str) -> str:
        standin.webhooks.append({"platform": platform, "body": request.get_data(), "headers": _headers()})
        return ""

    @app.get("/")
    @app.get("/<path:path>")
    def page(path: str = "") -> Response | tuple[Response, int, Mapping[str, str]]:
        standin.asked.append({"path": request.path, "query": request.args.to_dict(), "headers": _headers()})
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token:
            return Response(_document(standin), mimetype="text/html")
        try:
            jwt.decode(token, standin.secret, algorithms=["HS256"], options={"verify_aud": False})
        except jwt.PyJWTError:
            return jsonify({}), 401, {RETRY: "1"}
        return jsonify({"path": path, "token": token})

    return app


def _headers() -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _document(standin: StandIn) -> str:
    scripts = "".join(f'<script src="/scripts/{path}" type="module"></script>' for path in standin.scripts)
    bridge = (
        f'<meta name="shopify-api-key" content="client-id"><script src="{standin.bridge}"></script>' if standin.bridge else ""
    )
    return (
        f'<!doctype html><html lang="en"><head><title>Stand-in</title>'
        f'<link rel="icon" href="data:,">{bridge}{standin.head}</head>'
        '<body><s-app-nav><a href="/shopify" rel="home">Home</a><a href="/shopify/deliveries?state=failed">Deliveries</a>'
        '<s-link href="/shopify/events">Events</s-link></s-app-nav><h1>Stand-in</h1>'
        '<form data-save-bar action="#"><label>Name <input name="name" value="old"></label></form>'
        f"{scripts}</body></html>"
    )
