"""A pretend Saleor's part: keys, an installation and signed deliveries, for tests and the sandbox."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt import encode
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

from plugin.clock import now
from plugin.domain.shop import Shop
from plugin.ports import RawWebhook

from .config import ALLOWED_URLS, NAME

ADDRESS = "https://demo.saleor.example/graphql/"
APP_ID = "QXBwOjc="  #: App:7, the recipient named in the samples
KEY_ID = "testkit-key"


class _TestKit:
    environ: Mapping[str, str] = {
        ALLOWED_URLS.name: r"https://demo\.saleor\.example/graphql/ http://(localhost|127\.0\.0\.1):\d+/graphql/",
    }

    def installation(self, address: str | None = None) -> tuple[Shop, Mapping[str, Any]]:
        shop = Shop(id=0, platform=NAME, address=address or ADDRESS, name="Demo", locale="en", currency="USD")
        keys = {"jwks": self.jwks(), "jwks_at": now().isoformat()}
        return shop, {"token": "testkit-token", "app_id": APP_ID, "api_url": shop.address, **keys}

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

    def token(self, shop: Shop, **changed: Any) -> str:
        """The token a dashboard hands over, good for five minutes, as Saleor 3.23 makes it."""
        return _signed(shop, _key(), KEY_ID, **changed)

    def wrong_tokens(self, shop: Shop) -> Mapping[str, str]:
        begun, elsewhere = int(now().timestamp()) - 600, "https://nobody-s.saleor.example/graphql/"
        return {
            "empty": "",
            "no token": "not.a.token",
            "unsigned": encode(_claims(shop), "", algorithm="none"),
            "signed with the public key": encode(_claims(shop), "n" * 64, algorithm="HS256", headers={"kid": KEY_ID}),
            "forged": _signed(shop, _foreign_key(), KEY_ID),
            "forged with a key of its own": _signed(shop, _foreign_key(), "another-key"),
            "expired": self.token(shop, iat=begun, exp=begun + 300),
            "for ever": self.token(shop, exp=None),
            "another app's": self.token(shop, app="QXBwOjk5"),
            "another shop's": self.token(shop, iss=elsewhere),
            "of no app": self.token(shop, app=None),
            "an access token": self.token(shop, type="access"),
            "of a customer": self.token(shop, is_staff=False),
            "of staff who may not manage apps": self.token(shop, user_permissions=["MANAGE_ORDERS"]),
            "nobody's": self.token(shop, user_id=None),
        }

    def jwks(self) -> dict[str, Any]:
        """The key set the pretend shop publishes at /.well-known/jwks.json."""
        public = json.loads(RSAAlgorithm.to_jwk(_key().public_key()))
        return {"keys": [{**public, "use": "sig", "kid": KEY_ID, "alg": "RS256"}]}


def _signed(shop: Shop, key: RSAPrivateKey, key_id: str, **changed: Any) -> str:
    claims = {name: claim for name, claim in {**_claims(shop), **changed}.items() if claim is not None}
    return encode(claims, key, algorithm="RS256", headers={"kid": key_id})


def _claims(shop: Shop) -> dict[str, Any]:
    begun, permissions = int(now().timestamp()), ["MANAGE_CHECKOUTS", "MANAGE_ORDERS", "MANAGE_USERS"]
    return {
        "iat": begun,
        "owner": "saleor",
        "iss": shop.address,
        "exp": begun + 300,
        "token": "testkit-session",
        "email": "staff@example.com",
        "type": "thirdparty",
        "user_id": "VXNlcjox",
        "is_staff": True,
        "app": APP_ID,
        "permissions": permissions,
        "user_permissions": [*permissions, "MANAGE_APPS"],
    }


@cache
def _foreign_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


TESTKIT = _TestKit()
