"""The HTTP side of the pretend Shopify: Admin API, token endpoint, pictures and product pages."""

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import quote

from flask import Flask, Response, abort, jsonify, redirect, request

from plugin.sandbox.catalogue import picture, product_of
from plugin.sandbox.courier import Courier
from plugin.sandbox.framing import host_app
from plugin.sandbox.storefront import product_page

from .admin_page import address_of, admin_pages
from .graph import VERSIONS
from .pretend import Fault, PretendShopify

_VERSION = re.compile(r"20[0-9]{2}-(01|04|07|10)|unstable")

# The words are Shopify's own, as its clients see them.
UNKNOWN_CALLER: Final = "[API] Invalid API key or access token (unrecognized login or wrong password)"
MISSING_SCOPE: Final = "[API] This action requires merchant approval for read_products scope."

View = Callable[..., Response]


def admin_app(pretend: PretendShopify, courier: Courier | None = None) -> Flask:
    """Every address with and without the shop before it: /demo.myshopify.com/admin/… and /admin/…; the admin's pages too."""
    app = host_app(__name__)
    app.register_blueprint(admin_pages(pretend, courier or Courier()))
    views: tuple[tuple[str, str, View], ...] = (
        ("POST", "/admin/api/<version>/graphql.json", lambda version, shop="": _graphql(pretend, shop, version)),
        ("POST", "/admin/oauth/access_token", lambda shop="": _access_token(pretend, shop)),
        ("GET", "/admin/apps/<client_id>", lambda client_id, shop="": _opened(pretend, client_id, shop)),
        (
            "GET",
            "/admin/apps/<client_id>/<path:deep>",
            lambda client_id, deep, shop="": _opened(pretend, client_id, shop, deep),
        ),
        ("GET", "/cdn/shop/files/<handle>.svg", lambda handle, **_: _picture(handle)),
        ("GET", "/products/<handle>", lambda handle, **_: _product(handle)),
        ("GET", "/<folder>/products/<handle>", lambda handle, **_: _product(handle)),
    )
    for method, rule, view in views:
        for prefix in ("", "/<shop>"):
            app.add_url_rule(f"{prefix}{rule}", endpoint=f"{prefix}{rule}".replace(".", "_"), view_func=view, methods=[method])
    return app


def _graphql(pretend: PretendShopify, shop: str, version: str) -> Response:
    if not _VERSION.fullmatch(version):
        return _problem(HTTPStatus.NOT_FOUND, "Not Found")
    if pretend.outage.is_on:
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable")
    planned = pretend.next_fault()
    fault = planned.fault if planned else None
    owner = pretend.tokens.shop_of(request.headers.get("X-Shopify-Access-Token", ""))
    if owner is None or (shop and owner != shop) or fault is Fault.UNAUTHORIZED:
        return _problem(HTTPStatus.UNAUTHORIZED, UNKNOWN_CALLER)
    if fault is Fault.FORBIDDEN:
        return _problem(HTTPStatus.FORBIDDEN, MISSING_SCOPE)
    if fault is Fault.SERVER_ERROR:
        return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error")
    if fault is Fault.HTML:
        return Response("<!doctype html><title>Shopify</title><p>Be right back.</p>", mimetype="text/html")
    if planned and fault is Fault.SLOW:
        time.sleep(planned.seconds)
    question = request.get_json(silent=True)
    if not isinstance(question, dict):
        return _problem(HTTPStatus.BAD_REQUEST, "Bad Request")
    response = jsonify(pretend.answer(owner, question, is_throttled=fault is Fault.THROTTLED))
    response.headers["X-Shopify-API-Version"] = served_version(version)
    return response


def served_version(version: str) -> str:
    """A retired version is served by the oldest supported one.  https://shopify.dev/docs/api/usage/versioning"""
    return version if version in VERSIONS or version == "unstable" else VERSIONS[0 if version < VERSIONS[0] else -1]


def _access_token(pretend: PretendShopify, shop: str) -> Response:
    question: Any = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    status, body = pretend.tokens.ask(shop, question if isinstance(question, dict) else {})
    response = jsonify(body)
    response.status_code = status
    return response


def _opened(pretend: PretendShopify, client_id: str, shop: str, deep: str = "") -> Response:
    """A shop's own address of an app leads into the admin, with what stands behind it."""
    if client_id != pretend.tokens.client_id or not shop.endswith(".myshopify.com"):
        abort(HTTPStatus.NOT_FOUND)
    path, query = f"/{quote(deep)}" if deep else "", request.query_string.decode()
    return cast(Response, redirect(f"{address_of(pretend.url, shop)}{path}{f'?{query}' if query else ''}"))


def _picture(handle: str) -> Response:
    product = product_of(handle)
    return Response(picture(product), mimetype="image/svg+xml") if product else abort(HTTPStatus.NOT_FOUND)


def _product(handle: str) -> Response:
    product = product_of(handle)
    if product is None:
        abort(HTTPStatus.NOT_FOUND)
    return Response(product_page(product, f"/cdn/shop/files/{handle}.svg"), mimetype="text/html")


def _problem(status: HTTPStatus, message: str) -> Response:
    response = jsonify({"errors": message})
    response.status_code = status
    return response
