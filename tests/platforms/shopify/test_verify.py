"""Only what Shopify signed comes in, and only for shops that have us."""

import json
from base64 import b64encode
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from hashlib import sha256
from hmac import digest
from typing import Any

import pytest

from plugin.domain.errors import BadSignature, NotInstalled, Unreadable
from plugin.domain.payload import read_json
from plugin.platforms.shopify.testing import SECRET, TESTKIT
from plugin.ports import RawWebhook
from tests.support.builders import NOON
from tests.support.fakes import FakeShops
from tests.support.platforms.shopify.given import SHOP, installed, opened

BODY = '{"id": 5001000000001, "note": "Żubr 🦬"}'.encode()
DEEP = b"[" * 200_000 + b"]" * 200_000
HMAC = "x-shopify-hmac-sha256"


def signature(body: bytes, secret: str) -> str:
    return b64encode(digest(secret.encode(), body, sha256)).decode()


def signed(body: bytes = BODY, topic: str = "orders/paid", **headers: str | None) -> RawWebhook:
    """A right webhook, with some headers (underscores for dashes) changed or, when None, left out."""
    right = TESTKIT.webhook(topic, body, SHOP, key="delivery-1")
    changed = dict(right.headers) | {name.replace("_", "-"): text for name, text in headers.items()}
    return replace(right, headers={name: text for name, text in changed.items() if text is not None})


