"""Which signatures are believed."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS
from jwt.utils import base64url_encode

from plugin.domain.errors import BadSignature, TryAgain
from plugin.door.sizes import LARGEST_WEBHOOK
from plugin.platforms.saleor.signature import judged, readable_keys
from plugin.platforms.saleor.testing import TESTKIT
from tests.support.hostile.long_texts import MOST_SECONDS, TRIES
from tests.support.hostile.whole_files import Pauses
from tests.support.platforms.saleor.fixtures import a_body, a_stand, a_third_key, another_key, detached, key_set, signed


def test_a_delivery_with_a_shared_secret_is_believed() -> None:
    stand = a_stand(webhook_secret="a secret of a webhook made by hand")
    digest = hmac.new(b"a secret of a webhook made by hand", a_body(), "sha256").hexdigest()

    assert stand.verify(signed(stand, a_body(), signature=digest)).topic == "order_created"
    with pytest.raises(BadSignature):
        stand.verify(signed(stand, a_body(version="1"), signature=digest))
    with pytest.raises(BadSignature):
        stand.verify(signed(stand, a_body(), signature=digest.upper()))


def test_no_secret_is_no_secret() -> None:
    digest = hmac.new(b"", a_body(), "sha256").hexdigest()

    for secret in (None, ""):
        stand = a_stand(webhook_secret=secret)
        with pytest.raises(BadSignature):
            stand.verify(signed(stand, a_body(), signature=digest))


def test_a_customers_token_of_the_same_key_signs_nothing() -> None:
    """Saleor signs everybody's tokens with the key of its deliveries: header and signature of one are no signature of ours."""
    stand = a_stand(jwks=key_set(another_key()))
    token = jwt.encode({"type": "access"}, another_key(), algorithm="RS256", headers={"kid": "new-key"})
    header, payload, signature = token.split(".")

    for written, body in (
        (f"{header}..{signature}", payload.encode()),
        (f"{header}..{signature}", b""),
        (token, payload.encode()),
        (token, a_body()),
    ):
        with pytest.raises(BadSignature):
            stand.verify(signed(stand, body, signature=written))


@pytest.mark.parametrize(
    "header",
    [
        {"b64": True, "crit": ["b64"]},
        {"b64": False},
        {"b64": False, "crit": []},
        {"b64": False, "crit": "b64"},
        {"b64": False, "crit": ["b64", "exp"]},
        {"b64": 0, "crit": ["b64"]},
        {"alg": "none", "b64": False, "crit": ["b64"]},
        {"alg": "HS256", "b64": False, "crit": ["b64"]},
        {"alg": "RS512", "b64": False, "crit": ["b64"]},
        {"alg": ["RS256"], "b64": False, "crit": ["b64"]},
        [],
        "RS256",
    ],
    ids=str,
)
def test_a_signature_of_another_make_is_refused(header: Any) -> None:
    """Each is signed with the right key over the bytes its header asks for, so only the header is wrong."""
    stand, body = a_stand(jwks=key_set(another_key())), a_body()
    document = {"alg": "RS256", "kid": "new-key", **header} if isinstance(header, dict) else header
    protected = urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=")
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(protected + b"." + body, another_key())
    written = f"{protected.decode()}..{urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    with pytest.raises(BadSignature):
        stand.verify(signed(stand, body, signature=written))


def test_a_signature_has_one_spelling() -> None:
    stand, body = a_stand(), a_body()
    right = TESTKIT.sign(body)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    for last in alphabet.replace(right[-1], ""):
        with pytest.raises(BadSignature):
            stand.verify(signed(stand, body, signature=right[:-1] + last))
    for written in (right + "=", right + "==", f" {right}", right[:-1] + "*" + right[-1], right + "\n"):
        with pytest.raises(BadSignature):
            stand.verify(signed(stand, body, signature=written))


def test_a_signature_without_a_name_is_tried_with_every_key() -> None:
    body = a_body()
    nameless = PyJWS().encode(
        body, another_key(), algorithm="RS256", headers={"b64": False, "crit": ["b64"]}, is_payload_detached=True
    )

    for keys in (key_set(another_key(), kid=None), key_set(another_key()), key_set(a_third_key(), another_key())):
        stand = a_stand(jwks=keys)
        assert stand.verify(signed(stand, body, signature=nameless)).topic == "order_created"


@pytest.mark.parametrize("kid", ["new-key", None], ids=["the same name twice", "no names"])
def test_one_of_several_keys_may_sign(kid: str | None) -> None:
    stand = a_stand(jwks=key_set(a_third_key(), another_key(), kid=kid))

    assert stand.verify(signed(stand, a_body(), signature=detached(a_body(), another_key()))).topic == "order_created"
    assert stand.publisher.asked == 0


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "RSA", "kid": "testkit-key"},
        {"kty": "RSA", "kid": "testkit-key", "n": "AQ", "e": "AQAB"},
        {"kty": "RSA", "kid": "testkit-key", "n": 5, "e": None},
        {"kty": "oct", "kid": "testkit-key", "k": "c2VjcmV0"},
        {"kty": "EC", "kid": "testkit-key", "crv": "P-256", "x": "AA", "y": "AA"},
        "key",
        None,
    ],
    ids=str,
)
def test_a_stored_key_that_is_none_believes_nobody(key: Any) -> None:
    stand = a_stand(jwks={"keys": [key]})

    with pytest.raises((BadSignature, TryAgain)):
        stand.verify(signed(stand, a_body()))


@pytest.mark.parametrize(("bits", "exponent_bits"), [(2048, 2000), (2048, 33), (8200, 17), (16_384, 17)])
def test_a_key_that_takes_long_to_check_with_is_not_used(bits: int, exponent_bits: int) -> None:
    numbers = {"n": 2**bits - 2**9 - 1, "e": 2 ** (exponent_bits - 1) + 1}
    fields = {name: base64url_encode(number.to_bytes(bits // 8)).decode() for name, number in numbers.items()}

    assert readable_keys({"keys": [{"kty": "RSA", "kid": "slow", **fields}]}) == []


def test_a_large_body_is_checked_with_key_after_key_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = Pauses()
    monkeypatch.setattr("plugin.turns.time", pauses)
    fields = {name: value for name, value in TESTKIT.jwks()["keys"][0].items() if name != "kid"}
    nameless = urlsafe_b64encode(b'{"alg":"RS256","b64":false,"crit":["b64"]}').rstrip(b"=").decode()
    signature = f"{nameless}..{TESTKIT.sign(b'another body').rpartition('.')[2]}"
    body = b"x" * LARGEST_WEBHOOK

    longest = min(pauses.longest_of(lambda: judged(signature, body, {"keys": [fields] * 8})) for _ in range(TRIES))

    assert longest < MOST_SECONDS


def test_a_key_too_short_for_our_time_believes_nobody() -> None:
    short = generate_private_key(public_exponent=65537, key_size=1024)
    stand, body = a_stand(jwks=key_set(short)), a_body()
    protected = urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": "new-key", "b64": False, "crit": ["b64"]}).encode())
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(protected.rstrip(b"=") + b"." + body, short)
    written = f"{protected.rstrip(b'=').decode()}..{urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    with pytest.raises(BadSignature):
        stand.verify(signed(stand, body, signature=written))
