"""The pretend admin's own server: what it opens the app with, and who gets a token."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import shopify
from flask.testing import FlaskClient
from shopify import session_token

from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.admin_page import APP, BRIDGE, ENTRY
from plugin.sandbox.stores.shopify.pretend import PretendShopify
from tests.support.sandbox.standins import StandIn, standing_in

SHOP, SECRET = "demo.myshopify.com", "client-secret-of-thirty-two-bytes"
HOME = f"/store/demo/apps/{APP}"


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


@pytest.fixture
def pretend(standin: StandIn) -> PretendShopify:
    found = PretendShopify(client_id="client-id", client_secret=SECRET, url="http://localhost:8004", app_url=standin.url)
    found.install(SHOP)
    return found


@pytest.fixture
def client(pretend: PretendShopify) -> FlaskClient:
    return admin_app(pretend).test_client()


def ask(client: FlaskClient, word: str, handle: str = "demo", **told: Any) -> Any:
    return client.post(f"/store/{handle}/pretend/{word}", json=told)


def opened(client: FlaskClient, **told: Any) -> tuple[str, dict[str, str]]:
    """The frame's path, and its query."""
    parts = urlsplit(ask(client, "frame", **told).get_json()["src"])
    return parts.path, dict(parse_qsl(parts.query))


def test_the_frame_is_opened_with_all_that_the_real_admin_sends(client: FlaskClient) -> None:
    path, query = opened(client, locale="pt-BR")

    assert path == ENTRY
    assert query.keys() == {"embedded", "hmac", "host", "id_token", "locale", "session", "shop", "timestamp"}
    assert (query["embedded"], query["shop"], query["locale"]) == ("1", SHOP, "pt-BR")
    assert b64decode(query["host"] + "==").decode() == "localhost:8004/store/demo"


def test_shopifys_own_library_takes_the_query_and_the_token(client: FlaskClient) -> None:
    shopify.Session.setup(api_key="client-id", secret=SECRET)
    _, query = opened(client)

    claims = session_token.decode_from_header(f"Bearer {query['id_token']}", "client-id", SECRET)

    assert shopify.Session.validate_params(dict(query))
    assert not shopify.Session.validate_params({**query, "shop": "other.myshopify.com"})
    assert claims["dest"] == f"https://{SHOP}"
    assert claims["exp"] - claims["iat"] == 60


def test_a_deep_link_opens_its_page_with_its_query(client: FlaskClient) -> None:
    path, query = opened(client, path="/shopify/deliveries", query="state=failed")

    assert (path, query["state"]) == ("/shopify/deliveries", "failed")


@pytest.mark.parametrize("path", ["//evil.example", "evil.example"])
def test_a_path_that_leads_elsewhere_opens_nothing(client: FlaskClient, path: str) -> None:
    assert ask(client, "frame", path=path).status_code == 400


@pytest.mark.parametrize("word", ["frame", "token", "scopes", "uninstall"])
def test_a_shop_without_the_app_hands_out_nothing(client: FlaskClient, word: str) -> None:
    assert ask(client, word, handle="newcomer").status_code == 404


def test_a_shop_without_the_app_is_asked_for_its_consent(client: FlaskClient, pretend: PretendShopify) -> None:
    before = client.get(f"/store/newcomer/apps/{APP}").text
    path = ask(client, "install", handle="newcomer").get_json()["path"]

    assert "read_orders" in before
    assert path == f"/store/newcomer/apps/{APP}"
    assert "<iframe" not in before
    assert "<iframe" in client.get(path).text
    assert pretend.is_installed("newcomer.myshopify.com")


def test_an_uninstall_is_told_with_a_signature_after_the_tokens_are_dead(
    client: FlaskClient, pretend: PretendShopify, standin: StandIn
) -> None:
    pretend.tokens.accept(SHOP, "shpat_x")

    told = ask(client, "uninstall").get_json()

    [webhook] = standin.webhooks
    assert told == {"told": 200}
    assert webhook["headers"]["x-shopify-topic"] == "app/uninstalled"
    assert pretend.tokens.shop_of("shpat_x") is None
    assert "<iframe" not in client.get(HOME).text


def test_an_optional_scope_is_allowed_and_told(client: FlaskClient, pretend: PretendShopify, standin: StandIn) -> None:
    assert ask(client, "scopes", scopes=["write_orders"]).get_json() == {"result": "declined-all"}
    assert ask(client, "scopes", scopes=["read_fulfillments"]).get_json() == {"result": "granted-all"}

    [webhook] = standin.webhooks
    assert webhook["headers"]["x-shopify-topic"] == "app/scopes_update"
    assert "read_fulfillments" in pretend.scopes(SHOP)


def test_tokens_live_as_long_as_the_switch_says(client: FlaskClient) -> None:
    ask(client, "tokens", life=5)
    claims = session_token.decode_from_header(f"Bearer {ask(client, 'token').get_json()['token']}", "client-id", SECRET)

    assert claims["exp"] - claims["iat"] == 5


def test_a_spoiled_token_is_no_good_once(client: FlaskClient) -> None:
    ask(client, "tokens", spoiled=1)
    spoiled, fresh = (f"Bearer {ask(client, 'token').get_json()['token']}" for _ in range(2))

    with pytest.raises(session_token.SessionTokenError):
        session_token.decode_from_header(spoiled, "client-id", SECRET)
    assert session_token.decode_from_header(fresh, "client-id", SECRET)


def test_the_admin_frames_the_app_and_nothing_else(client: FlaskClient, standin: StandIn) -> None:
    policy = client.get(HOME).headers["Content-Security-Policy"]

    assert f"frame-src {standin.url};" in policy
    assert "default-src 'none'" in policy


def test_the_bridge_is_a_script(client: FlaskClient) -> None:
    with client.get(BRIDGE) as answer:
        assert answer.mimetype == "text/javascript"


def test_the_shops_own_address_of_the_app_leads_into_the_admin(client: FlaskClient) -> None:
    answer = client.get(f"/{SHOP}/admin/apps/client-id")

    assert answer.headers["Location"] == f"http://localhost:8004{HOME}"
    assert client.get(f"/{SHOP}/admin/apps/another").status_code == 404


def test_a_page_of_the_app_is_found_behind_the_shops_own_address(client: FlaskClient) -> None:
    answer = client.get(f"/{SHOP}/admin/apps/client-id/shopify/deliveries?state=failed")

    assert answer.headers["Location"] == f"http://localhost:8004{HOME}/shopify/deliveries?state=failed"


def test_only_json_is_listened_to(client: FlaskClient) -> None:
    assert client.post("/store/demo/pretend/token", data={"a": "b"}).status_code == 400
