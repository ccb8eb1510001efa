"""The one subscription that belongs to a shop and not to the app: what carriers say, asked for where a merchant wants it.

Subscriptions of shopify.app.toml are every shop's, and this topic's scope would then be asked of every shop.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from plugin.domain.errors import StoreRefuses, TryAgain
from plugin.domain.kinds import EventKind
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import Permission

from . import scopes
from .access_tokens import serves
from .api import Admin, Answer, Ask
from .carrier_events import KINDS, SCOPE

IS_SUBSCRIBED: Final = "carrier_events"  #: the word of a shop's access that says whether it has the subscription
FORBIDDEN: Final = worded(
    "This app cannot read fulfillments in your store, so it cannot tell when orders are out for delivery or delivered."
)
ALLOW: Final = worded("Allow access to fulfillments")
ALLOW_IT: Final = worded("Open one of the two events on the Events page and allow access there, or switch them off.")


class CarrierSync:
    """Subscribes a shop while either kind is switched on."""

    def __init__(self, public_url: str, platform: str, admin: Admin, *, now: Callable[[], datetime]) -> None:
        self._uri, self._admin, self._now = f"{public_url}/webhooks/{platform}", admin, now

    def sync(self, shop: Shop, access: Mapping[str, Any], settings: ShopSettings) -> Mapping[str, Any]:
        """The word of the access that changed; raises `TryAgain` and `StoreRefuses`. Asks nothing of most shops."""
        is_wanted = wants_carriers(settings)
        if not is_wanted and not access.get(IS_SUBSCRIBED):
            return {}
        if is_wanted and not _may_be_allowed(access):
            raise StoreRefuses(FORBIDDEN, fix=ALLOW_IT)
        if not serves(access, now=self._now()):
            raise TryAgain("This app's access to the shop is to be renewed first.")
        ask = self._admin.of(shop, str(access["access_token"]))
        known = [node.text("id") for node in _answer(ask, "CarrierSubscriptions", {"uri": self._uri}).data
                 .object("webhookSubscriptions").objects("nodes")]  # fmt: skip
        if is_wanted and not known:
            _subscribe(ask, self._uri)
        for number in () if is_wanted else known:
            _answer(ask, "RemoveSubscription", {"id": number})
        return {} if access.get(IS_SUBSCRIBED) is is_wanted else {IS_SUBSCRIBED: is_wanted}


def lacks(kind: EventKind, access: Mapping[str, Any]) -> Permission | None:
    """The scope, for the kinds that need it."""
    if kind not in KINDS.values() or _may_be_allowed(access):
        return None
    return Permission(name=SCOPE, reason=FORBIDDEN, request=ALLOW)


def wants_carriers(settings: ShopSettings) -> bool:
    """Whether the merchant has switched on what carriers tell."""
    routes = settings.table.routes
    return any(kind in routes and routes[kind].enabled for kind in KINDS.values())


def _may_be_allowed(access: Mapping[str, Any]) -> bool:
    """Of a token that a merchant pasted nobody knows what it allows."""
    told = scopes.allowed(access)
    return told is None or SCOPE in told


def _subscribe(ask: Ask, uri: str) -> None:
    """Without the scope Shopify answers that the topic does not exist for this app."""
    if not _answer(ask, "AddCarrierSubscription", {"uri": uri}).data.object("done").object("subscription").text("id"):
        raise StoreRefuses(FORBIDDEN, fix=ALLOW_IT)


def _answer(ask: Ask, name: str, variables: Mapping[str, Any]) -> Answer:
    answer = ask(name, variables)
    if answer.refuses("done"):
        raise StoreRefuses(FORBIDDEN, fix=ALLOW_IT)
    if answer.refusal:
        raise TryAgain(answer.refusal)
    return answer
