"""The token endpoint: exchange, expiry, refresh."""

from typing import Any

import jwt
import pytest

from plugin.sandbox.stores.shopify.admin import admin_app
from plugin.sandbox.stores.shopify.pretend import PretendShopify
from plugin.sandbox.stores.shopify.tokens import CLAIMS, EXCHANGE, ID_TOKEN, OFFLINE
from tests.support.fake_platform import FakeClock

SHOP, SECRET = "demo.myshopify.com", "client-secret-of-thirty-two-bytes"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pretend(clock: FakeClock) -> PretendShopify:
    return PretendShopify(client_id="client-id", client_secret=SECRET, now=clock)


def id_token(clock: FakeClock, *without: str, **changed: Any) -> str:
    now = int(clock().timestamp())
    claims = {
        "iss": f"https://{SHOP}/admin", "dest": f"https://{SHOP}", "aud": "client-id", "sub": "1",
        "exp": now + 60, "nbf": now, "iat": now, "jti": "one", "sid": "session",
    } | changed  # fmt: skip
    return jwt.encode({name: value for name, value in claims.items() if name not in without}, SECRET, algorithm="HS256")


def ask(pretend: PretendShopify, shop: str = SHOP, **changed: Any) -> tuple[int, dict[str, Any]]:
    question = {"client_id": "client-id", "client_secret": SECRET} | changed
    answer = admin_app(pretend).test_client().post(f"/{shop}/admin/oauth/access_token", json=question)
    return answer.status_code, answer.get_json()


def exchange(pretend: PretendShopify, clock: FakeClock, **changed: Any) -> tuple[int, dict[str, Any]]:
    question: dict[str, Any] = {
        "grant_type": EXCHANGE,
        "subject_token": id_token(clock),
        "subject_token_type": ID_TOKEN,
        "requested_token_type": OFFLINE,
        "expiring": 1,
    }
    return ask(pretend, **(question | changed))


def test_an_id_token_is_exchanged_for_an_expiring_token(pretend: PretendShopify, clock: FakeClock) -> None:
    status, grant = exchange(pretend, clock)

    assert status == 200
    assert grant.keys() == {"access_token", "scope", "expires_in", "refresh_token", "refresh_token_expires_in"}
    assert grant["expires_in"] == 3600
    assert pretend.tokens.shop_of(grant["access_token"]) == SHOP


def test_a_token_ends_after_an_hour(pretend: PretendShopify, clock: FakeClock) -> None:
    _, grant = exchange(pretend, clock)
    clock.move(hours=1)

    assert pretend.tokens.shop_of(grant["access_token"]) is None


def test_the_old_refresh_token_works_until_the_new_pair_is_used(pretend: PretendShopify, clock: FakeClock) -> None:
    _, first = exchange(pretend, clock)

    def refresh() -> tuple[int, dict[str, Any]]:
        return ask(pretend, grant_type="refresh_token", refresh_token=first["refresh_token"])

    _, second = refresh()
    again, third = refresh()
    pretend.tokens.shop_of(third["access_token"])
    late, refusal = refresh()

    assert second["refresh_token"] != first["refresh_token"]
    assert again == 200
    assert (late, refusal["error"]) == (400, "invalid_grant")


def test_a_refresh_token_ends_too(pretend: PretendShopify, clock: FakeClock) -> None:
    _, grant = exchange(pretend, clock)
    clock.move(days=91)

    assert ask(pretend, grant_type="refresh_token", refresh_token=grant["refresh_token"])[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"subject_token": "junk"}, "invalid_subject_token"),
        ({"requested_token_type": "online"}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"expiring": 0}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_refused(pretend: PretendShopify, clock: FakeClock, changed: dict[str, str], error: str) -> None:
    status, answer = exchange(pretend, clock, **changed)

    assert (status, answer["error"]) == (400, error)


def test_an_id_token_is_good_for_a_minute_and_its_own_shop(pretend: PretendShopify, clock: FakeClock) -> None:
    token = id_token(clock)
    stranger = exchange(pretend, clock, shop="other.myshopify.com")
    clock.move(minutes=2)
    late = exchange(pretend, clock, subject_token=token)

    assert [answer["error"] for _, answer in (stranger, late)] == ["invalid_subject_token"] * 2


@pytest.mark.parametrize("claim", CLAIMS)
def test_an_id_token_without_one_of_its_claims_is_refused(pretend: PretendShopify, clock: FakeClock, claim: str) -> None:
    _, answer = exchange(pretend, clock, subject_token=id_token(clock, claim))

    assert answer["error"] == "invalid_subject_token"


@pytest.mark.parametrize(
    "changed",
    [{"aud": "another-app"}, {"iss": "https://other.myshopify.com/admin"}, {"nbf": 4_000_000_000}],
    ids=["another app's", "one shop's in another's name", "of the future"],
)
def test_a_strange_id_token_is_refused(pretend: PretendShopify, clock: FakeClock, changed: dict[str, Any]) -> None:
    _, answer = exchange(pretend, clock, subject_token=id_token(clock, **changed))

    assert answer["error"] == "invalid_subject_token"


def test_a_token_says_what_its_merchant_allows_by_then(pretend: PretendShopify, clock: FakeClock) -> None:
    before = exchange(pretend, clock)[1]["scope"].split(",")
    pretend.grant(SHOP, "read_translations")

    assert exchange(pretend, clock)[1]["scope"].split(",") == [*before, "read_translations"]


def test_an_uninstall_ends_every_token_of_the_shop(pretend: PretendShopify, clock: FakeClock) -> None:
    _, grant = exchange(pretend, clock)
    pretend.uninstall(SHOP)
    renewed = ask(pretend, grant_type="refresh_token", refresh_token=grant["refresh_token"])
    again = exchange(pretend, clock)

    assert pretend.tokens.shop_of(grant["access_token"]) is None
    assert [answer["error"] for _, answer in (renewed, again)] == ["invalid_grant", "invalid_subject_token"]


def test_an_install_after_an_uninstall_gives_tokens_again(pretend: PretendShopify, clock: FakeClock) -> None:
    pretend.uninstall(SHOP)
    pretend.install(SHOP)

    assert exchange(pretend, clock)[0] == 200


def test_a_form_is_as_good_as_json(pretend: PretendShopify) -> None:
    answer = admin_app(pretend).test_client().post("/admin/oauth/access_token", data={"client_id": "client-id"})

    assert answer.get_json()["error"] == "invalid_client"
