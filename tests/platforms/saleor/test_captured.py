"""Whom this platform believes: the captured events of a running Saleor, and what could be made of them."""

import json
from dataclasses import replace

import pytest

from plugin.domain.errors import BadSignature, NotInstalled
from plugin.ports import RawWebhook
from tests.support.builders import NOON
from tests.support.platforms.saleor.fixtures import Stand, a_stand
from tests.support.shared_folder import HAS_SHARED, SHARED, needs_shared

CORPUS = SHARED / "corpus" / "saleor"
CAPTURED = sorted(path.name.removesuffix(".headers.json") for path in CORPUS.glob("*.headers.json")) if HAS_SHARED else []
SIGNED = [name for name in CAPTURED if not name.startswith(("manifest", "register", "hmac-"))]
TWINS = ("saleor-signature", "x-saleor-signature", "saleor-event", "x-saleor-event", "saleor-domain", "x-saleor-domain")


def captured(name: str) -> tuple[Stand, RawWebhook]:
    document = json.loads((CORPUS / f"{name}.headers.json").read_bytes())
    headers = {key.lower(): value for key, value in document["headers"]}
    keys = json.loads((CORPUS / "jwks.json").read_bytes())
    stand = a_stand(headers["saleor-api-url"], jwks=keys, app_id="QXBwOjE2")
    return stand, RawWebhook(headers=headers, body=(CORPUS / f"{name}.body").read_bytes())


@needs_shared
def test_the_corpus_is_all_there() -> None:
    assert len(SIGNED) >= 30


@pytest.mark.parametrize("name", SIGNED)
def test_a_captured_delivery_is_believed(name: str) -> None:
    stand, webhook = captured(name)

    verified = stand.verify(webhook)

    assert verified.shop == stand.shop
    assert verified.topic == webhook.headers["saleor-event"]
    assert (verified.triggered_at is None) == name.startswith("legacy")
    assert stand.publisher.asked == 0


@pytest.mark.parametrize("name", SIGNED)
def test_a_captured_delivery_with_one_changed_byte_is_refused(name: str) -> None:
    stand, webhook = captured(name)
    length = len(webhook.body)

    for position in {*range(0, length, 97), length // 2, length - 1}:
        body = bytearray(webhook.body)
        body[position] ^= 1
        with pytest.raises(BadSignature):
            stand.verify(replace(webhook, body=bytes(body)))


@pytest.mark.parametrize("name", SIGNED)
def test_a_captured_delivery_with_one_changed_letter_in_a_header_is_refused(name: str) -> None:
    stand, webhook = captured(name)

    for header in TWINS:
        value = webhook.headers[header]
        for position in {0, 1, len(value) // 3, len(value) // 2, len(value) - 2, len(value) - 1}:
            flipped = value[:position] + chr(ord(value[position]) ^ 1) + value[position + 1 :]
            with pytest.raises(BadSignature):
                stand.verify(replace(webhook, headers={**webhook.headers, header: flipped}))


@pytest.mark.parametrize("name", SIGNED)
def test_a_captured_delivery_of_another_address_is_not_installed(name: str) -> None:
    stand, webhook = captured(name)

    with pytest.raises(NotInstalled) as refused:
        stand.verify(replace(webhook, headers={**webhook.headers, "saleor-api-url": "http://127.0.0.1:8001/graphql/"}))

    assert refused.value.answer == 401


@pytest.mark.parametrize("name", SIGNED)
def test_a_captured_delivery_is_refused_for_another_app_of_the_shop(name: str) -> None:
    stand, webhook = captured(name)
    stand.shops.install(stand.shop, {**stand.access(), "app_id": "QXBwOjk5"}, now=NOON)

    if name.startswith("legacy"):
        assert stand.verify(webhook)  # names no recipient; the translator goes no further with it
        return
    with pytest.raises(BadSignature, match="another app"):
        stand.verify(webhook)


@needs_shared
def test_captured_deliveries_have_keys_of_their_own() -> None:
    keys = {verified.key for verified in (stand.verify(webhook) for stand, webhook in map(captured, SIGNED))}

    assert len(keys) == len(SIGNED)


@needs_shared
def test_the_captured_hmac_delivery_is_refused_as_its_secret_is_unknown() -> None:
    stand, webhook = captured("hmac-customer-created")

    with pytest.raises(BadSignature):
        stand.verify(webhook)
    stand.shops.install(stand.shop, {**stand.access(), "webhook_secret": "not the one it was made with"}, now=NOON)
    with pytest.raises(BadSignature):
        stand.verify(webhook)
