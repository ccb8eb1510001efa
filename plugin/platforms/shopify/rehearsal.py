"""How tests and the sandbox play a Shopify shop; nothing in here is real."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import digest
from typing import Any
from uuid import uuid4

from plugin.clock import now
from plugin.domain.shop import Shop
from plugin.ports import RawWebhook

from .config import API_VERSION

NAME = __name__.rpartition(".")[0].rpartition(".")[2]
SECRET = "rehearsal-client-secret"  # noqa: S105


class _Rehearsal:
    """A made-up app and a made-up shop."""

    environ: Mapping[str, str] = {"SHOPIFY_CLIENT_ID": "rehearsal-client-id", "SHOPIFY_CLIENT_SECRET": SECRET}

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
        return shop, {"access_token": "rehearsal-access-token"}

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


REHEARSAL = _Rehearsal()
