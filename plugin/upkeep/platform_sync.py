"""Telling a shop's platform what was changed here; it fails without harm and is tried again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from plugin.domain.destination import Health
from plugin.domain.errors import GiveUp, Misconfigured, StoreRefuses, TryAgain
from plugin.domain.refusal import Duty, Refusal
from plugin.domain.wording import worded
from plugin.ports import PendingSync, Platform, Store

log = structlog.get_logger()

AT_ONCE = 20  #: shops told in one step
LEASE = timedelta(minutes=3)  #: longer than a platform may take, which answers in bounded time
SOON = timedelta(seconds=1)  #: somebody else has leased the shop's access
LATER = timedelta(minutes=5)
PAUSE = timedelta(seconds=1)  #: between two looks
PASSING = worded("It is tried again every few minutes. Check that your store can be reached from the internet.")


def sync_due(store: Store, platforms: Mapping[str, Platform], *, now: datetime) -> int:
    """Tell the platforms of the shops that are due; how many those were."""
    due = store.platform_sync.due(limit=AT_ONCE, now=now)
    for pending in due:
        store.platform_sync.done(pending, again_at=_sync_one(pending, store, platforms, now))
    return len(due)


def _sync_one(pending: PendingSync, store: Store, platforms: Mapping[str, Platform], now: datetime) -> datetime | None:
    """None when the platform knows now, else when to try again."""
    shop = pending.shop
    platform = platforms.get(shop.platform)
    if platform is None:
        return None
    lease = store.shops.lease_access(shop.id, now=now, lease=LEASE)
    if lease is None:
        return now + SOON
    changed: Mapping[str, object] = {}
    try:
        settings = store.shops.settings(shop.id)
        changed = platform.sync(shop, lease.access, settings, _trouble(store, shop.id))
    except (TryAgain, GiveUp, Misconfigured) as error:
        log.warning("platform not told", shop=shop.id, reason=str(error))
        store.shops.refused(shop.id, _refusal(error, now))
        return now + LATER
    finally:
        store.shops.end_lease(lease, changed)
    store.shops.accepted(shop.id, Duty.SETTLE)
    return None


def _refusal(error: Exception, now: datetime) -> Refusal:
    """What a merchant reads of it: what the platform said when it said no, else that it was not told."""
    reason, fix = worded("This app cannot tell your store's platform what changed here."), PASSING
    if isinstance(error, StoreRefuses):
        reason, fix = error.reason, error.fix
    elif isinstance(error, Misconfigured):
        fix = worded("Tell whoever runs this app: its log says why.")
    return Refusal(duty=Duty.SETTLE, reason=reason, fix=fix, is_final=isinstance(error, GiveUp), since=now)


def _trouble(store: Store, shop_id: int) -> str:
    """What keeps the shop's events from leaving."""
    paused = [account for account in store.deliveries.destinations(shop_id) if account.health is not Health.CLOSED]
    return " ".join(dict.fromkeys(f"{account.reason} {account.fix}".strip() for account in paused))
