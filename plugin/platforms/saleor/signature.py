"""Saleor's signature: a detached JWS over the raw body, or the older HMAC."""

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import Any

from jwt import PyJWK, PyJWTError
from jwt.api_jws import PyJWS
from jwt.utils import base64url_decode, base64url_encode

from plugin.turns import giving_way

LONGEST = 4096  #: characters; a real one has about 550
LARGEST_KEY = 8192  #: bits; Saleor's has 2048
LARGEST_EXPONENT = 32  #: bits; Saleor's has 17. What a stranger publishes could cost us tens of milliseconds a check

# header..signature: the middle is empty because the body itself is the payload (RFC 7515 appendix F).
_DETACHED = re.compile(r"(?P<header>[A-Za-z0-9_-]+)\.\.(?P<signature>[A-Za-z0-9_-]+)", re.ASCII)
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)

_JWS = PyJWS(algorithms=["RS256"], options={"enforce_minimum_key_length": True})


class Verdict(Enum):
    """What a key set says of a signature."""

    SIGNED = auto()
    FORGED = auto()  #: it names a key of the set, which did not make it
    UNKNOWN_KEY = auto()  #: it names none of the set


def is_detached_jws(signature: str) -> bool:
    """Whether the text has the shape of a signature made with the shop's key set, as RFC 7797 has it: RS256, unencoded."""
    header = _header(signature)
    # Without b64=false the empty middle would be the payload, and a customer's token of the same key would do.
    is_ours = header.get("b64") is False and header.get("alg") == "RS256" and header.get("crit") == ["b64"]
    return is_ours and isinstance(header.get("kid", ""), str)


def judged(signature: str, body: bytes, key_set: Mapping[str, Any]) -> Verdict:
    """Whether a key of the set signed exactly these bytes; of a signature in the right shape."""
    key_id = _header(signature).get("kid")
    keys = keys_named(key_set, key_id)
    if any(_is_made_by(key, signature, body) for key in giving_way(keys)):
        return Verdict.SIGNED
    # A key's name is its thumbprint (RFC 7638), so the name of a known key never means another one: since 3.15,
    # https://github.com/saleor/saleor/pull/13442
    return Verdict.FORGED if is_known(key_id, keys) else Verdict.UNKNOWN_KEY


def is_hmac(signature: str, body: bytes, secret: str) -> bool:
    """Whether the text is the hex HMAC-SHA256 of these bytes."""
    if not secret or not _HEX_SHA256.fullmatch(signature):
        return False
    return hmac.compare_digest(signature, hmac.digest(secret.encode(), body, "sha256").hex())


def usable_keys(key_set: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The RSA keys of a set that may sign."""
    keys = key_set.get("keys")
    found = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
    return [key for key in found if key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and "d" not in key]


def readable_keys(key_set: Mapping[str, Any]) -> list[PyJWK]:
    """The keys of a set that a signature can be checked with."""
    return [key for key in map(_readable, usable_keys(key_set)) if key]


def keys_named(key_set: Mapping[str, Any], key_id: str | None) -> list[PyJWK]:
    """Every key that may be meant by this name: a set may repeat one, or leave it out."""
    return [key for key in readable_keys(key_set) if key_id is None or key.key_id in (key_id, None)]


def is_known(key_id: str | None, keys: Iterable[PyJWK]) -> bool:
    """Whether one of the keys has this very name: then asking the shop again cannot make a signature good."""
    return key_id is not None and any(key.key_id == key_id for key in keys)


def _readable(key: Mapping[str, Any]) -> PyJWK | None:
    try:
        read = PyJWK(dict(key), algorithm="RS256")
        numbers = read.key.public_numbers()
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None
    is_quick = numbers.n.bit_length() <= LARGEST_KEY and numbers.e.bit_length() <= LARGEST_EXPONENT
    return read if is_quick else None


def _is_made_by(key: PyJWK, signature: str, body: bytes) -> bool:
    try:
        _JWS.decode_complete(signature, key, algorithms=["RS256"], detached_payload=body)
    except (PyJWTError, ValueError, TypeError):
        return False
    return True


def _header(signature: str) -> dict[str, Any]:
    """What the signature says of itself; nothing when it is none."""
    match = _DETACHED.fullmatch(signature) if len(signature) <= LONGEST else None
    # The last letter of base64 has spare bits: only the one spelling that encodes back is taken.
    if not match or not all(_is_canonical(part) for part in match.groups()):
        return {}
    return _json_object(base64url_decode(match["header"]))


def _is_canonical(text: str) -> bool:
    try:
        return base64url_encode(base64url_decode(text)).decode("ascii") == text
    except ValueError:
        return False


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
