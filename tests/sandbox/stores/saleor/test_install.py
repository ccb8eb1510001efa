"""The install handshake, seen from the shop."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from flask import Flask, jsonify, redirect, request

from plugin.sandbox.serving import free_port, serve_in_thread
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.install import install
from plugin.sandbox.stores.saleor.manifest import problems_in
from plugin.sandbox.stores.saleor.pretend import PretendSaleor
from tests.sandbox.conftest import World

QUERY = "subscription { event { ... on OrderPaid { version } } }"


@pytest.fixture
def pretend() -> Iterator[PretendSaleor]:
    found = PretendSaleor()
    with serve_in_thread(saleor_app(found)) as serving:
        found.url = serving.url
        yield found


def a_manifest(**changed: Any) -> dict[str, Any]:
    return {
        "id": "an.app",
        "name": "An app",
        "version": "1.0.0",
        "permissions": ["MANAGE_ORDERS"],
        "appUrl": "http://app.example/",
        "tokenTargetUrl": "http://app.example/register",
        "requiredSaleorVersion": ">=3.21 <4",
    } | changed


def an_extension(**changed: Any) -> dict[str, Any]:
    return {"label": "A", "url": "/a", "mount": "ORDER_DETAILS_WIDGETS"} | changed


def a_webhook(**changed: Any) -> dict[str, Any]:
    return {"name": "W", "targetUrl": "http://a/w", "query": QUERY} | changed


@contextmanager
def an_app(answer: Any, seen: dict[str, Any], **changed: Any) -> Iterator[str]:
    """A tiny app that keeps what it is told, and answers the registration so."""
    app = Flask(__name__)

    @app.get("/manifest")
    def manifest() -> Any:
        seen["asked"] = dict(request.headers)
        return jsonify(a_manifest(tokenTargetUrl=f"{request.host_url}register", **changed))

    @app.post("/register")
    def register() -> Any:
        seen["told"], seen["token"] = dict(request.headers), request.get_json()["auth_token"]
        return answer() if callable(answer) else answer

    with serve_in_thread(app) as serving:
        yield f"{serving.url}/manifest"


def test_the_token_arrives_with_saleors_headers(pretend: PretendSaleor) -> None:
    seen: dict[str, Any] = {}
    with an_app(("", 200), seen) as url:
        done = install(pretend, url)

    assert done.app
    assert seen["token"] == done.app.token
    assert len(seen["token"]) == 30
    assert seen["asked"]["Saleor-Schema-Version"] == "3.23"
    assert seen["told"]["Saleor-Api-Url"] == pretend.api_url
    assert seen["told"]["Saleor-Domain"] == seen["told"]["X-Saleor-Domain"] == pretend.domain
    assert seen["told"]["User-Agent"] == "Saleor/3.23"


def test_the_token_works_while_it_is_handed_over(pretend: PretendSaleor) -> None:
    seen: dict[str, Any] = {}

    def call_back() -> Any:
        headers = {"Authorization": f"Bearer {seen['token']}"}
        seen["app"] = requests.post(
            pretend.api_url, json={"query": "{ app { identifier } }"}, headers=headers, timeout=5
        ).json()
        return ""

    with an_app(call_back, seen) as url:
        install(pretend, url)

    assert seen["app"] == {"data": {"app": {"identifier": "an.app"}}}


def test_a_refusal_is_shown_word_for_word_and_ends_the_app(pretend: PretendSaleor) -> None:
    with an_app(({"error": {"message": "Not today."}}, 403), {}) as url:
        done = install(pretend, url)

    assert (done.is_done, done.message) == (False, "Not today.")
    assert pretend.apps() == ()


@pytest.mark.parametrize("answer", [("<h1>no</h1>", 500), ({"error": "x"}, 500)])
def test_a_failure_without_words_gets_saleors_own(pretend: PretendSaleor, answer: Any) -> None:
    with an_app(answer, {}) as url:
        assert install(pretend, url).message.startswith("App internal error (500)")


def test_a_redirect_counts_as_success_and_is_not_followed(pretend: PretendSaleor) -> None:
    with an_app(lambda: redirect("http://nowhere.example/"), {}) as url:
        assert install(pretend, url).is_done


def test_an_app_that_cannot_be_reached_is_not_installed(pretend: PretendSaleor) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    app = Flask(__name__)
    app.add_url_rule("/m", view_func=lambda: a_manifest(tokenTargetUrl=f"{nowhere}/register"))
    with serve_in_thread(app) as serving:
        refused = install(pretend, f"{serving.url}/m")

    assert "MANIFEST_URL_CANT_CONNECT" in install(pretend, f"{nowhere}/manifest").message
    assert refused.message.startswith("Failed to connect to app.")


def test_a_manifest_that_is_none_is_not_installed(pretend: PretendSaleor) -> None:
    app = Flask(__name__)
    app.add_url_rule("/html", "html", lambda: "<p>hello</p>")
    app.add_url_rule("/list", "list", lambda: jsonify([]))
    app.add_url_rule("/moved", "moved", lambda: redirect("/list"))
    with serve_in_thread(app) as serving:
        codes = [
            install(pretend, f"{serving.url}/{path}").message.rpartition("(")[2] for path in ("html", "list", "moved", "no")
        ]

    assert codes == ["INVALID_MANIFEST_FORMAT)"] * 3 + ["INVALID_STATUS)"]


def test_everything_wrong_is_said_before_a_token_exists(pretend: PretendSaleor) -> None:
    seen: dict[str, Any] = {}
    with an_app("", seen, permissions=["MANAGE_EVERYTHING"], author=" ") as url:
        done = install(pretend, url)

    assert "INVALID_PERMISSION" in done.message
    assert "author" in done.message
    assert "token" not in seen


def test_the_apps_own_manifest_is_right(world: World) -> None:
    manifest = requests.get(f"{world.shopify.app_url}/saleor/manifest.json", timeout=5).json()

    assert problems_in(manifest) == []
    assert len(manifest["webhooks"]) > 5


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"id": ""}, "id", "REQUIRED"),
        ({"name": None}, "name", "REQUIRED"),
        ({"version": "1" * 61}, "version", "INVALID"),
        ({"permissions": ["MANAGE_APPS"]}, "permissions", "OUT_OF_SCOPE_PERMISSION"),
        ({"tokenTargetUrl": "app.example"}, "tokenTargetUrl", "INVALID_URL_FORMAT"),
        ({"tokenTargetUrl": None}, "tokenTargetUrl", "REQUIRED"),
        ({"requiredSaleorVersion": "new"}, "requiredSaleorVersion", "INVALID"),
        ({"requiredSaleorVersion": ">=4"}, "requiredSaleorVersion", "UNSUPPORTED_SALEOR_VERSION"),
        ({"brand": {"logo": {"default": "http://app.example/logo.svg"}}}, "brand", "INVALID_URL_FORMAT"),
        ({"brand": {}}, "brand", "INVALID_URL_FORMAT"),
        ({"extensions": [{"label": "A", "url": "/a"}]}, "extensions[0].mount", "REQUIRED"),
        (
            {"extensions": [{"label": "A", "url": "/a", "mount": "M", "permissions": ["MANAGE_USERS"]}]},
            "extensions[0].permissions",
            "OUT_OF_SCOPE_PERMISSION",
        ),
        ({"extensions": [{"label": "A", "url": "/a", "mount": "M", "target": "X"}]}, "extensions[0].target", "INVALID"),
        (
            {"extensions": [{"label": "A", "url": "http://a", "mount": "M", "target": "APP_PAGE"}]},
            "extensions[0].url",
            "INVALID_URL_FORMAT",
        ),
        ({"appUrl": "", "extensions": [{"label": "A", "url": "/a", "mount": "M"}]}, "extensions[0].url", "INVALID_URL_FORMAT"),
        ({"about": 7}, "about", "INVALID"),
        ({"supportUrl": f"https://a.example/{'x' * 200}"}, "supportUrl", "INVALID"),
        ({"permissions": "MANAGE_ORDERS"}, "permissions", "INVALID"),
        ({"extensions": {}}, "extensions", "INVALID"),
        ({"webhooks": ["W"]}, "webhooks", "INVALID"),
        ({"extensions": [an_extension(permissions=["X"])]}, "extensions[0].permissions", "INVALID_PERMISSION"),
        ({"extensions": [an_extension(identifier="i" * 257)]}, "extensions", "INVALID"),
        ({"extensions": [an_extension(identifier="i")] * 2}, "extensions", "DUPLICATED_EXTENSION_IDENTIFIER"),
        ({"extensions": [an_extension(options={"newTabTarget": {"method": "GET"}})]}, "extensions[0].options", "INVALID"),
        (
            {"extensions": [an_extension(target="WIDGET", options={"widgetTarget": {"method": "PUT"}})]},
            "extensions[0].options",
            "INVALID",
        ),
        (
            {"extensions": [an_extension(target="WIDGET", options={"homeWidgetTarget": {"method": "GET"}})]},
            "extensions[0].options",
            "INVALID",
        ),
        ({"extensions": [an_extension(options={"views": ["orders"]})]}, "extensions[0].options", "INVALID"),
        (
            {
                "extensions": [
                    an_extension(url="http://b.example/", target="NEW_TAB", options={"newTabTarget": {"method": "POST"}})
                ]
            },
            "extensions[0].url",
            "INVALID_URL_FORMAT",
        ),
        ({"webhooks": [a_webhook(isActive="yes")]}, "webhooks[0].isActive", "INVALID"),
        ({"webhooks": [a_webhook(asyncEvents=["ORDER_EATEN"])]}, "webhooks[0].asyncEvents", "INVALID"),
        ({"webhooks": [a_webhook(targetUrl=f"http://a/{'x' * 255}")]}, "webhooks[0].targetUrl", "INVALID_URL_FORMAT"),
        ({"webhooks": [a_webhook(identifier="i" * 257)]}, "webhooks", "INVALID"),
        (
            {"webhooks": [a_webhook(customHeaders={"X-A": "1" * 998})]},
            "webhooks[0].customHeaders",
            "INVALID_CUSTOM_HEADERS",
        ),
        (
            {"webhooks": [a_webhook(customHeaders={f"X-{n}": "1" for n in range(6)})]},
            "webhooks[0].customHeaders",
            "INVALID_CUSTOM_HEADERS",
        ),
        ({"webhooks": [{"name": "W", "targetUrl": "http://a/w"}]}, "webhooks[0].query", "REQUIRED"),
        ({"webhooks": [{"name": "W", "targetUrl": "ftp://a", "query": QUERY}]}, "webhooks[0].targetUrl", "INVALID_URL_FORMAT"),
        ({"webhooks": [{"name": "W", "targetUrl": "http://a", "query": "{"}]}, "webhooks[0].query", "INVALID"),
        (
            {"webhooks": [{"name": "W", "targetUrl": "http://a", "query": QUERY, "customHeaders": {"Cookie": "1"}}]},
            "webhooks[0].customHeaders",
            "INVALID_CUSTOM_HEADERS",
        ),
        (
            {"webhooks": [{"name": "W", "targetUrl": "http://a", "query": QUERY, "identifier": "i"}] * 2},
            "webhooks",
            "DUPLICATED_WEBHOOK_IDENTIFIER",
        ),
    ],
)
def test_a_wrong_manifest_is_refused_with_field_and_code(changed: dict[str, Any], field: str, code: str) -> None:
    problems = problems_in(a_manifest(**changed))

    assert [(problem.field, problem.code) for problem in problems] == [(field, code)]


@pytest.mark.parametrize(
    "wanted",
    [">=3.21 <4", "3.23.28", ">2 <=3.24", "v3.23.28", "^3.21", "~3.23.1", "3.x", "*", "<3 || >=3.23", "3.20 - 3.23", "^3.23.0"],
)
def test_a_range_with_this_version_in_it_is_fulfilled(wanted: str) -> None:
    assert problems_in(a_manifest(requiredSaleorVersion=wanted)) == []


@pytest.mark.parametrize("wanted", ["^4", "~3.22.1", "2.x", "<3.23", ">3.23", "3.20 - 3.22", "<3 || >=4", "^0.3"])
def test_a_range_without_this_version_is_not(wanted: str) -> None:
    [problem] = problems_in(a_manifest(requiredSaleorVersion=wanted))

    assert problem.code == "UNSUPPORTED_SALEOR_VERSION"


def test_a_right_manifest_has_no_problems() -> None:
    brand = {"logo": {"default": "http://app.example/logo.png"}}
    webhooks = [{"name": "W", "targetUrl": "https://a/w", "query": QUERY, "customHeaders": {"X-A": "1"}}]

    assert problems_in(a_manifest(brand=brand, webhooks=webhooks, extensions=None)) == []
    assert problems_in([])[0].code == "INVALID_MANIFEST_FORMAT"
