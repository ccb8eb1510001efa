"""Which signatures are believed, and what happens when a shop's key changes."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

from plugin.domain.errors import BadSignature, Misconfigured, TryAgain
from plugin.platforms.saleor.testing import TESTKIT
from tests.support.builders import NOON
from tests.support.platforms.saleor.fixtures import a_body, a_stand, another_key, detached, key_set, signed


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


def test_a_key_without_a_name_is_used_when_it_is_the_only_one() -> None:
    body = a_body()
    nameless = PyJWS().encode(
        body, another_key(), algorithm="RS256", headers={"b64": False, "crit": ["b64"]}, is_payload_detached=True
    )

    one = a_stand(jwks=key_set(another_key(), kid=None))
    assert one.verify(signed(one, body, signature=nameless)).topic == "order_created"
    two = a_stand(jwks=key_set(another_key(), another_key(), kid=None))
    with pytest.raises(BadSignature):
        two.verify(signed(two, body, signature=nameless))


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


def test_a_key_too_short_for_our_time_believes_nobody() -> None:
    short = generate_private_key(public_exponent=65537, key_size=1024)
    stand, body = a_stand(jwks=key_set(short)), a_body()
    protected = urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": "new-key", "b64": False, "crit": ["b64"]}).encode())
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(protected.rstrip(b"=") + b"." + body, short)
    written = f"{protected.rstrip(b'=').decode()}..{urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    with pytest.raises(BadSignature):
        stand.verify(signed(stand, body, signature=written))


# ------------------------------------------------------------------ keys that change


def test_a_changed_key_is_fetched_once_and_kept() -> None:
    stand = a_stand()
    stand.publisher.answer = key_set(another_key())
    webhook = signed(stand, a_body(), signature=detached(a_body(), another_key()))

    stand.verify(webhook)
    stand.verify(webhook)

    assert stand.publisher.asked == 1
    assert stand.access()["jwks"] == key_set(another_key())
    assert stand.access()["token"] == "testkit-token"


def test_a_key_its_shop_has_withdrawn_is_good_for_a_day_at_most() -> None:
    stand = a_stand(jwks_at=NOON.isoformat())
    stand.publisher.answer = key_set(another_key())
    webhook = signed(stand, a_body())

    stand.publisher.at += timedelta(hours=23)
    stand.verify(webhook)
    assert stand.publisher.asked == 0
    stand.publisher.at += timedelta(hours=1)
    with pytest.raises(BadSignature):
        stand.verify(webhook)

    assert stand.access()["jwks"] == key_set(another_key())
    assert stand.access()["jwks_at"] == stand.publisher.at.isoformat()


@pytest.mark.parametrize("answer", [TryAgain("gone"), Misconfigured("private"), {"keys": []}, {}], ids=repr)
def test_an_old_key_stays_good_while_its_shop_does_not_say(answer: Mapping[str, Any] | Exception) -> None:
    stand = a_stand(jwks_at=NOON.isoformat())
    stand.publisher.answer = answer
    stand.publisher.at += timedelta(days=7)
    webhook = signed(stand, a_body())

    for _ in range(3):
        stand.verify(webhook)
        stand.publisher.at += timedelta(minutes=4)
    assert stand.publisher.asked == 1

    stand.publisher.answer = key_set(another_key())
    with pytest.raises(BadSignature):
        stand.verify(webhook)


def test_a_key_nobody_knows_the_age_of_is_fetched_again() -> None:
    stand = a_stand(jwks_at=None)
    stand.publisher.answer = TESTKIT.jwks()

    for _ in range(2):
        stand.verify(signed(stand, a_body()))

    assert stand.publisher.asked == 1
    assert stand.access()["jwks_at"] == stand.publisher.at.isoformat()


def test_junk_makes_us_ask_a_shop_once_a_minute() -> None:
    stand = a_stand()
    stand.publisher.answer = TESTKIT.jwks()
    junk = signed(stand, a_body(), signature=detached(a_body(), another_key()))

    for _ in range(3):
        with pytest.raises(BadSignature):
            stand.verify(junk)
    assert stand.publisher.asked == 1
    stand.publisher.at += timedelta(seconds=60)
    with pytest.raises(BadSignature):
        stand.verify(junk)
    assert stand.publisher.asked == 2


def test_junk_without_the_shape_of_a_signature_makes_us_ask_nobody() -> None:
    stand = a_stand()

    for signature in ("junk", "", "0" * 64, "a.b.c", "A" * 5000):
        with pytest.raises(BadSignature):
            stand.verify(signed(stand, a_body(), signature=signature))
    assert stand.publisher.asked == 0


def test_a_shop_added_without_keys_learns_them_with_its_first_delivery() -> None:
    stand = a_stand(jwks=None, app_id=None)
    stand.publisher.answer = TESTKIT.jwks()

    assert stand.verify(signed(stand, a_body())).topic == "order_created"
    assert stand.access()["jwks"] == TESTKIT.jwks()


@pytest.mark.parametrize("answer", [TryAgain("gone"), Misconfigured("private"), {"keys": []}, {}], ids=repr)
def test_a_delivery_that_cannot_be_judged_is_asked_for_again(answer: Mapping[str, Any] | Exception) -> None:
    stand = a_stand(jwks=None)
    stand.publisher.answer = answer

    with pytest.raises(TryAgain):
        stand.verify(signed(stand, a_body()))
