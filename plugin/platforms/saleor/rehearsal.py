"""A pretend Saleor's part: keys, an installation and signed deliveries, for tests and the sandbox."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

from plugin.domain.shop import Shop
from plugin.ports import RawWebhook

from .config import ALLOWED_URLS, NAME

ADDRESS = "https://demo.saleor.example/graphql/"
APP_ID = "QXBwOjc="  #: App:7, the recipient named in the samples
KEY_ID = "rehearsal-key"


class _Rehearsal:
    environ: Mapping[str, str] = {
        ALLOWED_URLS.name: r"https://demo\.saleor\.example/graphql/ http://(localhost|127\.0\.0\.1):\d+/graphql/",
    }

    def installation(self, address: str | None = None) -> tuple[Shop, Mapping[str, Any]]:
        shop = Shop(id=0, platform=NAME, address=address or ADDRESS, name="Demo", locale="en", currency="USD")
        return shop, {"token": "rehearsal-token", "app_id": APP_ID, "api_url": shop.address, "jwks": self.jwks()}

    def webhook(self, topic: str, body: bytes, shop: Shop, *, key: str | None = None) -> RawWebhook:  # noqa: ARG002
        """Saleor does not name its deliveries: another one is another body, with another `issuedAt`."""
        twins = {
            "saleor-event": topic,
            "saleor-domain": urlsplit(shop.address).netloc,
            "saleor-signature": self.sign(body),
        }
        headers = {
            "user-agent": "Saleor/3.23",
            "accept": "*/*",
            "content-type": "application/json",
            "content-length": str(len(body)),
            **{f"x-{name}": value for name, value in twins.items()},
            **twins,
            "saleor-api-url": shop.address,
        }
        return RawWebhook(headers=headers, body=body)

    def sign(self, body: bytes) -> str:
        """The detached signature over these bytes (RFC 7797)."""
        headers = {"b64": False, "crit": ["b64"], "kid": KEY_ID}
        return PyJWS().encode(body, _key(), algorithm="RS256", headers=headers, is_payload_detached=True)

    def jwks(self) -> dict[str, Any]:
        """The key set the pretend shop publishes at /.well-known/jwks.json."""
        public = json.loads(RSAAlgorithm.to_jwk(_key().public_key()))
        return {"keys": [{**public, "use": "sig", "kid": KEY_ID, "alg": "RS256"}]}


@cache
def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


REHEARSAL = _Rehearsal()
