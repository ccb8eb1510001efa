"""The pretend dashboard's own server: tokens of its staff, install and uninstall."""

import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from jwt import PyJWK
from jwt.api_jws import PyJWS

from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.pretend import InstalledApp, PretendSaleor
from tests.support.sandbox.standins import StandIn, standing_in

DELETED = "subscription { event { ... on AppDeleted { __typename app { id } } } }"


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture
def pretend() -> PretendSaleor:
    return PretendSaleor(url="http://localhost:8005")


@pytest.fixture
def app(pretend: PretendSaleor, standin: StandIn) -> InstalledApp:
    webhook = {"name": "W", "targetUrl": f"{standin.url}/webhooks/saleor", "query": DELETED, "asyncEvents": ["APP_DELETED"]}
    known = {"id": "an.app", "name": "App", "version": "1", "permissions": ["MANAGE_ORDERS", "MANAGE_CHANNELS"]}
    return pretend.add_app(known | {"appUrl": f"{standin.url}/app", "webhooks": [webhook | {"isActive": False}]})


@pytest.fixture
def client(pretend: PretendSaleor, standin: StandIn) -> FlaskClient:
    return saleor_app(pretend, app_url=standin.url).test_client()


def ask(client: FlaskClient, word: str, **told: Any) -> Any:
    return client.post(f"/dashboard/pretend/{word}", json=told)


def claims_of(client: FlaskClient, app: InstalledApp, staff: str = "owner") -> dict[str, Any]:
    """What a token says, by the key set the shop publishes."""
    token = ask(client, "token", id=app.id, staff=staff).get_json()["token"]
    [key] = client.get("/.well-known/jwks.json").get_json()["keys"]
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    found: dict[str, Any] = jwt.decode(token, PyJWK(key), algorithms=["RS256"])
    return found


def test_a_token_says_what_the_real_one_does(client: FlaskClient, app: InstalledApp, pretend: PretendSaleor) -> None:
    claims = claims_of(client, app)

    assert claims.keys() == {
        "iat", "exp", "owner", "iss", "token", "email", "type", "user_id", "is_staff", "app", "permissions",
        "user_permissions",
    }  # fmt: skip
    assert (claims["owner"], claims["type"], claims["is_staff"]) == ("saleor", "thirdparty", True)
    assert (claims["iss"], claims["app"]) == (pretend.api_url, app.id)
    assert claims["exp"] - claims["iat"] == 300


def test_a_token_has_the_permissions_both_have(client: FlaskClient, app: InstalledApp) -> None:
    claims = claims_of(client, app)

    assert claims["permissions"] == ["MANAGE_ORDERS"]
    assert "MANAGE_APPS" in claims["user_permissions"]


def test_a_clerk_may_not_manage_apps(client: FlaskClient, app: InstalledApp) -> None:
    assert "MANAGE_APPS" not in claims_of(client, app, staff="clerk")["user_permissions"]


def test_an_audience_is_in_the_token_when_the_manifest_has_one(client: FlaskClient, pretend: PretendSaleor) -> None:
    app = pretend.add_app({"id": "b", "name": "B", "version": "1", "audience": "us"})
    token = ask(client, "token", id=app.id, staff="owner").get_json()["token"]

    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "us"


def test_the_switches_shorten_and_spoil(client: FlaskClient, app: InstalledApp) -> None:
    ask(client, "tokens", life=7, spoiled=1)

    with pytest.raises((jwt.PyJWTError, AssertionError)):
        claims_of(client, app)
    claims = claims_of(client, app)
    assert claims["exp"] - claims["iat"] == 7


@pytest.mark.parametrize("told", [{"staff": "owner", "id": "nobody"}, {"staff": "nobody"}])
def test_there_is_no_token_for_nobody(client: FlaskClient, app: InstalledApp, told: dict[str, str]) -> None:
    assert ask(client, "token", **({"id": app.id} | told)).status_code in (400, 404)


def test_two_shops_do_not_share_a_key(pretend: PretendSaleor) -> None:
    assert pretend.keys.jwks() != PretendSaleor().keys.jwks()


def test_a_deleted_app_hears_of_it_though_its_webhook_is_off(
    client: FlaskClient, app: InstalledApp, pretend: PretendSaleor, standin: StandIn
) -> None:
    told = ask(client, "uninstall", id=app.id).get_json()

    [webhook] = standin.webhooks
    key = PyJWK(pretend.keys.jwks()["keys"][0]).key
    assert told == {"told": [200]}
    assert json.loads(webhook["body"]) == {"__typename": "AppDeleted", "app": {"id": app.id}}
    PyJWS().decode(webhook["headers"]["saleor-signature"], key, algorithms=["RS256"], detached_payload=webhook["body"])
    assert pretend.app_with_token(app.token) is None


def test_the_consent_page_says_what_is_wrong_with_the_manifest(client: FlaskClient, standin: StandIn) -> None:
    page = client.get("/dashboard/extensions/app/install", query_string={"manifestUrl": f"{standin.url}/webhooks/saleor"})

    assert "INVALID_STATUS" in page.text or "INVALID_MANIFEST_FORMAT" in page.text
    assert "data-install" not in page.text


def test_an_install_that_fails_says_why(client: FlaskClient) -> None:
    answer = ask(client, "install", manifestUrl="http://127.0.0.1:1/manifest").get_json()

    assert "MANIFEST_URL_CANT_CONNECT" in answer["message"]
    assert answer["path"] == ""


def test_the_address_of_an_app_that_is_gone_leads_home(client: FlaskClient) -> None:
    assert client.get("/dashboard/extensions/app/QXBwOjk%3D/deliveries").headers["Location"] == "/dashboard/"


def test_the_frame_has_the_real_dashboards_sandbox(client: FlaskClient, app: InstalledApp, standin: StandIn) -> None:
    page = client.get(f"/dashboard/extensions/app/{app.id}/routes/3")

    assert 'sandbox="allow-same-origin allow-forms allow-scripts allow-downloads allow-popups"' in page.text
    assert f"frame-src {standin.url};" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "origin-when-cross-origin"


def test_home_lists_what_is_installed(client: FlaskClient, app: InstalledApp) -> None:
    assert f"/dashboard/extensions/app/{app.id.replace('=', '%3D')}" in client.get("/dashboard/").text
