"""Going on with what shops asked to be sent again: no faster than it leaves, so that stopping it keeps the rest back."""

from datetime import datetime, timedelta
from typing import Final

import structlog

from plugin.ports import Store

log = structlog.get_logger()

STEP: Final = 24  #: deliveries at a time: three seconds' worth, at the usual pace
AT_ONCE: Final = 20  #: steps before the next look at what else there is to do
LEASE: Final = timedelta(seconds=30)  #: no step takes as long; a dead worker's job is taken over after it
MOST_TRIES: Final = 10  #: a job whose step fails so often is stopped


def go_on(store: Store, *, now: datetime) -> int:
    """Do a step of each job that is due, the one that waited longest first; how many steps."""
    for done in range(AT_ONCE):
        claimed = store.resends.claim(now=now, lease=LEASE)
        if claimed is None:
            return done
        shop_id = claimed.shop.id
        if claimed.tries > MOST_TRIES:
            store.resends.stop(shop_id, claimed.id, now=now)
            log.error("sending again was stopped", shop=shop_id, tries=claimed.tries)
            continue
        if not claimed.sent:  # somebody wants them sent, so accounts that were paused are tried again
            store.deliveries.reopen(shop_id, now=now)
        pace = timedelta(seconds=STEP / store.shops.settings(shop_id).account.rate_per_second)
        number = store.resends.step(claimed, most=STEP, now=now, again_at=now + pace)
        if number:
            log.info("replayed", shop=shop_id, deliveries=number)
    return AT_ONCE
