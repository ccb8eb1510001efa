"""What a shop does when its merchant takes the app away: every token dies, then the app is told."""

import json
from base64 import b64encode
from datetime import UTC
from hashlib import sha256
from hmac import digest
from typing import Any, Final
from uuid import uuid4

from plugin.ports import RawWebhook
from plugin.sandbox.courier import Courier, Fired

from .demo_shop import NAME
from .graph import VERSIONS
from .pretend import PretendShopify
from .sender import RETRY_POLICY

TOPIC: Final = "app/uninstalled"


def uninstall(pretend: PretendShopify, shop: str, courier: Courier) -> Fired:
    """Deliver app/uninstalled; its body is the shop."""
    pretend.uninstall(shop)
    now = pretend.now()
    body = json.dumps(_shop(shop)).encode()
    headers = {
        "content-type": "application/json",
        "user-agent": "Shopify-Captain-Hook",
        "x-shopify-topic": TOPIC,
        "x-shopify-hmac-sha256": b64encode(digest(pretend.id_tokens.client_secret.encode(), body, sha256)).decode(),
        "x-shopify-shop-domain": shop,
        "x-shopify-api-version": VERSIONS[-1],
        "x-shopify-webhook-id": str(uuid4()),
        "x-shopify-event-id": str(uuid4()),
        "x-shopify-triggered-at": now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
    fired = Fired(
        id=courier.next_id(),
        store=NAME,
        shop=shop,
        event="app_uninstalled",
        topic=TOPIC,
        buyer="",
        locale="",
        subject="",
        request=RawWebhook(headers=headers, body=body),
        url=f"{pretend.app_url}/webhooks/{NAME}",
        fired_at=now,
    )
    return courier.send(fired, RETRY_POLICY)


def _shop(shop: str) -> dict[str, Any]:
    return {
        "id": 61000000001,
        "name": "Demo",
        "email": "owner@example.com",
        "domain": shop,
        "myshopify_domain": shop,
        "primary_locale": "en",
        "currency": "EUR",
        "iana_timezone": "Europe/Warsaw",
        "plan_name": "partner_test",
    }
