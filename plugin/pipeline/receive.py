"""First stage: a webhook is checked, committed once, and only then answered."""

from datetime import datetime, timedelta
from typing import Final

from plugin.domain.errors import NotInstalled, ShopGone, TooMuchWaits
from plugin.metrics import WEBHOOKS
from plugin.ports import Platform, RawWebhook, Store

COME_AGAIN = timedelta(seconds=60)  #: for a store of which too much waits
LONGEST_URGENT: Final = 65_536  #: bytes: a longer body of what is always taken is one like any other


def receive(webhook: RawWebhook, platform: Platform, store: Store, *, now: datetime) -> bool:
    """Store a webhook durably; False when it was here before.

    Raises `BadSignature` or `NotInstalled` with nothing stored, `TryAgain`, `TooMuchWaits` or `StorageDown`
    when the store should send it again.
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
    is_urgent = verified.topic in platform.always_taken and len(verified.body) <= LONGEST_URGENT
    if not store.waiting_room.has_room(verified.shop.id, now=now, is_urgent=is_urgent):
        message = "Too much of this store waits to be read; send it again later."
        raise TooMuchWaits(message, answer=platform.come_again_answer, after=COME_AGAIN)
    is_new = store.inbox.receive(verified, now=now)
    if is_new:
        store.waiting_room.took(verified.shop.id, len(verified.body), now=now)
    WEBHOOKS.labels(platform.name, "stored" if is_new else "known").inc()
    return is_new
