"""Saleor's signature: a detached JWS over the raw body, or the older HMAC."""

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from jwt import PyJWK, PyJWTError
from jwt.api_jws import PyJWS
from jwt.utils import base64url_decode, base64url_encode

LONGEST = 4096  #: characters; a real one has about 550

# header..signature: the middle is empty because the body itself is the payload (RFC 7515 appendix F).
_DETACHED = re.compile(r"(?P<header>[A-Za-z0-9_-]+)\.\.(?P<signature>[A-Za-z0-9_-]+)", re.ASCII)
_HEX_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)

_JWS = PyJWS(algorithms=["RS256"], options={"enforce_minimum_key_length": True})


def is_detached_jws(signature: str) -> bool:
    """Whether the text has the shape of a signature made with the shop's key set."""
    return len(signature) <= LONGEST and _DETACHED.fullmatch(signature) is not None


def is_signed(signature: str, body: bytes, key_set: Mapping[str, Any]) -> bool:
    """Whether a key of the set signed exactly these bytes, as RFC 7797 has it: unencoded, RS256 and nothing else."""
    match = _DETACHED.fullmatch(signature) if len(signature) <= LONGEST else None
    # The last letter of base64 has spare bits: only the one spelling that encodes back is taken.
    if not match or not all(_is_canonical(part) for part in match.groups()):
        return False
    header = _json_object(base64url_decode(match["header"]))
    # Without b64=false the empty middle would be the payload, and a customer's token of the same key would do.
    if header.get("b64") is not False or header.get("alg") != "RS256" or header.get("crit") != ["b64"]:
        return False
    key = chosen_key(key_set, header.get("kid"))
    if key is None:
        return False
    try:
        _JWS.decode_complete(signature, key, algorithms=["RS256"], detached_payload=body)
    except (PyJWTError, ValueError, TypeError):
        return False
    return True


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


def chosen_key(key_set: Mapping[str, Any], kid: object) -> PyJWK | None:
    """The key of that id; the only key when the header names none."""
    keys = usable_keys(key_set)
    named = [key for key in keys if key.get("kid") == kid] if kid is not None else keys
    if len(named) != 1:
        return None
    try:
        return PyJWK(named[0], algorithm="RS256")
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None


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
