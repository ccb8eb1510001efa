"""Whether a webhook is Shopify's, and whose: shopifyapp's HMAC check with its gaps closed."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import structlog
from shopify_app import AppConfig
from shopify_app.verify.webhook import verify_webhook_req

from plugin.domain.errors import BadSignature, NotInstalled
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop
from plugin.ports import RawWebhook, Shops, VerifiedWebhook

from .address import shop_domain
from .config import CLIENT_SECRET, ShopifyConfig

log = structlog.get_logger()

LONGEST_HEADER: Final = 200
LONGEST_ID: Final = 100  #: Shopify's are UUIDs

# These arrive when the shop has already left: shop/redact comes two days after app/uninstalled.
# https://shopify.dev/docs/apps/build/privacy-law-compliance
AFTER_LEAVING: Final = frozenset({"app/uninstalled", "shop/redact", "customers/redact", "customers/data_request"})


class Verifier:
    """Checks webhooks with the operator's client secrets."""

    def __init__(self, platform: str, config: ShopifyConfig) -> None:
        self._platform = platform
        self._app: AppConfig = {
            "client_id": config.client_id,
            "client_secret": config.client_secret,
            "old_client_secret": config.client_secret_old or None,
        }
        self._has_warned = False

    def __call__(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        """The webhook and its shop; raises `BadSignature` or `NotInstalled`."""
        self._check_signature(webhook)
        topic = header(webhook.headers, "topic")
        return VerifiedWebhook(
            shop=self._shop(webhook, topic, shops),
            topic=topic,
            key=_key(header(webhook.headers, "webhook-id"), topic, webhook.body),
            body=webhook.body,
            triggered_at=Payload({"": header(webhook.headers, "triggered-at")}, "headers").when(""),
        )

    def _check_signature(self, webhook: RawWebhook) -> None:
        if not self._app["client_secret"]:  # shopifyapp would take an empty secret for a good one
            self._warn_once()
            raise BadSignature(f"{CLIENT_SECRET.name} is not set, so no webhook of Shopify's can be checked.")
        if not _is_signed(webhook, self._app):
            raise BadSignature("The body does not fit its signature, or there is none.")

    def _warn_once(self) -> None:
        if not self._has_warned:
            self._has_warned = True
            log.warning("shopify_without_secret", variable=CLIENT_SECRET.name)

    def _shop(self, webhook: RawWebhook, topic: str, shops: Shops) -> Shop:
        """Whose it is. The signature covers the body only: the header is no more than something to look up."""
        address = shop_domain(header(webhook.headers, "shop-domain"))
        if not address:
            raise NotInstalled("The webhook names no Shopify shop.", answer=200)
        found = shops.find(self._platform, address)
        if found is None:
            raise NotInstalled("The webhook is of a shop that never installed this app.", answer=200)
        if not found.is_active and topic not in AFTER_LEAVING:
            raise NotInstalled("The webhook is of a shop that has left.", answer=200)
        return found.shop


class _RawBody(str):
    """An empty text that encodes to the body's own bytes.

    shopifyapp takes the body as text, parses it for its log before it checks the signature (deep nesting raises
    RecursionError there, and the log would hold the buyer's data), and then signs `body.encode()`. With this it
    finds nothing to parse or to log, and signs the very bytes that came, UTF-8 or not.
    """

    __slots__ = ("_bytes",)
    _bytes: bytes

    def __new__(cls, body: bytes) -> "_RawBody":
        text = super().__new__(cls)
        text._bytes = body
        return text

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:  # noqa: ARG002  (the shape of str.encode)
        return self._bytes


def _is_signed(webhook: RawWebhook, app: AppConfig) -> bool:
    signature = header(webhook.headers, "hmac-sha256")
    if not signature:  # missing, or not ASCII: compare_digest would raise
        return False
    answer = verify_webhook_req(
        {"method": "POST", "url": "", "headers": {"x-shopify-hmac-sha256": signature}, "body": _RawBody(webhook.body)}, app
    )
    return answer.ok


def header(headers: Mapping[str, str], name: str) -> str:
    """A header of Shopify's with or without its X-, "" when it cannot be one.

    Shopify's newer events leave the X- out.  https://shopify.dev/docs/apps/build/events
    """
    text = headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or ""
    return text.strip() if len(text) <= LONGEST_HEADER and text.isascii() and text.isprintable() else ""


def _key(webhook_id: str, topic: str, body: bytes) -> str:
    """What a delivery is known by: its id, which is not signed, counts only together with what is.

    Retries repeat the same bytes. Without the body whoever sent an id first would have the genuine delivery ignored.
    """
    content = sha256(topic.encode() + bytes(1) + body).hexdigest()
    return f"{webhook_id}:{content}" if 0 < len(webhook_id) <= LONGEST_ID else f"sha256:{content}"
