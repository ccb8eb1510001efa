"""Telling a shop's platform what was changed here; it fails without harm and is tried again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from plugin.domain.destination import Health
from plugin.domain.errors import GiveUp, Misconfigured, StoreRefuses, TryAgain
from plugin.domain.refusal import Duty, Refusal
from plugin.domain.wording import worded
from plugin.ports import PendingSync, Platform, Store

log = structlog.get_logger()

SLOTS = 64  #: platforms told at once; each holds a connection to the database for moments only
FAILING_SLOTS = 16  #: of them, at most, for those that failed the last time: they may hang, and whoever is new must not wait
LEASE = timedelta(minutes=1)  #: longer than a platform may take
LATER = timedelta(minutes=5)
PASSING = worded("The app tries again every few minutes. Check that your store can be reached from the internet.")


class PlatformSyncs:
    """The platforms that this process tells at the same time: a store that hangs delays no other."""

    def __init__(self, store: Store, platforms: Mapping[str, Platform]) -> None:
        self._store, self._platforms = store, platforms
        self._told_now: dict[int, PendingSync] = {}  #: by shop: claimed, and not done yet

    def claim(self, limit: int, *, now: datetime) -> Sequence[PendingSync]:
        """Shops to tell now, no more than `limit`, and never one that is being told; to be called by one thread."""
        claimed = self._due(limit, has_failed=False, now=now)
        failing = sum(pending.has_failed for pending in list(self._told_now.values()))
        if (left := min(limit - len(claimed), FAILING_SLOTS - failing)) > 0:
            claimed += self._due(left, has_failed=True, now=now)
        self._told_now.update({pending.id: pending for pending in claimed})
        return claimed

    def _due(self, limit: int, *, has_failed: bool, now: datetime) -> list[PendingSync]:
        """Without those that are being told: a lease hides them, but for a moment before it and one after."""
        told_now = set(self._told_now)  # before we look: one that ends meanwhile is still seen as it was
        due = self._store.platform_sync.due(limit=limit + len(told_now), has_failed=has_failed, now=now)
        return [pending for pending in due if pending.id not in told_now][:limit]

    def tell(self, pending: PendingSync, *, now: datetime) -> None:
        """Tell the shop's platform, unless somebody else has its access in hand; what fails is due again later."""
        again_at: datetime | None = now + LATER  # after a mistake of ours, too: it is not begun again and again
        try:
            again_at = self._told(pending, now)
        finally:
            try:
                if again_at != pending.seen:
                    self._store.platform_sync.done(pending, again_at=again_at)
            finally:
                self._told_now.pop(pending.id, None)

    def _told(self, pending: PendingSync, now: datetime) -> datetime | None:
        """None when the platform knows now, else when it is due again."""
        shop, store = pending.shop, self._store
        platform = self._platforms.get(shop.platform)
        if platform is None:
            return None
        lease = store.shops.lease_access(shop.id, now=now, lease=LEASE)
        if lease is None:
            return pending.seen  # as it was: that it is leased hides it until then
        changed: Mapping[str, object] = {}
        try:
            changed = platform.sync(shop, lease.access, store.shops.settings(shop.id), _trouble(store, shop.id))
        except (TryAgain, GiveUp, Misconfigured) as error:
            log.warning("platform not told", shop=shop.id, reason=str(error))
            store.shops.refused(shop.id, _refusal(error, now))
            return now + LATER
        finally:
            store.shops.end_lease(lease, changed)
        store.shops.accepted(shop.id, Duty.SETTLE)
        return None


def sync_due(store: Store, platforms: Mapping[str, Platform], *, now: datetime) -> int:
    """Tell the platforms of the shops that are due, one after another; how many those were."""
    syncs = PlatformSyncs(store, platforms)
    due = syncs.claim(SLOTS, now=now)
    for pending in due:
        syncs.tell(pending, now=now)
    return len(due)


def _refusal(error: Exception, now: datetime) -> Refusal:
    """What a merchant reads of it: what the platform said when it said no, else that it was not told."""
    reason, fix = worded("This app could not update its webhooks in your store."), PASSING
    if isinstance(error, StoreRefuses):
        reason, fix = error.reason, error.fix
    elif isinstance(error, Misconfigured):
        fix = worded("Tell whoever runs this app: its log says why.")
    return Refusal(duty=Duty.SETTLE, reason=reason, fix=fix, is_final=isinstance(error, GiveUp), since=now)


def _trouble(store: Store, shop_id: int) -> str:
    """What keeps the shop's events from leaving."""
    paused = [account for account in store.deliveries.destinations(shop_id) if account.health is not Health.CLOSED]
    return " ".join(dict.fromkeys(f"{account.reason} {account.fix}".strip() for account in paused))
