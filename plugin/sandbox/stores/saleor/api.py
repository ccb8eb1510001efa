"""The HTTP side of the pretend Saleor: key set, GraphQL, pictures and product pages."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, abort, jsonify, request

from plugin.sandbox.catalogue import picture, product_of
from plugin.sandbox.courier import Courier
from plugin.sandbox.framing import host_app
from plugin.sandbox.storefront import checkout_page, product_page

from .dashboard import dashboard
from .demo_shop import CHECKOUT_PATH
from .findings import Findings
from .graph import answer, languages
from .pretend import PretendSaleor


def saleor_app(pretend: PretendSaleor, *, app_url: str = "", courier: Courier | None = None) -> Flask:
    """With the app's address also the dashboard, which is at the shop's own origin as in Saleor's cloud."""
    app = host_app(__name__)
    if app_url:
        app.register_blueprint(dashboard(pretend, app_url=app_url, courier=courier or Courier()))

    @app.get("/.well-known/jwks.json")
    def key_set() -> Response:
        return jsonify(pretend.keys.jwks())

    @app.post("/graphql/")
    def graphql() -> tuple[Response, HTTPStatus]:
        if pretend.outage.is_on:
            return jsonify({}), HTTPStatus.SERVICE_UNAVAILABLE
        question: Any = request.get_json(silent=True)
        if not isinstance(question, dict):
            return jsonify({"errors": [{"message": "Unable to parse query."}]}), HTTPStatus.BAD_REQUEST
        pretend.queries.append(str(question.get("query")))
        body = answer(question, pretend, pretend.app_with_token(_token()))
        # Saleor answers 400 when there is no data at all: the query itself was wrong.
        return jsonify(body), HTTPStatus.OK if "data" in body else HTTPStatus.BAD_REQUEST

    @app.get("/media/<handle>.svg")
    def media(handle: str) -> Response:
        product = product_of(handle)
        return Response(picture(product), mimetype="image/svg+xml") if product else abort(HTTPStatus.NOT_FOUND)

    @app.get("/<locale>/products/<handle>")
    def product(locale: str, handle: str) -> Response:  # noqa: ARG001 the storefront's address has it
        found = product_of(handle)
        if found is None:
            abort(HTTPStatus.NOT_FOUND)
        return Response(product_page(found, f"/media/{handle}.svg"), mimetype="text/html")

    @app.get(CHECKOUT_PATH.replace("{locale}", "<locale>"))
    def checkout(locale: str) -> Response:
        found = Findings(pretend, languages()).open_checkout(request.args.get("checkout", ""))
        return Response(checkout_page(found.sale, locale), mimetype="text/html") if found else abort(HTTPStatus.NOT_FOUND)

    return app


def _token() -> str:
    """Both headers Saleor reads: Authorization, and Authorization-Bearer without a scheme."""
    bare = request.headers.get("Authorization-Bearer", "")
    return bare or request.headers.get("Authorization", "").removeprefix("Bearer ").removeprefix("JWT ")