FORGERIES: dict[str, Callable[[], RawWebhook]] = {
    "no signature": lambda: signed(x_shopify_hmac_sha256=None),
    "empty signature": lambda: signed(x_shopify_hmac_sha256=""),
    "blank signature": lambda: signed(x_shopify_hmac_sha256="   "),
    "signature of zeros": lambda: signed(x_shopify_hmac_sha256=b64encode(bytes(32)).decode()),
    "signature not ASCII": lambda: signed(x_shopify_hmac_sha256="ż" * 44),
    "signature with a line break": lambda: signed(x_shopify_hmac_sha256=signature(BODY, SECRET)[:20] + "\r\n"),
    "signature with a null byte": lambda: signed(x_shopify_hmac_sha256=signature(BODY, SECRET) + "\x00"),
    "signature in hex": lambda: signed(x_shopify_hmac_sha256=digest(SECRET.encode(), BODY, sha256).hex()),
    "signature in lower case": lambda: signed(x_shopify_hmac_sha256=signature(BODY, SECRET).lower()),
    "signature cut short": lambda: signed(x_shopify_hmac_sha256=signature(BODY, SECRET)[:-2]),
    "signature without padding": lambda: signed(x_shopify_hmac_sha256=signature(BODY, SECRET).rstrip("=")),
    "signature twice": lambda: signed(x_shopify_hmac_sha256=f"{signature(BODY, SECRET)},{signature(BODY, SECRET)}"),
    "signature of a million letters": lambda: signed(x_shopify_hmac_sha256="A" * 1_000_000),
    "signature with another secret": lambda: signed(x_shopify_hmac_sha256=signature(BODY, "another")),
    "signature with an empty secret": lambda: signed(x_shopify_hmac_sha256=signature(BODY, "")),
    "signature with the client id": lambda: signed(x_shopify_hmac_sha256=signature(BODY, "testkit-client-id")),
    "signature of an empty body": lambda: signed(x_shopify_hmac_sha256=signature(b"", SECRET)),
    "body changed by one byte": lambda: replace(signed(), body=BODY.replace(b"5001", b"5002")),
    "body with a blank more": lambda: replace(signed(), body=BODY + b" "),
    "body written anew": lambda: replace(signed(), body=json.dumps(json.loads(BODY)).encode()),
    "body empty": lambda: replace(signed(), body=b""),
    "body not UTF-8": lambda: replace(signed(), body=BODY + b"\xff\xfe"),
    "body 200 000 levels deep": lambda: replace(signed(), body=DEEP),
    "good signature under a wrong name": lambda: signed(x_shopify_hmac_sha256=None, x_hmac=signature(BODY, SECRET)),
    "bad signature beside a good one": lambda: signed(
        x_shopify_hmac_sha256="A" * 44, shopify_hmac_sha256=signature(BODY, SECRET)
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_webhook_is_refused(forgery: Callable[[], RawWebhook]) -> None:
    shops, _ = installed()

    with pytest.raises(BadSignature):
        opened().verify(forgery(), shops)


BODIES = {
    "usual": BODY,
    "empty": b"",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "not JSON": b"no",
    "half a megabyte": b" " * 500_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_signed_webhook_comes_in_byte_for_byte(body: bytes) -> None:
    shops, shop = installed()

    webhook = opened().verify(signed(body), shops)

    assert (webhook.shop, webhook.topic, webhook.body) == (shop, "orders/paid", body)
    assert webhook.key.startswith("delivery-1:")
    assert webhook.triggered_at is not None
    assert webhook.triggered_at.tzinfo is not None


def test_a_signed_body_too_deep_to_read_comes_in_to_be_shown_as_unreadable() -> None:
    shops, _ = installed()

    webhook = opened().verify(signed(DEEP), shops)

    with pytest.raises(Unreadable):
        read_json(webhook.body, "body")


def test_a_webhook_signed_with_the_secret_before_the_rotation_comes_in() -> None:
    shops, _ = installed()
    rotated = opened(SHOPIFY_CLIENT_SECRET="new", SHOPIFY_CLIENT_SECRET_OLD=SECRET)

    assert rotated.verify(signed(), shops).body == BODY
    assert rotated.verify(signed(x_shopify_hmac_sha256=signature(BODY, "new")), shops).body == BODY


def test_headers_without_x_name_the_same_things() -> None:
    shops, shop = installed()
    headers = {name.removeprefix("x-"): text for name, text in signed().headers.items()}

    webhook = opened().verify(RawWebhook(headers=headers, body=BODY), shops)

    assert (webhook.shop, webhook.topic) == (shop, "orders/paid")
    assert webhook.key.startswith("delivery-1:")


@pytest.mark.parametrize("secret", ["", "  "])
def test_without_a_client_secret_everything_is_refused_with_one_warning(
    secret: str, logged: list[MutableMapping[str, Any]]
) -> None:
    shops, _ = installed()
    platform = opened(SHOPIFY_CLIENT_SECRET=secret)

    for _ in range(2):
        with pytest.raises(BadSignature, match="SHOPIFY_CLIENT_SECRET"):
            platform.verify(signed(x_shopify_hmac_sha256=signature(BODY, secret)), shops)

    assert [entry["log_level"] for entry in logged] == ["warning"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "evil.com",
        "demo.myshopify.com.evil.com",
        "demo.myshopify.com@evil.com",
        "demo.myshopify.com:80",
        "http://[",
        "-.myshopify.com",
        "a" * 64 + ".myshopify.com",
        "a" * 5000 + ".myshopify.com",
        "dé.myshopify.com",
        "demo.myshopify.com\r\nx: y",
        "../demo",
        "other-shop.myshopify.com",
    ],
)
def test_a_shop_that_is_not_one_of_ours_is_answered_200_to_end_the_retries(name: str) -> None:
    shops, _ = installed()

    with pytest.raises(NotInstalled) as error:
        opened().verify(signed(x_shopify_shop_domain=name), shops)

    assert error.value.answer == 200


def test_the_shop_is_found_in_any_spelling_of_its_address() -> None:
    shops, shop = installed()

    assert opened().verify(signed(x_shopify_shop_domain="Demo.MyShopify.com"), shops).shop == shop


@pytest.mark.parametrize("topic", ["app/uninstalled", "shop/redact", "customers/redact", "customers/data_request"])
def test_a_shop_that_left_can_still_ask_to_be_forgotten(topic: str) -> None:
    shops, shop = installed()
    shops.leave(shop.id, now=NOON)

    assert opened().verify(signed(topic=topic), shops).topic == topic


def test_a_late_order_of_a_shop_that_left_is_answered_200() -> None:
    shops, shop = installed()
    shops.leave(shop.id, now=NOON)

    with pytest.raises(NotInstalled) as error:
        opened().verify(signed(), shops)

    assert error.value.answer == 200


@pytest.mark.parametrize("topic", ["shop/redact", "orders/paid"])
def test_a_shop_that_never_installed_us_is_answered_200(topic: str) -> None:
    with pytest.raises(NotInstalled) as error:
        opened().verify(signed(topic=topic), FakeShops())

    assert error.value.answer == 200


@pytest.mark.parametrize("key", [None, "", "k" * 201, "ż", "a\x00b"])
def test_a_webhook_without_a_usable_id_is_known_by_its_topic_and_body(key: str | None) -> None:
    shops, _ = installed()
    platform = opened()

    first, again = (platform.verify(signed(x_shopify_webhook_id=key), shops).key for _ in range(2))
    other_body = platform.verify(signed(b"{}", x_shopify_webhook_id=key), shops).key
    other_topic = platform.verify(signed(topic="orders/create", x_shopify_webhook_id=key), shops).key

    assert first == again
    assert len({first, other_body, other_topic}) == 3
    assert first.startswith("sha256:")


def test_an_id_used_before_for_another_body_hides_no_genuine_delivery() -> None:
    shops, _ = installed()
    forged, genuine = signed(b"{}", x_shopify_webhook_id="w-1"), signed(x_shopify_webhook_id="w-1")

    assert opened().verify(forged, shops).key != opened().verify(genuine, shops).key


def test_a_webhook_without_a_topic_comes_in_as_an_unknown_one() -> None:
    shops, _ = installed()

    assert opened().verify(signed(x_shopify_topic=None), shops).topic == ""


@pytest.mark.parametrize("text", [None, "", "yesterday", "2026-13-01T00:00:00Z"])
def test_a_webhook_with_an_odd_time_comes_in_without_one(text: str | None) -> None:
    shops, _ = installed()

    assert opened().verify(signed(x_shopify_triggered_at=text), shops).triggered_at is None


def test_no_part_of_a_refused_body_reaches_the_log_or_the_error(logged: list[MutableMapping[str, Any]]) -> None:
    shops, _ = installed()

    with pytest.raises(BadSignature) as error:
        opened().verify(replace(signed(), body=b'{"email": "zofia@example.com"}'), shops)

    assert "zofia" not in f"{logged} {error.value} {error.value.__cause__}"
