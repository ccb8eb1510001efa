"""The sandbox page: fires real-shaped webhooks and shows, live, what becomes of each."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, jsonify, render_template, request

from plugin.sandbox import browser_files
from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.outage import Outage
from plugin.sandbox.sendpulse import PretendSendPulse
from plugin.sandbox.stage import FireRequest, NotPossible, Stage

from .trace import Tracer
from .troubles import STORE_TROUBLES, TROUBLES, StoreTroubles, Troubles

SHOWN: Final = 30  #: rows

Links = Mapping[str, str]
"""Other addresses of the sandbox, by what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the page works with."""

    stage: Stage
    tracer: Tracer
    sendpulse: PretendSendPulse
    stores: Mapping[str, str]  #: name → what the page calls it
    outages: Mapping[str, Outage]  #: by the store's name
    links: Links
    pictures: tuple[str, ...]  #: origins the mails' pictures come from


def page_app(parts: Parts) -> Flask:
    app = Flask(__name__, template_folder=str(browser_files.TEMPLATES), static_folder=str(browser_files.STATIC))
    troubles, store_troubles = Troubles(parts.sendpulse), StoreTroubles(parts.stage.courier, parts.outages)
    views: tuple[tuple[str, str, Callable[[], Any]], ...] = (
        ("GET", "/", lambda: _page(parts, troubles, store_troubles)),
        ("GET", "/favicon.ico", lambda: Response(status=HTTPStatus.NO_CONTENT)),
        ("GET", "/state", lambda: _state(parts, troubles)),
        ("GET", "/rows", lambda: _rows(parts, troubles)),
        ("POST", "/fire", lambda: _fire(parts)),
        ("POST", "/again", lambda: _again(parts)),
        ("POST", "/trouble", lambda: _trouble(troubles, TROUBLES)),
        ("POST", "/store-trouble", lambda: _trouble(store_troubles, STORE_TROUBLES)),
    )
    for method, rule, view in views:
        app.add_url_rule(rule, endpoint=rule, view_func=view, methods=[method])
    app.register_error_handler(NotPossible, _not_possible)
    app.after_request(_protect(parts.pictures))
    return app


def _protect(pictures: tuple[str, ...]) -> Callable[[Response], Response]:
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' {' '.join(pictures)}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )

    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return add


def _page(parts: Parts, troubles: Troubles, store_troubles: StoreTroubles) -> str:
    return render_template(
        "page.html",
        stores=parts.stores,
        events=parts.stage.labels,
        buyers=BUYERS,
        products=PRODUCTS,
        troubles=TROUBLES,
        trouble=troubles.present,
        store_troubles=STORE_TROUBLES,
        store_trouble=store_troubles.present,
        links=parts.links,
        traces=parts.tracer.traces(parts.stage.courier.fired()[:SHOWN]),
    )


def _state(parts: Parts, troubles: Troubles) -> Response:
    """Everything the page shows, for tests."""
    traces = parts.tracer.traces(parts.stage.courier.fired()[:SHOWN])
    return jsonify({"trouble": troubles.present, "traces": [trace.document() for trace in traces]})


def _rows(parts: Parts, troubles: Troubles) -> Response:
    """The rows ready to show, so that words are chosen in one place only."""
    traces = parts.tracer.traces(parts.stage.courier.fired()[:SHOWN])
    rows = [{"id": trace.id, "html": render_template("_trace.html", trace=trace), "summary": trace.summary} for trace in traces]
    return jsonify({"trouble": troubles.present, "rows": rows})


def _asked() -> Mapping[str, Any]:
    """A JSON object: a form of another site cannot send one without asking first."""
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict):
        raise NotPossible("Send a JSON object.")
    return asked


def _fire(parts: Parts) -> Response:
    asked = _asked()
    products, locale = asked.get("products"), asked.get("locale")
    wish = FireRequest(
        store=str(asked.get("store")),
        event=str(asked.get("event")),
        buyer=str(asked.get("buyer")),
        products=tuple(map(str, products)) if isinstance(products, list) else (),
        locale=locale.strip() if isinstance(locale, str) and locale.strip() else None,
    )
    return jsonify({"id": parts.stage.fire(wish).id})


def _again(parts: Parts) -> Response:
    number = _asked().get("id")
    return jsonify({"id": parts.stage.again(number if isinstance(number, int) else 0).id})


def _trouble(troubles: Troubles | StoreTroubles, words: Collection[str]) -> Response:
    word = str(_asked().get("trouble"))
    if word not in words:
        raise NotPossible("There is no such trouble; load the page again.")
    troubles.choose(word)
    return jsonify({"trouble": troubles.present})


def _not_possible(error: NotPossible) -> tuple[Response, HTTPStatus]:
    return jsonify({"error": str(error)}), HTTPStatus.BAD_REQUEST
