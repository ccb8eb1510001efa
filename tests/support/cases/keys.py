"""A Saleor's signing key, made anew."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS


class Keys:
    """One key, as a Saleor publishes it and signs with it."""

    def __init__(self) -> None:
        self._private = generate_private_key(public_exponent=65537, key_size=2048)
        public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self._private.public_key()))
        # RFC 7638: the digest of the members that make the key, in this order and spelling.
        members = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":")).encode()
        self._id = urlsafe_b64encode(sha256(members).digest()).decode().rstrip("=")
        self._public = {**public, "use": "sig", "kid": self._id, "alg": "RS256"}

    def published(self) -> bytes:
        return json.dumps({"keys": [self._public]}).encode()

    def sign(self, body: bytes) -> str:
        """A detached signature (RFC 7797)."""
        headers = {"b64": False, "crit": ["b64"], "kid": self._id}
        return PyJWS().encode(body, self._private, algorithm="RS256", headers=headers, is_payload_detached=True)
