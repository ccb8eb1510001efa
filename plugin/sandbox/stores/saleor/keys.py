"""The key one pretend Saleor signs with: its webhooks, and the tokens of its staff."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS


class Keys:
    """One shop's own; another shop has another, so that a token of one is nothing in the other."""

    def __init__(self) -> None:
        self._key = generate_private_key(public_exponent=65537, key_size=2048)
        self._public: dict[str, str] = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        self.id = _thumbprint(self._public)

    def sign(self, body: bytes) -> str:
        """The detached signature over these bytes (RFC 7797)."""
        headers = {"b64": False, "crit": ["b64"], "kid": self.id}
        return PyJWS().encode(body, self._key, algorithm="RS256", headers=headers, is_payload_detached=True)

    def token(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self._key, algorithm="RS256", headers={"kid": self.id})

    def jwks(self) -> dict[str, Any]:
        """The public half, as /.well-known/jwks.json has it."""
        return {"keys": [{**self._public, "use": "sig", "kid": self.id, "alg": "RS256"}]}


def _thumbprint(public: Mapping[str, str]) -> str:
    """RFC 7638, as a running Saleor names its key."""
    thumbprint_input = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"), sort_keys=True)
    return urlsafe_b64encode(sha256(thumbprint_input.encode()).digest()).decode().rstrip("=")
