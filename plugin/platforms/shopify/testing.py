"""How tests and the sandbox play a Shopify shop; nothing in here is real."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import digest
from typing import Any
from uuid import uuid4

from jwt import encode

from plugin.clock import now
from plugin.domain.shop import Shop
from plugin.ports import RawWebhook

from .config import API_VERSION, CLIENT_ID, CLIENT_SECRET, NAME

SECRET = "testkit-client-secret-of-no-real-app"  # noqa: S105


class _TestKit:
    """A made-up app and a made-up shop."""

    environ: Mapping[str, str] = {CLIENT_ID.name: "testkit-client-id", CLIENT_SECRET.name: SECRET}

    def installation(self, address: str | None = None) -> tuple[Shop, Mapping[str, Any]]:
        shop = Shop(
            id=0,
            platform=NAME,
            address=address or "demo.myshopify.com",
            name="Demo",
            link="https://demo.example",
            locale="en",
            timezone="Europe/Warsaw",
            currency="PLN",
        )
        return shop, {"access_token": "testkit-access-token"}

    def webhook(self, topic: str, body: bytes, shop: Shop, *, key: str | None = None) -> RawWebhook:
        """The request with the headers Shopify sends; a new delivery each time unless `key` names one."""
        headers = {
            "content-type": "application/json",
            "user-agent": "Shopify-Captain-Hook",
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": b64encode(digest(SECRET.encode(), body, sha256)).decode(),
            "x-shopify-shop-domain": shop.address,
            "x-shopify-api-version": API_VERSION,
            "x-shopify-webhook-id": key or str(uuid4()),
            "x-shopify-event-id": str(uuid4()),
            "x-shopify-triggered-at": now().isoformat().replace("+00:00", "Z"),
        }
        return RawWebhook(headers=headers, body=body)

    def token(self, shop: Shop, **changed: Any) -> str:
        """The id token App Bridge hands out, good for a minute."""
        return self._signed(shop, SECRET, **changed)

    def wrong_tokens(self, shop: Shop) -> Mapping[str, str]:
        begun = int(now().timestamp()) - 120
        return {
            "empty": "",
            "no token": "not.a.token",
            "unsigned": encode(self._claims(shop), "", algorithm="none"),
            "forged": self._signed(shop, "the-secret-of-somebody-else-entirely"),
            "expired": self.token(shop, iat=begun, nbf=begun, exp=begun + 60),
            "for ever": self.token(shop, exp=None),
            "another app's": self.token(shop, aud="another-client-id"),
            "another shop's": self.token(
                shop, dest="https://nobody-s.myshopify.com", iss="https://nobody-s.myshopify.com/admin"
            ),
            "of two shops": self.token(shop, iss="https://nobody-s.myshopify.com/admin"),
            "of no shop": self.token(shop, dest="https://evil.example", iss="https://evil.example/admin"),
            "nobody's": self.token(shop, sub=None),
        }

    def _signed(self, shop: Shop, secret: str, **changed: Any) -> str:
        claims = {name: claim for name, claim in {**self._claims(shop), **changed}.items() if claim is not None}
        return encode(claims, secret, algorithm="HS256")

    def _claims(self, shop: Shop) -> dict[str, Any]:
        """https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens"""
        begun = int(now().timestamp())
        return {
            "iss": f"https://{shop.address}/admin",
            "dest": f"https://{shop.address}",
            "aud": self.environ[CLIENT_ID.name],
            "sub": "42",
            "exp": begun + 60,
            "nbf": begun,
            "iat": begun,
            "jti": str(uuid4()),
            "sid": "testkit-session",
        }


TESTKIT = _TestKit()
