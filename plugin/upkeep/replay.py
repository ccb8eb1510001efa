"""Send again: one delivery, or all that match."""

from datetime import datetime

import structlog

from plugin.domain.audit import OPERATOR
from plugin.ports import DeliveryFilter, ReplayStep, Store

log = structlog.get_logger()


def replay(store: Store, wanted: DeliveryFilter, *, now: datetime) -> int:
    """Make every matching delivery due again; what was skipped or held is decided anew. Answers how many.

    For whoever works at the command line. Somebody wants them sent, so accounts that were paused are tried again.
    """
    count = store.log.replay(wanted, who=OPERATOR, now=now)
    store.deliveries.reopen(wanted.shop_id, now=now)
    log.info("replayed", shop=wanted.shop_id, deliveries=count)
    return count


def send_again(store: Store, wanted: DeliveryFilter, *, who: str, now: datetime, address: str = "") -> ReplayStep:
    """The same for the newest that match, as many as the filter's limit, for somebody at our pages."""
    sent = store.log.send_again(wanted, who=who, address=address, now=now)
    if sent.number:
        store.deliveries.reopen(wanted.shop_id, now=now)
        log.info("replayed", shop=wanted.shop_id, deliveries=sent.number)
    return sent
