"""What a merchant should know at once: accounts that are not sent to, a store that refuses, unread webhooks, silence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from plugin.domain.destination import Health
from plugin.domain.kinds import EventKind
from plugin.domain.settings import ShopSettings
from plugin.domain.silence import unusual_silence
from plugin.ports import Platform, Store

REMEMBERED = timedelta(days=30)  #: what silence is compared with

LATELY = timedelta(minutes=10)  #: a store that was turned away before may send again what it has


class TroubleKind(StrEnum):
    """Kinds of trouble."""

    PAUSED = "paused"  #: SendPulse does not answer as it should: tried again by itself
    NEEDS_MERCHANT = "needs_merchant"  #: nothing leaves until the merchant acts
    DISABLED = "disabled"  #: nothing leaves until the merchant switches it on again
    STORE_REFUSES = "store_refuses"  #: the store's platform does not let this app do a part of its work
    TURNED_AWAY = "turned_away"  #: too much waits to be read: the store is asked to send again later
    UNREADABLE = "unreadable"  #: webhooks failed
    SILENT = "silent"  #: nothing has come for unusually long


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong."""

    what: TroubleKind
    reason: str = ""
    fix: str = ""
    until: datetime | None = None  #: when it is tried again by itself
    since: datetime | None = None
    number: int = 0  #: webhooks, or hours of silence


_OF_HEALTH = {
    Health.OPEN: TroubleKind.PAUSED,
    Health.NEEDS_MERCHANT: TroubleKind.NEEDS_MERCHANT,
    Health.DISABLED: TroubleKind.DISABLED,
}


def troubles(store: Store, shop_id: int, *, now: datetime) -> list[Trouble]:
    """What is wrong with a shop's way from its store to SendPulse, the worst first."""
    accounts = [
        Trouble(what=_OF_HEALTH[account.health], reason=account.reason, fix=account.fix, until=account.paused_until)
        for account in store.deliveries.destinations(shop_id)
        if account.health in _OF_HEALTH
    ]
    found = sorted(accounts, key=lambda trouble: list(_OF_HEALTH.values())[::-1].index(trouble.what))
    found += refusals(store, shop_id, now=now)
    turned_away_at = store.waiting_room.turned_away_at(shop_id)
    if turned_away_at and now - turned_away_at < LATELY:
        found.append(Trouble(what=TroubleKind.TURNED_AWAY, since=turned_away_at))
    if failing := store.statistics.failing_webhooks(shop_id):
        found.append(Trouble(what=TroubleKind.UNREADABLE, number=failing))
    silence = unusual_silence(store.statistics.busy_hours(shop_id, since=now - REMEMBERED), now)
    if silence:
        found.append(Trouble(what=TroubleKind.SILENT, number=int(silence / timedelta(hours=1))))
    return found


def refusals(store: Store, shop_id: int, *, now: datetime) -> list[Trouble]:
    """What the shop's platform does not let us do, and not for a moment only."""
    return [
        Trouble(what=TroubleKind.STORE_REFUSES, reason=refusal.reason, fix=refusal.fix, since=refusal.since)
        for refusal in store.shops.refusals(shop_id)
        if refusal.is_trouble(now)
    ]


def lacks_cart_link(settings: ShopSettings, platform: Platform) -> bool:
    """Whether reminders of carts lead nowhere: only the merchant can say which address opens a cart again, and did not."""
    route = settings.table.routes.get(EventKind.CART_ABANDONED)
    is_on = route is not None and route.enabled
    return is_on and "cart_link" in platform.merchant_says and not settings.store.cart_link
