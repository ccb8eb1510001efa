"""A shop that installed us, its keys, and the deliveries it could send."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from jwt.api_jws import PyJWS

from plugin.domain.errors import Misconfigured
from plugin.domain.shop import Shop
from plugin.platforms.saleor.keys import KeySets
from plugin.platforms.saleor.testing import APP_ID, TESTKIT
from plugin.platforms.saleor.verify import Verifier
from plugin.ports import RawWebhook, VerifiedWebhook
from tests.support.builders import NOON
from tests.support.fakes import FakeShops

ISSUED = "2026-03-02T09:15:02.000001+00:00"


@dataclass
class Publisher:
    """Where a shop's keys are fetched, and the time it is."""

    answer: Mapping[str, Any] | Exception = field(default_factory=lambda: Misconfigured("nothing is published"))
    asked: int = 0
    at: datetime = NOON

    def fetch(self, address: str) -> Mapping[str, Any]:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Stand:
    shops: FakeShops
    shop: Shop
    publisher: Publisher
    verifier: Verifier

    def verify(self, webhook: RawWebhook) -> VerifiedWebhook:
        return self.verifier.verify(webhook, self.shops)

    def access(self) -> Mapping[str, Any]:
        found = self.shops.find(self.shop.platform, self.shop.address)
        assert found
        return found.access


def a_stand(address: str | None = None, **changed: Any) -> Stand:
    """A shop that installed us; what is None is left out of its access."""
    shop, access = TESTKIT.installation(address)
    shops, publisher = FakeShops(), Publisher()
    kept = {name: value for name, value in {**access, **changed}.items() if value is not None}
    installed = shops.install(shop, kept, now=NOON)
    return Stand(shops, installed, publisher, Verifier(KeySets(publisher.fetch, now=publisher.now)))


def a_body(**changed: Any) -> bytes:
    usual = {"__typename": "OrderCreated", "issuedAt": ISSUED, "recipient": {"id": APP_ID}, "order": {"id": "T3JkZXI6MQ=="}}
    return json.dumps({name: value for name, value in {**usual, **changed}.items() if value is not None}).encode()


def signed(stand: Stand, body: bytes, *, topic: str = "order_created", signature: str | None = None) -> RawWebhook:
    webhook = TESTKIT.webhook(topic, body, stand.shop)
    if signature is None:
        return webhook
    return replace(webhook, headers={**webhook.headers, "saleor-signature": signature, "x-saleor-signature": signature})


@cache
def another_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def a_third_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def key_set(*keys: RSAPrivateKey, kid: str | None = "new-key") -> dict[str, Any]:
    public = [json.loads(RSAAlgorithm.to_jwk(key.public_key())) for key in keys]
    return {"keys": [{**key, "use": "sig", **({"kid": kid} if kid else {})} for key in public]}


def detached(body: bytes, key: RSAPrivateKey, **header: Any) -> str:
    headers = {"b64": False, "crit": ["b64"], "kid": "new-key", **header}
    return PyJWS().encode(body, key, algorithm="RS256", headers=headers, is_payload_detached=True)
