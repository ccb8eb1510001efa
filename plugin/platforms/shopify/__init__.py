"""Shopify: signed webhooks in the REST shape, and the Admin GraphQL API for what they leave out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from plugin import clock
from plugin.config import Settings, Variable
from plugin.domain.carts import CartState
from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.ports import AdminEntry, Installation, LookupContext, Permission, RawWebhook, Shops, VerifiedWebhook
from plugin.ports.platforms import CART_QUESTION_SECONDS, PAGE_QUESTION_SECONDS

from . import storefront
from .access_tokens import AccessTokens
from .address import shop_domain
from .agreement import contradiction, shop_number
from .api import Admin
from .carrier_sync import CarrierSync, lacks
from .cart_questions import look_at_carts
from .complete import complete
from .config import NAME, VARIABLES, ShopifyConfig, read_config
from .lookups import Lookups
from .own_hosts import own_hosts
from .presence import Presence
from .published import PublishedLocales
from .session import ShopifyAdminEntry
from .token_endpoint import TokenEndpoint
from .translate import KINDS, TRANSLATORS
from .verify import AFTER_LEAVING, Verifier, header

__all__ = ["PLATFORM"]

SAMPLES = Path(__file__).parent / "samples"


class _Shopify:
    """Shopify, ready to work."""

    name = NAME
    topics = frozenset(TRANSLATORS)
    kinds = KINDS
    come_again_answer = 429
    always_taken = AFTER_LEAVING
    merchant_says: frozenset[str] = frozenset()

    def __init__(self, settings: Settings, config: ShopifyConfig, now: Callable[[], datetime]) -> None:
        admin, token_endpoint = Admin(config.admin_url), TokenEndpoint(config)
        self._verifier = Verifier(NAME, config)
        self._access_tokens, self._lookups = AccessTokens(token_endpoint, admin, now=now), Lookups()
        self._quick_access_tokens, for_pages = (
            AccessTokens(TokenEndpoint(config, all_seconds=seconds), admin, now=now, all_seconds=seconds)
            for seconds in (CART_QUESTION_SECONDS, PAGE_QUESTION_SECONDS)
        )
        self._carriers = CarrierSync(settings.public_url, NAME, admin, now=now)
        self._presence = Presence(self._quick_access_tokens.way_into)
        self._published = PublishedLocales(for_pages.way)
        self.admin_entry: AdminEntry | None = ShopifyAdminEntry(NAME, settings, config, token_endpoint, admin)

    def named_shop(self, headers: Mapping[str, str]) -> str:
        return shop_domain(header(headers, "shop-domain"))

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        return self._verifier(webhook, shops)

    def translate(self, topic: str, body: Payload, shop: Shop) -> Translation:
        skip = contradiction(topic, body, shop)
        return Translation(skip=skip) if skip else TRANSLATORS[topic](body, shop)

    def sample(self, kind: EventKind) -> bytes:
        return (SAMPLES / f"{kind.value}.json").read_bytes()

    def ids_as_written(self, *, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """Nothing more: webhooks write the numbers themselves."""
        return ()

    def is_installed(self, shop: Shop, shops: Shops) -> bool | None:
        return self._presence(shop, shops)

    def shop_number(self, body: Payload) -> str:
        return shop_number(body)

    def complete(self, event: StoreEvent, place: LookupContext) -> StoreEvent:
        return complete(event, place, self._access_tokens.way, self._lookups)

    def look_at_carts(self, carts: Sequence[StoreEvent], place: LookupContext) -> Sequence[CartState]:
        return look_at_carts(carts, place, self._quick_access_tokens.way)

    def published_locales(self, place: LookupContext) -> Sequence[str]:
        return self._published(place)

    def clean_address(self, text: str) -> str:
        address = shop_domain(text)
        if address:
            return address
        raise Misconfigured("This is no address of a Shopify shop; it looks like demo.myshopify.com.")

    def own_hosts(self, installation: Installation) -> frozenset[str]:
        return own_hosts(installation)

    def access_from_token(self, token: str) -> Mapping[str, Any]:
        text = token.strip()
        if text and text.isascii() and text.isprintable() and " " not in text:
            return {"access_token": text}
        raise Misconfigured("This is no access token of the Admin API; it is one word and often begins with shpat_.")

    def sync(self, shop: Shop, access: Mapping[str, Any], settings: ShopSettings, trouble: str) -> Mapping[str, Any]:  # noqa: ARG002
        """What carriers tell; all else the app subscribes to for every shop. The admin has no place for an app's troubles."""
        return self._carriers.sync(shop, access, settings)

    def lacks(self, kind: EventKind | None, access: Mapping[str, Any]) -> Permission | None:
        return lacks(kind, access) if kind else storefront.lacks(access)

    def pages(self, shops: Shops) -> None:  # noqa: ARG002  (the shape of a platform)
        return None


class _ShopifyFolder:
    """What this folder offers."""

    name = NAME
    variables: tuple[Variable, ...] = VARIABLES

    def open(self, settings: Settings, environ: Mapping[str, str], *, now: Callable[[], datetime] = clock.now) -> _Shopify:
        return _Shopify(settings, read_config(settings, environ), now)


PLATFORM = _ShopifyFolder()
