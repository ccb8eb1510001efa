"""The token endpoint: exchange, expiry, refresh."""

from typing import Any

import jwt
import pytest

from plugin.sandbox.shopify.admin import admin_app
from plugin.sandbox.shopify.pretend import PretendShopify
from plugin.sandbox.shopify.tokens import EXCHANGE, OFFLINE
from tests.players import FakeClock

SHOP, SECRET = "demo.myshopify.com", "client-secret-of-thirty-two-bytes"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pretend(clock: FakeClock) -> PretendShopify:
    return PretendShopify(client_id="client-id", client_secret=SECRET, now=clock)


def id_token(clock: FakeClock, **changed: Any) -> str:
    claims = {
        "iss": f"https://{SHOP}/admin",
        "dest": f"https://{SHOP}",
        "aud": "client-id",
        "exp": int(clock().timestamp()) + 60,
    }
    return jwt.encode(claims | changed, SECRET, algorithm="HS256")


def ask(pretend: PretendShopify, shop: str = SHOP, **changed: Any) -> tuple[int, dict[str, Any]]:
    question = {"client_id": "client-id", "client_secret": SECRET} | changed
    answer = admin_app(pretend).test_client().post(f"/{shop}/admin/oauth/access_token", json=question)
    return answer.status_code, answer.get_json()


def exchange(pretend: PretendShopify, clock: FakeClock, **changed: Any) -> tuple[int, dict[str, Any]]:
    question: dict[str, Any] = {
        "grant_type": EXCHANGE,
        "subject_token": id_token(clock),
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


def test_a_token_without_expiry_has_nothing_to_refresh_it(pretend: PretendShopify, clock: FakeClock) -> None:
    _, grant = exchange(pretend, clock, expiring=0)
    clock.move(days=300)

    assert grant.keys() == {"access_token", "scope"}
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


def test_an_uninstall_ends_every_token_of_the_shop(pretend: PretendShopify, clock: FakeClock) -> None:
    _, grant = exchange(pretend, clock)
    pretend.tokens.revoke(SHOP)

    assert pretend.tokens.shop_of(grant["access_token"]) is None


def test_a_form_is_as_good_as_json(pretend: PretendShopify) -> None:
    answer = admin_app(pretend).test_client().post("/admin/oauth/access_token", data={"client_id": "client-id"})

    assert answer.get_json()["error"] == "invalid_client"
