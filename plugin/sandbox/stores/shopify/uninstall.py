"""What a shop tells the app of the app itself: that its merchant took it away, or allows it more."""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC
from hashlib import sha256
from hmac import digest
from typing import Any, Final
from uuid import uuid4

from plugin.ports import RawWebhook
from plugin.sandbox.courier import Courier, Fired

from .demo_shop import NAME
from .graph import VERSIONS
from .pretend import SCOPES, PretendShopify
from .sender import RETRY_POLICY

TOPIC: Final = "app/uninstalled"
SCOPES_TOPIC: Final = "app/scopes_update"


def uninstall(pretend: PretendShopify, shop: str, courier: Courier) -> Fired:
    """Every token dies, then app/uninstalled is delivered; its body is the shop."""
    pretend.uninstall(shop)
    return _told(pretend, shop, courier, TOPIC, _shop(shop))


def allow(pretend: PretendShopify, shop: str, courier: Courier, scopes: Sequence[str]) -> Fired:
    """The merchant allows these optional scopes; app/scopes_update is delivered."""
    before = pretend.scopes(shop)
    pretend.grant(shop, *dict.fromkeys((*before[len(SCOPES) :], *scopes)))
    body = {
        "id": 1,
        "shop_id": "gid://shopify/Shop/61000000001",
        "previous": list(before),
        "current": list(pretend.scopes(shop)),
    }
    return _told(pretend, shop, courier, SCOPES_TOPIC, body | {"updated_at": pretend.now().isoformat()})


def _told(pretend: PretendShopify, shop: str, courier: Courier, topic: str, told: dict[str, Any]) -> Fired:
    now, body = pretend.now(), json.dumps(told).encode()
    headers = {
        "content-type": "application/json",
        "user-agent": "Shopify-Captain-Hook",
        "x-shopify-topic": topic,
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
        event=topic.replace("/", "_"),
        topic=topic,
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
