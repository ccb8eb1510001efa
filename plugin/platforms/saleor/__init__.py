"""Saleor: events of a shop's orders, checkouts and customers, by signed webhooks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint

from plugin import clock
from plugin.config import Settings, Variable
from plugin.domain.carts import CartState
from plugin.domain.errors import Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.hosts import host_of
from plugin.domain.kinds import EventKind
from plugin.domain.notice import Translation
from plugin.domain.payload import Payload
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.ports import AdminEntry, Installation, LookupContext, Permission, RawWebhook, Shops, VerifiedWebhook

from . import complete, install, translate
from .addresses import AddressPolicy, clean
from .api import Api
from .cart_questions import CartQuestions
from .config import ALLOWED_URLS, NAME, allowed_urls
from .ids import global_id
from .keys import KeySets
from .names import ProductNames
from .session import SaleorAdminEntry
from .verify import Verifier
from .webhook_sync import WebhookSync

SAMPLES = Path(__file__).parent / "samples"


class Saleor:
    """Saleor, ready to work."""

    name = NAME
    topics = translate.TOPICS
    kinds = translate.KINDS
    # It never sends again what was answered 4xx; 5xx it repeats.  https://docs.saleor.io/developer/extending/webhooks
    come_again_answer = 503
    always_taken = frozenset({"app_deleted", "account_deleted", "customer_deleted"})
    merchant_says = frozenset({"cart_link", "order_link", "consent_key"})

    def __init__(self, settings: Settings, gate: AddressPolicy, now: Callable[[], datetime]) -> None:
        self._settings, self._address_policy, self._now = settings, gate, now
        self._api = Api(gate)
        self._webhooks = WebhookSync(settings, self._api)
        self._carts, self._names = CartQuestions(self._api), ProductNames(self._api)
        room = settings.unverified_megabytes * 1024 * 1024 // 4  # of what waits at the door, too
        self._verifier = Verifier(KeySets(self._api.key_set, now=now, room=room))
        # Its own, because each asks a shop for new keys once in a while: junk at the door must not delay a delivery.
        self.admin_entry: AdminEntry | None = SaleorAdminEntry(settings, KeySets(self._api.key_set, now=now, room=room))

    def named_shop(self, headers: Mapping[str, str]) -> str:
        try:
            return clean(headers.get("saleor-api-url") or headers.get("x-saleor-api-url") or "")
        except Misconfigured:
            return ""

    def verify(self, webhook: RawWebhook, shops: Shops) -> VerifiedWebhook:
        return self._verifier.verify(webhook, shops)

    def translate(self, topic: str, body: Payload, shop: Shop) -> Translation:
        return translate.translate(topic, body, shop)

    def sample(self, kind: EventKind) -> bytes:
        return (SAMPLES / f"{kind.value}.json").read_bytes()

    def ids_as_written(self, *, customer_ids: Sequence[str], order_ids: Sequence[str]) -> Sequence[str]:
        return [global_id("User", key) for key in customer_ids] + [global_id("Order", key) for key in order_ids]

    def is_installed(self, shop: Shop, shops: Shops) -> bool | None:  # noqa: ARG002  (the shape of a platform)
        """Nothing is asked: what takes the app away is signed with the shop's own key, and names this installation's app."""
        return None

    def shop_number(self, body: Payload) -> str:  # noqa: ARG002  (the shape of a platform)
        """None is needed: each shop signs with a key of its own."""
        return ""

    def complete(self, event: StoreEvent, place: LookupContext) -> StoreEvent:
        return complete.complete(event, place, self._names)

    def look_at_carts(self, carts: Sequence[StoreEvent], place: LookupContext) -> Sequence[CartState]:
        return self._carts.states(carts, place)

    def published_locales(self, place: LookupContext) -> Sequence[str]:  # noqa: ARG002
        """None: its API lists every language that Saleor knows, and tells a translation only to who names its language."""
        return ()

    def clean_address(self, text: str) -> str:
        address = clean(text.strip())
        self._address_policy.admit(address)
        return address

    def own_hosts(self, installation: Installation) -> frozenset[str]:
        """Where its API answered for the token: only the merchant's word says where the storefront is."""
        return frozenset({host_of(installation.shop.address)})

    def access_from_token(self, token: str) -> Mapping[str, Any]:
        """The shop's keys and the app's id are learnt later: the keys with its first delivery."""
        return {"token": token}

    def sync(self, shop: Shop, access: Mapping[str, Any], settings: ShopSettings, trouble: str) -> Mapping[str, Any]:  # noqa: ARG002
        return self._webhooks.sync(access, settings, trouble)

    def lacks(self, kind: EventKind | None, access: Mapping[str, Any]) -> Permission | None:  # noqa: ARG002
        """Nothing: all that the manifest names is allowed with the installation."""
        return None

    def pages(self, shops: Shops) -> Blueprint:
        return install.pages(self._settings, self._address_policy, shops, self._now)


@dataclass(frozen=True, slots=True)
class _Folder:
    name: str = NAME
    variables: tuple[Variable, ...] = (ALLOWED_URLS,)

    def open(self, settings: Settings, environ: Mapping[str, str], *, now: Callable[[], datetime] = clock.now) -> Saleor:
        return Saleor(settings, AddressPolicy(patterns=allowed_urls(environ)), now)


PLATFORM = _Folder()
