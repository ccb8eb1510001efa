"""First stage: a webhook is checked, committed once, and only then answered."""

from datetime import datetime

from plugin.domain.errors import NotInstalled, ShopGone
from plugin.metrics import WEBHOOKS
from plugin.ports import Platform, RawWebhook, Store


def receive(webhook: RawWebhook, platform: Platform, store: Store, *, now: datetime) -> bool:
    """Store a webhook durably; False when it was here before.

    Raises `BadSignature` or `NotInstalled` with nothing stored, `TryAgain` or `StorageDown` when
    the store should send it again.
    """
    try:
        return _received(webhook, platform, store, now=now)
    except ShopGone:  # it was remembered from before its end; now it is not
        return _received(webhook, platform, store, now=now)


def _received(webhook: RawWebhook, platform: Platform, store: Store, *, now: datetime) -> bool:
    try:
        verified = platform.verify(webhook, store.shops)
    except NotInstalled as error:
        if error.address:
            store.knocks.note(platform.name, error.address, advice=error.advice, now=now)
        raise
    is_new = store.inbox.receive(verified, now=now)
    WEBHOOKS.labels(platform.name, "stored" if is_new else "known").inc()
    return is_new
